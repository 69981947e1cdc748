//! Between the SDK's shapes and the drivers'; in the runtime, the rooms and wit-bindgen do this.
use anyhow::Context;
use ports::json_test::JsonTest;
use ports::reach::CheckedUrl;
use ports::secret::{At, Fill, Form};
use room_http::driver as http;
use room_websocket::driver as socket;
use sdk::websocket::{CloseReason, Options};
use std::time::Duration;

pub fn at(place: sdk::Place) -> At {
    match place {
        sdk::Place::Header(name) => At::Header(name.to_ascii_lowercase()),
        sdk::Place::Query(key) => At::Query(key),
        sdk::Place::Json(pointer) => At::Json(pointer),
    }
}

pub fn json_test(test: sdk::JsonTest) -> JsonTest {
    JsonTest { pointer: test.pointer, equals: test.equals }
}

pub fn fills(fills: Vec<sdk::Fill>) -> Vec<Fill> {
    let form = |form| match form {
        sdk::Form::Raw => Form::Raw,
        sdk::Form::Bearer => Form::Bearer,
        sdk::Form::Basic(user) => Form::Basic { user },
    };
    let fill = |fill: sdk::Fill| Fill { secret: fill.secret, at: at(fill.at), form: form(fill.form) };
    fills.into_iter().map(fill).collect()
}

pub fn plan(url: &str, options: Options) -> anyhow::Result<socket::Plan> {
    let first_frame = |frame: sdk::websocket::FirstFrame| socket::FirstFrame {
        text: frame.text,
        fills: fills(frame.fills),
    };
    let ping = |ping: sdk::websocket::Ping| socket::Ping {
        every: ping.every,
        text: ping.text,
        answer: json_test(ping.answer),
        within: ping.within,
    };
    let backoff = options.backoff.map(|backoff| (backoff.first, backoff.most));
    let (first, most) = backoff.unwrap_or((Duration::from_secs(1), Duration::from_secs(60)));
    let limit = options.max_message_bytes.map_or(socket::DEFAULT_MESSAGE_BYTES, |bytes| bytes as usize);
    let plan = socket::Plan {
        url: CheckedUrl::parse(url)?,
        headers: options.headers,
        fills: fills(options.fills),
        subprotocols: options.subprotocols,
        first_frame: options.first_frame.map(first_frame),
        ping: options.ping.map(ping),
        ready: options.ready.map(json_test),
        backoff: socket::Backoff { first, most },
        max_message_bytes: limit,
    };
    plan.check().context("the socket's options")?;
    Ok(plan)
}

pub fn request(request: sdk::http::Request) -> http::Request {
    let limit = http::Request::DEFAULT_RESPONSE_BYTES;
    http::Request {
        headers: request.headers,
        body: request.body,
        fills: fills(request.fills),
        timeout: request.timeout.unwrap_or(http::Request::DEFAULT_TIMEOUT),
        max_response_bytes: request.max_response_bytes.map_or(limit, |bytes| bytes as usize),
        redirects: request.redirects,
        method: request.method,
        url: request.url,
    }
}

pub fn response(response: http::Response) -> sdk::http::Response {
    let http::Response { status, headers, body, url } = response;
    sdk::http::Response { status, headers, body, url }
}

/// Which error it was is of no interest where none is expected.
pub fn failure(error: &http::FetchError) -> sdk::http::Error {
    let sent = match error.sent() {
        http::Sent::No => sdk::http::Sent::No,
        http::Sent::Maybe => sdk::http::Sent::Maybe,
    };
    sdk::http::Error::Broken(error.to_string(), sent)
}

/// As with [`failure`].
pub fn reason(reason: &socket::CloseReason) -> CloseReason {
    CloseReason::Unreachable(reason.to_string())
}

pub fn frame(frame: socket::Frame) -> sdk::websocket::Frame {
    match frame {
        socket::Frame::Text(text) => sdk::websocket::Frame::Text(text.to_string()),
        socket::Frame::Binary(bytes) => sdk::websocket::Frame::Binary(bytes.to_vec()),
    }
}
