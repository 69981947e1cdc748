use crate::{CASES, INVALID, neighbour, well_behaved};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use wasmparser::{Validator, WasmFeatures};

/// What our engine takes: as `engine` lists it, which tests cannot ask without building it.
fn features() -> WasmFeatures {
    let off = WasmFeatures::GC
        | WasmFeatures::GC_TYPES
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::THREADS
        | WasmFeatures::MEMORY64
        | WasmFeatures::FUNCTION_REFERENCES
        | WasmFeatures::RELAXED_SIMD;
    (WasmFeatures::WASM3 & !off) | WasmFeatures::COMPONENT_MODEL | WasmFeatures::CM_ASYNC
}

/// Why it is no valid component.
fn fault(bytes: &[u8]) -> Option<String> {
    if !bytes.starts_with(crate::bytes::PREAMBLE) {
        return Some("not a component".into());
    }
    Validator::new_with_features(features()).validate_all(bytes).err().map(|error| error.to_string())
}

#[test]
fn the_template_is_valid() {
    assert_eq!(fault(&neighbour().unwrap()), None);
    assert_eq!(fault(&well_behaved().unwrap()), None);
}

/// The validator itself takes minutes for one, and its stack for the other.
const NOT_VALIDATED: &[&str] = &["deeply_nested_components", "deep_types"];

#[test]
fn every_case_can_be_made_and_is_as_valid_as_it_says() {
    let mut wrong = Vec::new();
    for (name, make) in CASES {
        let begun = Instant::now();
        let bytes = make().unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(5), "{name} took {took:?}");
        let most = if *name == "over_the_file_limit" { 66 } else { 64 };
        assert!(bytes.len() <= most << 20, "{name} has {} bytes", bytes.len());
        if NOT_VALIDATED.contains(name) {
            continue;
        }
        let fault = fault(&bytes);
        if fault.is_some() != INVALID.contains(name) {
            wrong.push(format!("{name}: {fault:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<&str> = CASES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), CASES.len());
}
