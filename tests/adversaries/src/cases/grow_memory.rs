//! Row 3. Door: `start`: grows page by page until it dies for memory over its limit.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("grow_memory")
        .start("(loop $more (drop (memory.grow (i32.const 1))) (br $more)) unreachable", "unreachable")
        .component()
}
