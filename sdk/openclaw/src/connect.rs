//! The handshake's first half: the gateway's challenge and the `connect` request that answers it.

use crate::device;
use crate::lenient::Lenient as _;
use serde_json::{Map, Value, json};

pub use crate::hello::{BadHello, Hello};

/// The protocols we speak. The gateway refuses an operator whose range lacks its own (4 today).
pub const OLDEST_PROTOCOL: u64 = 3;
pub const NEWEST_PROTOCOL: u64 = 4;

/// A nonce is a UUID (36 characters). More than this is not one, and would go into what we sign.
const NONCE_CHARS: usize = 256;

/// Who connects. The gateway keeps `platform` and `device_family` with the device: a later connect with other values
/// needs an operator's approval again (`metadata-upgrade`), so never derive them from the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// One of the gateway's own names, such as `gateway-client`; a free name is refused.
    pub id: String,
    /// One of the gateway's own modes, such as `backend`.
    pub mode: String,
    /// Ours, free.
    pub version: String,
    pub platform: String,
    pub device_family: Option<String>,
    /// What operators see in their list of devices.
    pub display_name: Option<String>,
    pub instance_id: Option<String>,
}

impl Client {
    /// A service that speaks for others: `gateway-client` in mode `backend`. The platform is the constant `linux`,
    /// wherever we run, so that moving does not cost an approval.
    pub fn backend(version: impl Into<String>) -> Self {
        Self {
            id: "gateway-client".into(),
            mode: "backend".into(),
            version: version.into(),
            platform: "linux".into(),
            device_family: None,
            display_name: None,
            instance_id: None,
        }
    }
}

/// Which secret logs us in. The frame holds an empty string at [`Auth::pointer`]; the secret's holder fills it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    None,
    /// The gateway's shared token.
    Token,
    /// What an earlier hello gave this device.
    DeviceToken,
    Password,
}

impl Auth {
    /// Where in the connect frame the secret goes, as a JSON pointer.
    pub fn pointer(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Token => Some("/params/auth/token"),
            Self::DeviceToken => Some("/params/auth/deviceToken"),
            Self::Password => Some("/params/auth/password"),
        }
    }

    /// Whether the secret is part of what the device signs.
    pub(crate) fn is_signed(self) -> bool {
        matches!(self, Self::Token | Self::DeviceToken)
    }

    fn key(self) -> Option<&'static str> {
        self.pointer().and_then(|pointer| pointer.rsplit('/').next())
    }
}

/// What we ask of the gateway. What it granted stands in [`Hello::scopes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub client: Client,
    /// `operator` for everything in this crate.
    pub role: String,
    pub scopes: Vec<String>,
    /// Such as [`Wish::SESSION_SCOPED`].
    pub caps: Vec<String>,
    pub auth: Auth,
}

impl Wish {
    /// With it, events of a run arrive only for sessions subscribed to with `sessions.messages.subscribe`.
    pub const SESSION_SCOPED: &str = "session-scoped-events";
    /// Without it no tool calls are seen.
    pub const TOOL_EVENTS: &str = "tool-events";

    /// An operator with these scopes and no capabilities.
    pub fn operator(client: Client, scopes: &[&str], auth: Auth) -> Self {
        let scopes = scopes.iter().map(|scope| scope.to_string()).collect();
        Self { client, role: "operator".into(), scopes, caps: Vec::new(), auth }
    }
}

/// The gateway's first event: sign its nonce and its time, which we send back as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    pub nonce: String,
    /// Milliseconds since 1970 by the gateway's clock.
    pub ts: u64,
}

impl Challenge {
    /// The payload of `connect.challenge`. None if its nonce can't be signed safely (missing, too long, with control
    /// characters or with the separator of the signed text). An older gateway may give no time: it is 0 then.
    pub fn read(payload: &Value) -> Option<Self> {
        let nonce = payload.text("nonce")?;
        let usable = !nonce.is_empty()
            && nonce.chars().count() <= NONCE_CHARS
            && !nonce.chars().any(|letter| letter == '|' || letter.is_control());
        usable.then(|| Self { nonce: nonce.to_owned(), ts: payload.whole("ts").unwrap_or(0) })
    }
}

/// The device's proof. Sign [`device::Signing::parts`] of the same wish and challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub public_key: [u8; 32],
    /// Ed25519.
    pub signature: [u8; 64],
}

/// The `connect` request. Without a device the gateway grants no scopes to most clients. The secret's place
/// ([`Auth::pointer`]) holds an empty string.
pub fn frame(id: &str, wish: &Wish, device: Option<&Device>, challenge: &Challenge) -> Value {
    let mut params = json!({
        "minProtocol": OLDEST_PROTOCOL,
        "maxProtocol": NEWEST_PROTOCOL,
        "client": client(&wish.client),
        "role": wish.role,
        "scopes": wish.scopes,
        "caps": wish.caps,
    });
    if let Some(key) = wish.auth.key() {
        params["auth"] = json!({ key: "" });
    }
    if let Some(device) = device {
        params["device"] = json!({
            "id": device::id(&device.public_key),
            "publicKey": device::encoded(&device.public_key),
            "signature": device::encoded(&device.signature),
            "signedAt": challenge.ts,
            "nonce": challenge.nonce,
        });
    }
    json!({ "type": "req", "id": id, "method": "connect", "params": params })
}

/// Only what is set: the gateway's schema is closed and knows no null.
fn client(client: &Client) -> Value {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Value::from(value.as_str()));
        }
    };
    set("id", Some(&client.id));
    set("version", Some(&client.version));
    set("platform", Some(&client.platform));
    set("mode", Some(&client.mode));
    set("deviceFamily", client.device_family.as_ref());
    set("displayName", client.display_name.as_ref());
    set("instanceId", client.instance_id.as_ref());
    Value::Object(fields)
}
