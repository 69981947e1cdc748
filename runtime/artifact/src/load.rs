//! The one unsafe call of the house.
#![allow(unsafe_code)]
use crate::seal::Authentic;
use wasmtime::component::Component;
use wasmtime::{Engine, Result};

/// Loads machine code. The caller opened it for [`Purpose::Code`](crate::seal::Purpose::Code).
pub fn trusted(engine: &Engine, code: Authentic<'_>) -> Result<Component> {
    // SAFETY: `deserialize` needs bytes that `Component::serialize` or `Engine::precompile_component` of a compatible
    // engine wrote. Their MAC was checked, whose key only this state directory's owner can read, and it is put only on
    // what our own compiler child answered; and wasmtime itself checks the engine's version and settings.
    unsafe { Component::deserialize(engine, code.bytes()) }
}
