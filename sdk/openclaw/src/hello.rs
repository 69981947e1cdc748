//! The gateway's answer to a good `connect`: who it is and what it granted.

use crate::lenient::Lenient as _;
use serde_json::Value;
use std::time::Duration;

/// What the gateway says of itself and of this connection. Read leniently: every release adds fields, and an older
/// gateway has fewer.
#[derive(Clone, PartialEq)]
pub struct Hello {
    /// 0 if the gateway did not say.
    pub protocol: u64,
    pub server_version: String,
    /// Another one means: the gateway was restarted, and forgot which keys it had seen.
    pub boot_id: Option<String>,
    pub connection_id: String,
    pub role: String,
    /// What was really granted, whatever was asked. None on a gateway that does not say (the older one).
    pub scopes: Option<Vec<String>>,
    /// All that the gateway knows, whether or not the scopes allow it.
    pub methods: Vec<String>,
    pub events: Vec<String>,
    pub has_device_token: bool,
    /// A secret: for [`crate::connect::Auth::DeviceToken`] next time. Inside a sandbox the host has taken it out.
    pub device_token: Option<String>,
    pub tick_interval: Option<Duration>,
    /// The longest frame that the gateway takes, in bytes.
    pub max_payload: Option<u64>,
    /// The largest attachment, and the largest image, in bytes.
    pub max_attachment: Option<u64>,
    pub max_image: Option<u64>,
    pub default_agent: Option<String>,
    /// Presence, health and more, as it came.
    pub snapshot: Value,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("read the hello: expected an object, got {got}; is this an OpenClaw gateway?")]
pub struct BadHello {
    pub got: &'static str,
}

impl Hello {
    /// From the payload of the answer to `connect`.
    ///
    /// # Errors
    /// Only if it is no object.
    pub fn read(payload: &Value) -> Result<Self, BadHello> {
        if !payload.is_object() {
            return Err(BadHello { got: crate::frame::kind(payload) });
        }
        let part = |name: &str| payload.get(name).unwrap_or(&Value::Null);
        let (server, features, auth, policy) =
            (part("server"), part("features"), part("auth"), part("policy"));
        let attachments = policy.get("attachments").unwrap_or(&Value::Null);
        let device_token = auth.owned("deviceToken").filter(|token| !token.is_empty());
        Ok(Self {
            protocol: payload.whole("protocol").unwrap_or(0),
            server_version: server.owned("version").unwrap_or_default(),
            boot_id: server.owned("bootId"),
            connection_id: server.owned("connId").or_else(|| payload.owned("connId")).unwrap_or_default(),
            role: auth.owned("role").unwrap_or_default(),
            scopes: auth.field("scopes").map(|_| auth.texts("scopes")),
            methods: features.texts("methods"),
            events: features.texts("events"),
            has_device_token: device_token.is_some(),
            device_token,
            tick_interval: policy.whole("tickIntervalMs").map(Duration::from_millis),
            max_payload: policy.whole("maxPayload"),
            max_attachment: attachments.whole("maxBytes"),
            max_image: attachments.whole("maxImageBytes"),
            default_agent: payload
                .pointer("/snapshot/sessionDefaults/defaultAgentId")
                .and_then(Value::as_str)
                .map(str::to_owned),
            snapshot: part("snapshot").clone(),
        })
    }

    /// Whether the scope was granted. Admin implies all and write implies read; a gateway that does not tell its
    /// scopes is believed to have granted what was asked.
    pub fn has_scope(&self, scope: &str) -> bool {
        let Some(scopes) = &self.scopes else { return true };
        let has = |wanted: &str| scopes.iter().any(|granted| granted == wanted);
        has(scope) || has("operator.admin") || (scope == "operator.read" && has("operator.write"))
    }
}

/// Without the device token: it is a secret.
impl std::fmt::Debug for Hello {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Hello")
            .field("protocol", &self.protocol)
            .field("server_version", &self.server_version)
            .field("connection_id", &self.connection_id)
            .field("role", &self.role)
            .field("scopes", &self.scopes)
            .field("has_device_token", &self.has_device_token)
            .finish_non_exhaustive()
    }
}
