//! The protocol against what a real gateway said (`tests/recorded`), against the older shapes, and against noise.

mod device;
mod fuzz;
mod history;
mod link;
mod older;
mod policy;
mod recorded;
mod replay;
mod run;
mod words;
