//! What is said to people at a terminal. `println!` would panic when nobody listens any more, as in `runtime status | head -1`.
use std::fmt::Arguments;
use std::io::{Write, stderr, stdout};

/// To standard output. Nobody is there to read it: there is nothing left to do.
pub fn out(text: Arguments<'_>) {
    let mut out = stdout().lock();
    if out.write_fmt(text).and_then(|()| out.flush()).is_err() {
        std::process::exit(NOBODY_LISTENS);
    }
}

/// To standard error. What else is to be done is done all the same.
pub fn err(text: Arguments<'_>) {
    let _ = stderr().lock().write_fmt(text);
}

/// As a shell counts an end by SIGPIPE.
const NOBODY_LISTENS: i32 = 141;

/// As `println!`.
macro_rules! out {
    ($($text:tt)*) => { $crate::speak::out(format_args!("{}\n", format_args!($($text)*))) };
}

/// As `print!`.
macro_rules! out_as_is {
    ($($text:tt)*) => { $crate::speak::out(format_args!($($text)*)) };
}

/// As `eprintln!`.
macro_rules! err {
    ($($text:tt)*) => { $crate::speak::err(format_args!("{}\n", format_args!($($text)*))) };
}

/// As `eprint!`.
macro_rules! err_as_is {
    ($($text:tt)*) => { $crate::speak::err(format_args!($($text)*)) };
}
