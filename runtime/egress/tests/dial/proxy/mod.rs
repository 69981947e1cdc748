//! The operator's proxy.
mod far_end;
mod judging;
mod refusals;
mod tunnels;
