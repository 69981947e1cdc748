//! Row 4. Door: `start`: grows a table until it dies for table elements over its limit.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    Guest::new("grow_table")
        .more("(table $t 1 funcref)")
        .start(
            "(loop $more (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $more)) unreachable",
            "unreachable",
        )
        .component()
}
