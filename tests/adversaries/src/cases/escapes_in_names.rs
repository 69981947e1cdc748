//! Rows 7 and 9. Door: the compiler: a core module exports the same name twice, and the name clears the screen and
//! begins a line of its own. Refused, and what is said of it has no control character but the ends of its own lines.
use crate::guest::with_module;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let name = r"\1b[2J\0a\0dERROR all secrets were revoked\1b]0;owned\07";
    let export = format!("(export \"{name}\" (func $f))");
    let text = format!("(module (func $f) {export} {export})");
    with_module("escapes_in_names", &text)
}
