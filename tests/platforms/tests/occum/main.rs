//! The occum platform, through real clients.

mod client;
mod faults;
mod record;
mod rest;
mod socket;
