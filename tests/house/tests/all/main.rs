//! The whole house: the real `runtime` as a process, real sockets, components built from this tree.
mod config;
mod control;
mod crash;
mod deadletters;
mod durable;
mod limits;
mod order;
mod orders;
mod path;
mod restart;
mod secrets;
mod setup;
mod trappers;
mod workspaces;
