//! How it stands with the gateway, for whoever waits for it and for the operator.
use crate::connection::Connected;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) enum Situation {
    /// Why the last try failed, if there was one.
    Connecting(Option<String>),
    Connected(Arc<Connected>),
    /// Somebody at the gateway has to approve this device.
    AwaitsApproval {
        request: Option<String>,
        device: String,
        reason: String,
    },
    /// The gateway does not want us as we are configured.
    Refused(String),
}

impl Situation {
    pub fn state(&self) -> &'static str {
        match self {
            Self::Connecting(None) => "connecting",
            Self::Connecting(Some(_)) => "away",
            Self::Connected(_) => "connected",
            Self::AwaitsApproval { .. } => "awaits-approval",
            Self::Refused(_) => "refused",
        }
    }

    pub fn as_json(&self) -> Value {
        let mut json = json!({ "state": self.state(), "detail": self.to_string() });
        match self {
            Self::Connected(connected) => {
                json["gateway_version"] = connected.hello.server_version.clone().into();
                json["connection"] = connected.hello.connection_id.clone().into();
            }
            Self::AwaitsApproval { request, device, reason } => {
                json["request"] = request.clone().into();
                json["device"] = device.clone().into();
                json["reason"] = reason.clone().into();
            }
            Self::Connecting(_) | Self::Refused(_) => {}
        }
        json
    }
}

/// What it is, and what to do about it.
impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting(None) => f.write_str("connecting to the gateway"),
            Self::Connecting(Some(why)) => write!(f, "no connection to the gateway: {why}"),
            Self::Connected(connected) => {
                write!(f, "connected to gateway {}", connected.hello.server_version)
            }
            Self::AwaitsApproval { request, device, reason } => {
                let device = device.get(..16).unwrap_or(device);
                write!(f, "the gateway wants this device approved ({reason}, device {device}…): ")?;
                match request {
                    Some(request) => write!(f, "run `openclaw devices approve {request}` where the gateway runs"),
                    None => f.write_str("run `openclaw devices list` where the gateway runs, then `openclaw devices approve <request>`"),
                }
            }
            Self::Refused(why) => write!(f, "the gateway refuses us: {why}"),
        }
    }
}
