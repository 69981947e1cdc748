//! The backend against a server of its own, over loopback.
mod asked;
mod broken;
mod refused;
mod said;
mod support;
mod unsaid;
