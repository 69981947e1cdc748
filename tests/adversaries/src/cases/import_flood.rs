//! Row 7. Door: the linking: 990 imports with names of 30 KB, 30 MB together. Refused, and what is said of it is short.
use crate::bytes::{IMPORTS, TYPES, list, push_number, section, whole};

pub fn component() -> anyhow::Result<Vec<u8>> {
    const COUNT: usize = 990;
    let mut imports = Vec::new();
    let padding = "x".repeat(30_000);
    for nth in 0..COUNT {
        let name = format!("evil:{padding}/i{nth}@0.1.0");
        imports.push(0);
        push_number(name.len(), &mut imports);
        imports.extend(name.bytes());
        // An instance of the first type, which has nothing in it.
        imports.extend([5, 0]);
    }
    Ok(whole(&[section(TYPES, &list(1, &[0x42, 0])), section(IMPORTS, &list(COUNT, &imports))]))
}
