//! One WebSocket: the first frame says who it is, then events go out and `ping` and `subscribe` are answered.

use std::sync::Arc;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, timeout, timeout_at};

use super::event::Agent;
use super::faults::Door;
use super::frames::{FromClient, ToClient};
use super::happening::{Content, Frame, Happening};
use super::hub::Outgoing;
use super::line::Cut;
use super::refusal::Refusal;
use super::state::Platform;

/// Close code of a client that broke a rule, RFC 6455 section 7.4.1: bad token, no token, something else first.
const POLICY: u16 = 1008;

/// How long a client may take to answer our close frame before the connection ends anyway.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Frames written between two flushes.
const BATCH_FRAMES: usize = 64;

pub(super) async fn upgrade(
    State(platform): State<Arc<Platform>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match socket {
        Ok(socket) => socket.on_upgrade(move |socket| serve(platform, cut, socket)),
        Err(rejection) => Refusal::new(rejection.status(), rejection.body_text()).into_response(),
    }
}

/// Until either side is done. Ends by itself when the connection is cut.
async fn serve(platform: Arc<Platform>, cut: Cut, socket: WebSocket) {
    let (number, outgoing) = platform.world().hub.open(cut);
    platform.recorder.note(Happening::Opened { socket: number });
    let mut seat = Seat { platform, number, agent: None, code: None };
    let (sink, stream) = socket.split();
    let mut closed = None;
    {
        let reading = read(stream, &mut seat);
        tokio::pin!(reading);
        tokio::select! {
            () = &mut reading => {}
            code = write(sink, outgoing) => {
                closed = code;
                // The answer to our close frame, or the end of the connection.
                let _ = timeout(CLOSE_WITHIN, reading).await;
            }
        }
    }
    seat.code = closed.or(seat.code);
}

/// One socket's place in the hub and the record, given back however it ends.
struct Seat {
    platform: Arc<Platform>,
    number: u64,
    agent: Option<Arc<Agent>>,
    code: Option<u16>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.platform.world().hub.close(self.number);
        self.platform.recorder.note(Happening::Closed { socket: self.number, code: self.code });
    }
}

/// Write what is queued, many frames to a flush. Answers the code of the close frame we sent.
async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut outgoing: mpsc::Receiver<Outgoing>,
) -> Option<u16> {
    let mut batch = Vec::with_capacity(BATCH_FRAMES);
    while outgoing.recv_many(&mut batch, BATCH_FRAMES).await > 0 {
        for frame in batch.drain(..) {
            let (message, code) = match frame {
                Outgoing::Text(text) => (Message::Text(text), None),
                Outgoing::Binary(bytes) => (Message::Binary(bytes), None),
                Outgoing::Close { code, reason } => {
                    (Message::Close(Some(CloseFrame { code, reason })), Some(code))
                }
            };
            sink.feed(message).await.ok()?;
            if code.is_some() {
                sink.flush().await.ok()?;
                return code;
            }
        }
        sink.flush().await.ok()?;
    }
    None
}

/// Read to the end. After a close frame there is one more read: it sends the answer.
async fn read(mut stream: SplitStream<WebSocket>, seat: &mut Seat) {
    let auth_within = seat.platform.settings.auth_within;
    let mut deadline = Instant::now() + auth_within;
    loop {
        let message = if seat.agent.is_some() {
            stream.next().await
        } else {
            match timeout_at(deadline, stream.next()).await {
                Ok(message) => message,
                Err(_) => {
                    deadline = Instant::now() + auth_within;
                    seat.close("no auth frame in time");
                    continue;
                }
            }
        };
        let content = match message {
            Some(Ok(Message::Text(text))) => Content::Text(text.as_str().to_owned()),
            Some(Ok(Message::Binary(bytes))) => Content::Binary(bytes),
            Some(Ok(Message::Close(frame))) => {
                seat.code = Some(frame.map_or(1005, |frame| frame.code));
                continue;
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Err(_)) | None => return,
        };
        seat.take(content);
    }
}

impl Seat {
    fn take(&mut self, content: Content) {
        let frame = match &content {
            Content::Text(text) => serde_json::from_str(text).ok(),
            Content::Binary(_) => None,
        };
        let agent = self.agent.as_ref().map(|agent| agent.id.clone());
        self.platform.recorder.note(Happening::Frame(Arc::new(Frame {
            socket: self.number,
            agent,
            content,
        })));
        if self.platform.faults.silent() {
            return;
        }
        match (frame, self.agent.clone()) {
            (Some(FromClient::Auth { token }), None) => self.authenticate(&token),
            (_, None) => self.close("the first frame must be auth"),
            (Some(FromClient::Ping), Some(_)) => self.answer(&ToClient::Pong),
            (Some(FromClient::Subscribe { channel_id }), Some(agent)) => self.subscribe(&agent, &channel_id),
            (Some(FromClient::Auth { .. }), Some(_)) => {
                self.answer(&ToClient::Error { message: "already authenticated" })
            }
            (None, Some(_)) => self.answer(&ToClient::Error { message: "unknown frame" }),
        }
    }

    fn authenticate(&mut self, token: &str) {
        let refused = self.platform.faults.refuses(token, Door::Socket);
        let mut world = self.platform.world();
        let Some(agent) = world.agent(token).filter(|_| !refused) else {
            world.hub.send(self.number, text(&ToClient::AuthError { message: "bad token" }));
            world.hub.send(self.number, bye("bad token"));
            return;
        };
        let channels = world.channel_ids_of(&agent);
        let agent_id = Some(agent.id.as_str()).filter(|_| self.platform.faults.tells_agent_ids());
        // NB: queued before it is admitted, so that no event can be ahead of `auth_ok`.
        world.hub.send(self.number, text(&ToClient::AuthOk { user_id: agent.user_id, agent_id, channels }));
        world.hub.admit(self.number, Arc::clone(&agent));
        self.platform
            .recorder
            .note(Happening::Authenticated { socket: self.number, agent: agent.id.clone() });
        drop(world);
        self.agent = Some(agent);
    }

    /// Delivery is by membership alone; this only says so.
    fn subscribe(&self, agent: &Agent, channel_id: &str) {
        let known = self.platform.world().room_of(agent, channel_id).is_ok();
        if known {
            self.answer(&ToClient::Subscribed { channel_id });
        } else {
            self.answer(&ToClient::Error { message: "unknown channel" });
        }
    }

    fn answer(&self, frame: &ToClient<'_>) {
        self.platform.world().hub.send(self.number, text(frame));
    }

    /// Not an `auth_error`: that one says that the token is bad, and there was none.
    fn close(&self, why: &'static str) {
        if !self.platform.faults.silent() {
            self.answer(&ToClient::Error { message: why });
            self.platform.world().hub.send(self.number, bye(why));
        }
    }
}

fn text(frame: &ToClient<'_>) -> Outgoing {
    Outgoing::Text(frame.text())
}

fn bye(why: &'static str) -> Outgoing {
    Outgoing::Close { code: POLICY, reason: Utf8Bytes::from_static(why) }
}
