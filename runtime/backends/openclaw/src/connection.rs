//! One connection: the handshake, then requests out and events in, until it ends.
use crate::gateway::{Shared, short};
use crate::inbox::{Heard, Inbox};
use futures::{SinkExt, StreamExt};
use openclaw::agent::{AgentAccepted, AgentEnded};
use openclaw::chat::ChatEvent;
use openclaw::connect::{Auth, Client, Hello, Wish};
use openclaw::frame::{Event, Problem};
use openclaw::link::{Incoming, Link, RequestId};
use openclaw::policy::{self, Next};
use ports::dial::Stream;
use ports::secret::Secret;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tracing::{debug, warn};
use zeroize::Zeroizing;

/// The gateway sends no more in one frame.
const MAX_MESSAGE_BYTES: usize = 32 << 20;
/// For one frame to leave.
const WRITE_WITHIN: Duration = Duration::from_secs(20);
/// As the gateway's own client closes a connection that fell silent.
const SILENT: u16 = 4000;
/// For the last answer to an `agent` request. Whoever waits for it has a time of his own; this only bounds what is kept
/// of runs that a gateway never ends.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// What we have to have: to hear answers, and to hand over messages.
const SCOPES: [&str; 2] = ["operator.read", "operator.write"];

/// As long as it lasts.
pub(crate) struct Connected {
    pub hello: Hello,
    pub orders: mpsc::Sender<Order>,
}

/// A request to be made.
pub(crate) struct Order {
    pub method: &'static str,
    pub params: Value,
    pub answer: oneshot::Sender<Answer>,
    /// Who hears the last answer, where there are two.
    pub inbox: Option<Arc<Inbox>>,
    /// Only if nobody listens to this session when its turn comes. NB: looked at there, in the order of the requests, or
    /// the next message of the conversation could subscribe in between and hear nothing.
    pub unheard: Option<String>,
}

pub(crate) enum Answer {
    Result(Result<Value, Problem>),
    Late,
}

/// How a connection ended, or why there was none.
pub(crate) struct End {
    pub next: Next,
    pub why: String,
    /// Whether it got as far as a hello.
    pub was_connected: bool,
}

struct Socket(WebSocketStream<Stream>);

struct Pending {
    answer: Option<oneshot::Sender<Answer>>,
    inbox: Option<Arc<Inbox>>,
}

/// Whom a connect is for, and what it logs in with.
struct Login {
    wish: Wish,
    secret: Option<Secret>,
}

pub(crate) async fn run(shared: &Shared) -> End {
    let before = Instant::now();
    let lost = |why: String| End { next: Next::Reconnect { after: None }, why, was_connected: false };
    let patience = shared.options.timeouts.connect;
    let opening = timeout(patience, open(shared));
    let Some(opened) = shared.closing.run_until_cancelled(opening).await else {
        return lost("we closed it".into());
    };
    let Ok(opened) = opened else {
        return lost(format!("no hello within {patience:?}"));
    };
    let (socket, link, mut hello) = match opened {
        Ok(opened) => opened,
        Err(end) => return end,
    };
    if let Some(token) = hello.device_token.take() {
        shared.keep_device_token(Secret::new(token)).await;
    }
    debug!(took = ?before.elapsed(), "connected");
    let (orders, ordered) = mpsc::channel(64);
    shared.connected(Connected { hello, orders });
    Pump { shared, socket, link, pending: HashMap::new(), zero: before }.run(ordered).await
}

