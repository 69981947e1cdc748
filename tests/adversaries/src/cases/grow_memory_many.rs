//! Row 3. Door: `start`: four memories (as many as an instance may have) of 15 MiB each, all of it written. Together that
//! is nearly four times the limit of an instance: dies for memory over its limit.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut fill = String::new();
    for memory in ["$a", "$b", "$c", "$d"] {
        fill += &format!(
            "(drop (memory.grow {memory} (i32.const 239)))
            (memory.fill {memory} (i32.const 0x10000) (i32.const 1) (i32.const 15663104))"
        );
    }
    let mut guest = Guest::new("grow_memory_many").first(&fill);
    guest.memory = "(memory $a (export \"memory\") 1) (memory $b 1) (memory $c 1) (memory $d 1)".into();
    guest.component()
}
