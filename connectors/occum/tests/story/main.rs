//! The connector on a fake host: what it does, told as stories.

mod catching_up;
mod connecting;
mod dying;
mod hearing;
mod looking;
mod places;
mod platform;
mod replying;
mod sending;
mod setup;
mod starting;
mod tooling;
mod working;
