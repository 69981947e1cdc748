//! Secrets that arrive and come back, on the fake host: the connector sees no more of them than on the real one.

mod arriving;
mod coming_back;
mod device;
