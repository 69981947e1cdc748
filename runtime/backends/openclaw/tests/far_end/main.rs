//! The backend against a scripted gateway, over loopback, with a real key ring.
mod asked;
mod crashed;
mod cut;
mod lies;
mod paired;
mod raw;
mod said;
mod support;
mod unsaid;
