//! Short names for what the macro writes.

use super::bindings::{agent, lifecycle, timers, tools, types, websocket};

pub use agent::exports::connector::runtime::agent_handler::{
    Guest as Agent, Outbound, OutboundError, Receipt, ReplyEvent,
};
pub use lifecycle::exports::connector::runtime::lifecycle::{
    Descriptor, Guest as Lifecycle, Instance, StartError, StopReason,
};
pub use timers::exports::connector::runtime::timers_handler::Guest as Timers;
pub use tools::exports::connector::runtime::tools_handler::{Error as ToolError, Guest as Tools};
pub use types::connector::runtime::types::{Disposition, Event};
pub use websocket::connector::runtime::websocket::Frame;
pub use websocket::exports::connector::runtime::websocket_handler::{CloseReason, Guest as Websocket};
