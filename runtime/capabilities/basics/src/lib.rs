//! The small rooms, which need no library of their own: `log`, `publish`, `status`, `timers`, `secrets`,
//! `tools`.
pub mod log;
pub mod publish;
pub mod secrets;
pub mod status;
pub mod timers;
pub mod tools;
