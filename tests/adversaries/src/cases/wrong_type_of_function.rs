//! Row 7. Door: the linking: `lifecycle.describe` answers a text. Refused, and the function is named.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("wrong_type_of_function");
    guest.swap = ("describe: func() -> descriptor;", "describe: func() -> string;");
    guest.component()
}
