//! A connector that shows all that it sees.

use sdk::crypto::{self, Class, Kind, Part};
use sdk::http::{Request, Response};
use sdk::testing::{Driver, FakeHost};
use sdk::websocket::{self, Frame};
use sdk::{
    Connector, Descriptor, Disposition, Event, Instance, JsonTest, Place, SecretRequest, StartError, State,
    tools,
};
use serde_json::{Value, json};

/// Is paired over a request or a socket, and shows all that it sees.
pub(crate) struct Device {
    frames: State<Vec<Frame>>,
}

#[derive(serde::Deserialize)]
pub(crate) struct Config {
    #[serde(rename = "hubUrl", default)]
    hub_url: Option<String>,
}

const HUB: &str = "https://hub.test";

impl Connector for Device {
    type Config = Config;

    fn describe() -> Descriptor {
        let paired = vec![JsonTest::new("/type", "paired")];
        let token = SecretRequest::arrives("token")
            .capture_when("{hubUrl:ws}/agent", Place::json("/auth/token"), paired.clone())
            .capture_when("POST {hubUrl}/v1/*/pair", Place::json("/token"), paired)
            .capture("{hubUrl}/v1/renew", Place::header("x-token"))
            .signs("device");
        Descriptor::new("device", "Device", "1.0.0").secret(token).config(json!({
            "type": "object",
            "additionalProperties": false,
            "properties": { "hubUrl": { "type": "string", "default": HUB } },
        }))
    }

    async fn start(_: Instance, config: Config) -> Result<Self, StartError> {
        crypto::ensure("device", Kind::Ed25519, Class::Identity).await?;
        let hub = config.hub_url.unwrap_or(HUB.into()).replacen("http", "ws", 1);
        websocket::subscribe("agent", &format!("{hub}/agent"), Default::default())?;
        websocket::subscribe("other", &format!("{hub}/other"), Default::default())?;
        Ok(Device { frames: State::default() })
    }
}

impl websocket::Handler for Device {
    async fn on_message(&self, _: Event, _: String, frame: Frame) -> Disposition {
        self.frames.with(|frames| frames.push(frame));
        Disposition::Done
    }
}

impl tools::Handler for Device {
    async fn call(&self, _: Event, name: String, url: tools::Arguments) -> Result<Value, tools::Error> {
        if name == "sign" {
            let signed = crypto::sign("device", [Part::secret("token")]).await;
            return Ok(json!(signed.ok()));
        }
        let answer = Request::new(name, url.parse::<String>()?).send().await.unwrap();
        Ok(json!([answer.text(), answer.header("x-token"), answer.header("content-length")]))
    }
}

sdk::connector!(Device: websocket, tools);

impl Seen for Driver<Device> {
    fn frame(&self, name: &str, frame: impl Into<Frame>) -> Frame {
        self.receives(name, frame).answer();
        self.connector().frames.with(|frames| frames.pop()).unwrap()
    }

    fn answer(&self, method: &str, url: &str) -> Value {
        self.calls(method, json!(url)).answer().unwrap()
    }

    fn signs(&self, host: &FakeHost, value: &str) -> bool {
        let signature: Vec<u8> = serde_json::from_value(self.answer("sign", "")).unwrap();
        let public = host.held_key("device").unwrap().public.unwrap();
        crypto::verify(&public, value.as_bytes(), &signature).unwrap()
    }
}

/// What the connector sees.
pub(crate) trait Seen {
    fn frame(&self, name: &str, frame: impl Into<Frame>) -> Frame;
    fn answer(&self, method: &str, url: &str) -> Value;
    fn signs(&self, host: &FakeHost, value: &str) -> bool;
}

pub(crate) fn device(host: &FakeHost) -> Driver<Device> {
    Driver::start(host, json!({})).unwrap()
}

pub(crate) fn paired(token: &str) -> Value {
    json!({ "type": "paired", "token": token })
}

pub(crate) fn answer(headers: &[(&str, &str)], body: &str) -> Response {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    let headers = headers.iter().map(header).collect();
    Response { status: 200, headers, body: body.into(), url: String::new() }
}
