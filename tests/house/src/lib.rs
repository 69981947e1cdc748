//! The whole-house tests: the real `runtime` against real far ends. All of them are in `tests/all`, one binary.
