//! The servers as their clients see them: a good one, which is the library's own, and those that no good one is like.
mod by_lines;
mod client;
mod hostile;
mod quiet;
mod raw;
mod tools;
