//! The one unsafe call of the house.
#![allow(unsafe_code)]
use wasmtime::component::Component;
use wasmtime::{Engine, Result};

/// Loads machine code. Call it only with what [`Key::open`](crate::seal::Key::open) let through.
pub fn trusted(engine: &Engine, code: &[u8]) -> Result<Component> {
    // SAFETY: `deserialize` needs bytes that `Component::serialize` of a compatible engine wrote. The caller has
    // checked their MAC, whose key only this state directory's owner can read, so we wrote them; and wasmtime itself
    // checks the engine's version and settings.
    unsafe { Component::deserialize(engine, code) }
}
