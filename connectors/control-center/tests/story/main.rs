//! The connector on a fake host, fed with what a real gateway said: what it does, told as stories.

mod changing;
mod gateway;
mod hostile;
mod logging_in;
mod picturing;
mod recorded;
mod refused;
mod restarting;
mod starting;
mod tooling;
mod waiting;