/// As far as the hello.
async fn open(shared: &Shared) -> Result<(Socket, Link, Hello), End> {
    let lost = |why: String| End { next: Next::Reconnect { after: None }, why, was_connected: false };
    let stream = shared.dial.dial(&shared.options.url).await.map_err(|error| lost(told(&error)))?;
    let request =
        shared.options.url.as_str().into_client_request().map_err(|error| lost(error.to_string()))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES));
    let upgraded = client_async_with_config(request, stream, Some(config)).await;
    let (socket, _) = upgraded.map_err(|error| lost(format!("it is no gateway: {error}")))?;
    let mut socket = Socket(socket);
    let mut link = Link::new(1);
    let login = shared.login().await.map_err(|error| lost(error.to_string()))?;
    let mut refusal = None;
    loop {
        let text = match socket.next().await {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err((code, why)) => {
                let why = login.hide(why);
                let next = match policy::after(refusal.as_ref(), code, &why) {
                    // Nothing to forget: it is the configured one that is no good.
                    Next::ForgetDeviceToken if login.wish.auth != Auth::DeviceToken => {
                        Next::Stop { why: refusal.as_ref().map_or_else(|| why.clone(), Problem::to_string) }
                    }
                    next => next,
                };
                let why = refusal.as_ref().map_or(why, Problem::to_string);
                return Err(End { next, why, was_connected: false });
            }
        };
        match link.receive(&text, 0) {
            Ok(Incoming::Challenge(challenge)) => {
                let Login { wish, secret } = &login;
                let device = shared.identity.prove(wish, &challenge, secret.as_ref()).await;
                let device = device.map_err(|error| lost(error.to_string()))?;
                let frame = link.connect(wish, Some(&device), &challenge);
                socket.send(&filled(&frame, wish.auth, secret.as_ref())).await.map_err(lost)?;
            }
            Ok(Incoming::Hello(hello)) => {
                if let Some(missing) = SCOPES.iter().find(|scope| !hello.has_scope(scope)) {
                    let why = format!(
                        "it did not grant {missing}; the token is not allowed to, or the device was approved for less"
                    );
                    return Err(End { next: Next::Stop { why: why.clone() }, why, was_connected: false });
                }
                return Ok((socket, link, *hello));
            }
            // It closes now, and the code says more.
            Ok(Incoming::Refused(problem)) => {
                refusal = Some(Problem { message: login.hide(problem.message), ..problem });
            }
            Ok(_) => {}
            Err(error) => debug!(%error, "before the hello"),
        }
    }
}

/// The frame with the secret in its place.
fn filled(frame: &str, auth: Auth, secret: Option<&Secret>) -> Zeroizing<String> {
    let (Some(pointer), Some(secret)) = (auth.pointer(), secret) else {
        return Zeroizing::new(frame.to_owned());
    };
    let mut json: Value = serde_json::from_str(frame).expect("it was written by us");
    if let Some(place) = json.pointer_mut(pointer) {
        *place = secret.expose().into();
    }
    Zeroizing::new(json.to_string())
}

impl Login {
    /// A gateway's words, which may be ours again.
    fn hide(&self, words: String) -> String {
        short(match self.secret.as_ref().map(Secret::expose) {
            Some(secret) if !secret.is_empty() && words.contains(secret) => {
                words.replace(secret, "[redacted]")
            }
            _ => words,
        })
    }
}

impl Shared {
    /// With the device's own token where there is one.
    async fn login(&self) -> Result<Login, ports::keys::KeyError> {
        let (auth, secret) = match (self.identity.device_token().await?, &self.options.token) {
            (Some(own), _) => (Auth::DeviceToken, Some(own)),
            (None, Some(shared)) => (Auth::Token, Some(shared.clone())),
            (None, None) => (Auth::None, None),
        };
        // NB: not the mode `backend`, which the gateway keeps for its own helpers: such a one is let in by the shared token
        // alone, is never paired, and cannot be taken out by removing its device.
        let client = Client {
            mode: "cli".into(),
            display_name: Some("connector runtime".into()),
            ..Client::backend(env!("CARGO_PKG_VERSION"))
        };
        let mut wish = Wish::operator(client, &SCOPES, auth);
        wish.caps = vec![Wish::SESSION_SCOPED.to_owned()];
        Ok(Login { wish, secret })
    }
}

impl Socket {
    /// The next text, nothing for another kind of message, or how it ended: the close code and why.
    async fn next(&mut self) -> Result<Option<String>, (Option<u16>, String)> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
            Some(Ok(Message::Binary(bytes))) => Ok(String::from_utf8(bytes.to_vec()).ok()),
            Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                Err((Some(code.into()), format!("it closed the connection ({code}): {}", reason.as_str())))
            }
            Some(Ok(Message::Close(None))) | None => Err((None, "it closed the connection".into())),
            // Pings are answered when the socket is read next.
            Some(Ok(_)) => Ok(None),
            Some(Err(error)) => Err((None, error.to_string())),
        }
    }

    async fn send(&mut self, text: &str) -> Result<(), String> {
        let sending = self.0.send(Message::text(text));
        match timeout(WRITE_WITHIN, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("it does not read: a frame did not leave within {WRITE_WITHIN:?}")),
        }
    }

    async fn close(&mut self, code: u16, reason: &'static str) {
        let frame =
            CloseFrame { code: CloseCode::from(code), reason: tungstenite::Utf8Bytes::from_static(reason) };
        let _ = timeout(Duration::from_secs(1), self.0.close(Some(frame))).await;
    }
}

struct Pump<'a> {
    shared: &'a Shared,
    socket: Socket,
    link: Link,
    pending: HashMap<RequestId, Pending>,
    zero: Instant,
}

