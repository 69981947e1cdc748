//! Components and core modules put together byte by byte, where an encoder would refuse or be slow.
use anyhow::{Context, bail};

/// Before the first section of a component.
pub const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";

/// Ids of a component's sections.
pub const MODULE: u8 = 1;
pub const COMPONENT: u8 = 4;
pub const INSTANCES: u8 = 5;
pub const TYPES: u8 = 7;
pub const IMPORTS: u8 = 10;
const CORE_INSTANCES: u8 = 2;

/// LEB128.
pub fn number(value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_number(value, &mut bytes);
    bytes
}

pub fn push_number(mut value: usize, to: &mut Vec<u8>) {
    while value > 0x7f {
        to.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

pub fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [&[id], &*number(body.len()), body].concat()
}

/// As many as `items` says, then these.
pub fn list(count: usize, items: &[u8]) -> Vec<u8> {
    [&*number(count), items].concat()
}

/// A component of these sections.
pub fn whole(sections: &[Vec<u8>]) -> Vec<u8> {
    [PREAMBLE, &sections.concat()].concat()
}

pub fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0", &*sections.concat()].concat()
}

/// A module of functions without parameters and results. A body begins with its locals and ends with `end`.
pub fn functions(bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut code = Vec::new();
    for body in bodies {
        push_number(body.len(), &mut code);
        code.extend_from_slice(body);
    }
    let types = section(1, &list(1, &[0x60, 0, 0]));
    let declared = section(3, &list(bodies.len(), &vec![0; bodies.len()]));
    module(&[types, declared, section(10, &list(bodies.len(), &code))])
}

/// A further core module behind a component's end, and so many instances of it. It may import nothing.
pub fn add_module(component: &mut Vec<u8>, module: &[u8], instances: usize) -> anyhow::Result<()> {
    let index = count(component, MODULE)?;
    component.extend(section(MODULE, module));
    if instances > 0 {
        component.extend(section(CORE_INSTANCES, &instantiations(index, instances)));
    }
    Ok(())
}

/// A component inside, behind the end, and so many instances of it. It may import nothing.
pub fn add_component(component: &mut Vec<u8>, inner: &[u8], instances: usize) -> anyhow::Result<()> {
    let index = count(component, COMPONENT)?;
    component.extend(section(COMPONENT, inner));
    component.extend(section(INSTANCES, &instantiations(index, instances)));
    Ok(())
}

/// The body of a section with instances of a core module or of a component, without arguments.
pub fn instantiations(of: usize, count: usize) -> Vec<u8> {
    let one = [&[0], &*number(of), &[0]].concat();
    list(count, &one.repeat(count))
}

/// How many sections of this kind stand at the top: the next free index of modules and components, as the encoder
/// takes neither from outside.
fn count(component: &[u8], wanted: u8) -> anyhow::Result<usize> {
    let mut rest = component.strip_prefix(PREAMBLE).context("not a component")?;
    let mut found = 0;
    while let Some((id, after)) = rest.split_first() {
        found += usize::from(*id == wanted);
        let (length, used) = read_number(after)?;
        rest = after.get(used + length..).context("a section ends behind the file")?;
    }
    Ok(found)
}

fn read_number(from: &[u8]) -> anyhow::Result<(usize, usize)> {
    let mut value = 0;
    for (nth, byte) in from.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * nth);
        if byte & 0x80 == 0 {
            return Ok((value, nth + 1));
        }
    }
    bail!("not a number")
}
