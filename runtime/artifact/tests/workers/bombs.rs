//! Components that are small to send and large to compile.
use crate::{AMPLE, engine, tests, wait, workers};
use artifact::{Bounds, Cache, Error, WorkerError};
use std::time::{Duration, Instant};
use wasm_encoder::{
    CodeSection, Component, ConstExpr, DataSection, Function, FunctionSection, InstanceSection,
    InstructionSink, MemorySection, MemoryType, Module, ModuleArg, ModuleSection, TypeSection,
};

tests! {
    a_bomb_of_many_functions_ends_at_the_time_limit
    a_bomb_of_many_functions_ends_at_the_memory_limit
    other_bombs_end_in_an_answer_or_at_a_limit
    while_a_bomb_goes_off_others_are_served
}

fn judged(wasm: Vec<u8>, bounds: Bounds) -> Result<(), WorkerError> {
    let cache = Cache::temporary().unwrap();
    match wait(cache.component(&engine(), wasm, &workers(bounds))) {
        Ok(_) => Ok(()),
        Err(Error::Compile(why)) => Err(why),
        Err(other) => panic!("{other:?}"),
    }
}

fn a_bomb_of_many_functions_ends_at_the_time_limit() {
    let bomb = component(&[&many_functions(300_000)]);
    let begun = Instant::now();
    let why = judged(bomb, Bounds { time: Duration::from_secs(1), ..AMPLE }).unwrap_err();
    assert!(matches!(why, WorkerError::Time(_)), "{why}");
    assert!(begun.elapsed() < Duration::from_secs(15));
}

fn a_bomb_of_many_functions_ends_at_the_memory_limit() {
    let bomb = component(&[&many_functions(300_000)]);
    let why = judged(bomb, Bounds { memory_bytes: 64 << 20, ..AMPLE }).unwrap_err();
    assert!(matches!(why, WorkerError::Memory(_)), "{why}");
}

fn other_bombs_end_in_an_answer_or_at_a_limit() {
    let bounds = Bounds { time: Duration::from_secs(2), memory_bytes: 256 << 20, at_once: 1 };
    let bombs = [
        ("br_table", component(&[&one_function(|code| jump_table(code, 1_000_000))])),
        ("nops", component(&[&one_function(|code| nops(code, 16 << 20))])),
        ("blocks", component(&[&one_function(|code| nested_blocks(code, 100_000))])),
        ("memory", component(&[&one_function(|code| stores(code, 300_000))])),
        ("modules", component(&vec![&Module::new(); 100_000])),
        ("nesting", nested(EMPTY_COMPONENT, 10_000)),
    ];
    for (name, bomb) in bombs {
        let (bytes, begun) = (bomb.len(), Instant::now());
        let judged = judged(bomb, bounds);
        println!(
            "  {name}: {bytes} bytes, {:.1?}: {:.200}",
            begun.elapsed(),
            match &judged {
                Ok(()) => "compiled".to_owned(),
                Err(why) => why.to_string(),
            }
        );
        assert!(!matches!(judged, Err(WorkerError::Start(_) | WorkerError::Output(_))));
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

fn while_a_bomb_goes_off_others_are_served() {
    let bomb = component(&[&many_functions(300_000)]);
    let workers = workers(Bounds { time: Duration::from_secs(3), at_once: 2, ..AMPLE });
    wait(async {
        let bomb = workers.run(&["compile"], &bomb, 1 << 30);
        let others = async {
            for _ in 0..5 {
                workers.run(&["compile"], &worker_sized(), 1 << 20).await.unwrap();
            }
        };
        tokio::select! {
            biased;
            () = others => {}
            done = bomb => panic!("it was to last: {done:?}"),
        }
    });
}

const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// With these modules in it, none of them instantiated.
pub fn component(modules: &[&Module]) -> Vec<u8> {
    let mut component = Component::new();
    for module in modules {
        component.section(&ModuleSection(module));
    }
    component.finish()
}

/// That fills a memory when it is instantiated.
pub fn filled() -> Vec<u8> {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 4,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(1000), vec![7; 200_000]);
    let mut module = Module::new();
    module.section(&memories).section(&data);
    let mut instances = InstanceSection::new();
    instances.instantiate(0, Vec::<(&str, ModuleArg)>::new());
    let mut component = Component::new();
    component.section(&ModuleSection(&module)).section(&instances);
    component.finish()
}

/// About as much as a connector.
pub fn worker_sized() -> Vec<u8> {
    component(&[&many_functions(200)])
}

fn many_functions(count: u32) -> Module {
    functions(count, |code| {
        for round in 0..4 {
            code.local_get(0).i32_const(round).i32_add().local_tee(0).local_get(0).i32_mul().local_set(0);
        }
    })
}

fn one_function(body: impl Fn(&mut InstructionSink<'_>)) -> Module {
    functions(1, body)
}

fn functions(count: u32, body: impl Fn(&mut InstructionSink<'_>)) -> Module {
    let (mut types, mut declared, mut code) =
        (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([wasm_encoder::ValType::I32], []);
    for _ in 0..count {
        declared.function(0);
        let mut function = Function::new([]);
        let mut sink = function.instructions();
        body(&mut sink);
        sink.end();
        code.function(&function);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&types).section(&declared).section(&memories).section(&code);
    module
}

fn nops(code: &mut InstructionSink<'_>, count: u32) {
    for _ in 0..count {
        code.nop();
    }
}

fn jump_table(code: &mut InstructionSink<'_>, targets: u32) {
    use wasm_encoder::BlockType::Empty;
    for _ in 0..100 {
        code.block(Empty);
    }
    code.local_get(0).br_table((0..targets).map(|target| target % 100), 0);
    for _ in 0..100 {
        code.end();
    }
}

fn nested_blocks(code: &mut InstructionSink<'_>, depth: u32) {
    use wasm_encoder::BlockType::Empty;
    for _ in 0..depth {
        code.loop_(Empty);
    }
    for _ in 0..depth {
        code.local_get(0).br_if(0).end();
    }
}

fn stores(code: &mut InstructionSink<'_>, count: u32) {
    for at in 0..count {
        let place = wasm_encoder::MemArg { offset: at.into(), align: 0, memory_index: 0 };
        code.local_get(0).local_get(0).i32_load(place).i32_store(place);
    }
}

/// A component in a component in a component.
fn nested(core: &[u8], depth: u32) -> Vec<u8> {
    use wasm_encoder::Encode;
    let mut wasm = core.to_vec();
    for _ in 0..depth {
        let mut outer = EMPTY_COMPONENT.to_vec();
        outer.push(wasm_encoder::ComponentSectionId::Component.into());
        wasm.as_slice().encode(&mut outer);
        wasm = outer;
    }
    wasm
}
