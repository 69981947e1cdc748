//! Rows 19 to 23 of the adversarial cases, over loopback.
mod authority;
mod certificates;
mod environment;
mod errors;
mod families;
mod names;
mod pins;
mod proxy;
mod ranges;
mod support;
mod time;
mod tls;