impl Pump<'_> {
    async fn run(mut self, mut ordered: mpsc::Receiver<Order>) -> End {
        let end = |code: Option<u16>, why: String| {
            let next = policy::after(None, code, &why);
            End { next, why, was_connected: true }
        };
        // What came with the hello counts as a word.
        let _ = self.link.receive("{}", self.now_ms());
        loop {
            let deadline = self.link.next_deadline().into_iter().chain(self.link.silent_from()).min();
            let deadline = self.zero + Duration::from_millis(deadline.unwrap_or(60_000).min(1 << 40));
            tokio::select! {
                text = self.socket.next() => match text {
                    Ok(Some(text)) => self.hear(&text).await,
                    Ok(None) => {}
                    Err((code, why)) => return end(code, why),
                },
                Some(order) = ordered.recv() => {
                    if let Err(why) = self.ask(order).await {
                        return end(None, why);
                    }
                }
                () = self.shared.closing.cancelled() => {
                    self.socket.close(1000, "shutdown").await;
                    return end(Some(1000), "we closed it".into());
                }
                () = sleep_until(deadline) => {
                    for id in self.link.expired(self.now_ms()) {
                        let answer = self.pending.remove(&id).and_then(|pending| pending.answer);
                        answer.map(|answer| answer.send(Answer::Late));
                    }
                    if self.link.is_silent(self.now_ms()) {
                        self.socket.close(SILENT, "tick timeout").await;
                        return end(Some(SILENT), "nothing came from it for two of its ticks".into());
                    }
                }
            }
        }
    }

    async fn ask(&mut self, order: Order) -> Result<(), String> {
        let Order { method, params, answer, inbox, unheard } = order;
        if answer.is_closed() || unheard.is_some_and(|session| self.shared.is_heard(&session)) {
            return Ok(());
        }
        let deadline = self.now_ms() + self.shared.options.timeouts.request.as_millis() as u64;
        let (id, frame) = self.link.request(method, params, deadline);
        self.pending.insert(id, Pending { answer: Some(answer), inbox });
        let sending = self.shared.closing.run_until_cancelled(self.socket.send(&frame)).await;
        sending.unwrap_or_else(|| Err("we closed it".into()))
    }

    async fn hear(&mut self, text: &str) {
        match self.link.receive(text, self.now_ms()) {
            Ok(Incoming::Event { event, gap }) => {
                if let Some(gap) = gap {
                    warn!(
                        expected = gap.expected,
                        got = gap.got,
                        "events of the gateway were lost; asking the histories"
                    );
                    self.shared.gap();
                }
                self.route(&event);
            }
            Ok(Incoming::Response { id, result, payload_of_refusal, is_last }) => {
                self.answer(id, result, payload_of_refusal, is_last);
            }
            Ok(Incoming::Unexpected(what)) => debug!(what, "unexpected"),
            Ok(_) => debug!("a handshake's frame after the handshake"),
            Err(error) => debug!(%error, "not understood"),
        }
    }

    fn route(&self, event: &Event) {
        match ChatEvent::read(event) {
            Some(Ok(chat)) => self.shared.put(&chat.session.clone(), Heard::Chat(chat)),
            Some(Err(error)) => debug!(%error, "not understood"),
            None => debug!(event = event.name, "not for us"),
        }
    }

    fn answer(
        &mut self,
        id: RequestId,
        result: Result<Value, Problem>,
        payload_of_refusal: Option<Value>,
        is_last: bool,
    ) {
        if !is_last {
            self.link.extend(id, self.now_ms() + DAY_MS);
            let first = self.pending.get_mut(&id).and_then(|pending| pending.answer.take());
            first.map(|answer| answer.send(Answer::Result(result)));
            return;
        }
        let Some(Pending { answer, inbox }) = self.pending.remove(&id) else { return };
        if let Some(answer) = answer {
            let _ = answer.send(Answer::Result(result));
        } else if let Some(inbox) = inbox {
            let ended = match (&result, &payload_of_refusal) {
                (Ok(payload), _) | (Err(_), Some(payload)) => AgentEnded::read(payload),
                (Err(_), None) => None,
            };
            match (ended, result) {
                (Some(ended), _) => inbox.put(Heard::Ended(ended)),
                (None, Err(problem)) => inbox.put(Heard::Refused(problem)),
                (None, Ok(payload)) => debug!(again = AgentAccepted::read(&payload).is_some(), "not an end"),
            }
        }
    }

    fn now_ms(&self) -> u64 {
        self.zero.elapsed().as_millis() as u64
    }
}

/// With its causes.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}
