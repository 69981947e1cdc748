//! One endpoint: what its clients ask over HTTP, once they have shown its token.
use crate::answer::{self, Answer};
use crate::conversation::{Conversation, Silence};
use crate::desk::Desk;
use crate::gate::Print;
use crate::limits::Limits;
use crate::message::{self, Message, VERSIONS};
use crate::server::Endpoint;
use crate::sessions::Sessions;
use crate::stream;
use http::header::{ACCEPT, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use rmcp::model::{ClientJsonRpcMessage, ProtocolVersion, RequestId, ServerJsonRpcMessage};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// A call ends by itself before this is over.
const SLACK: Duration = Duration::from_secs(5);

/// An answer that says no.
type Refused = Box<Answer>;

pub(crate) struct Hall {
    print: Print,
    desk: Arc<Desk>,
    sessions: Sessions,
    requests: Semaphore,
    streams: Arc<Semaphore>,
    limits: Limits,
}

impl Hall {
    pub fn new(endpoint: Endpoint, limits: Limits) -> Self {
        let share = |parts: usize| (limits.connections / parts).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            print: Print::of(endpoint.token.expose()),
            desk: Arc::new(Desk::new(endpoint.name, endpoint.toolset, limits)),
            sessions: Sessions::new(limits.sessions, limits.session_idle),
            requests: Semaphore::new(share(2)),
            streams: Arc::new(Semaphore::new(share(4))),
            limits,
        }
    }

    pub fn print(&self) -> &Print {
        &self.print
    }

    pub fn sweep(&self) {
        self.sessions.sweep();
    }

    pub async fn answer(&self, request: Request<Incoming>) -> Answer {
        let answer = match *request.method() {
            Method::POST => self.post(request).await,
            Method::GET => self.get(request.headers()),
            Method::DELETE => self.delete(request.headers()),
            _ => {
                let mut answer = answer::plain(StatusCode::METHOD_NOT_ALLOWED, "use POST, GET or DELETE\n");
                answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST, GET, DELETE"));
                Err(answer.into())
            }
        };
        answer.unwrap_or_else(|refused| *refused)
    }

    async fn post(&self, request: Request<Incoming>) -> Result<Answer, Refused> {
        let (head, body) = request.into_parts();
        let headers = &head.headers;
        if !is_json(headers) {
            let why = "send the message as Content-Type: application/json";
            return Err(answer::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, why).into());
        }
        if headers.contains_key(ACCEPT) && !accepts(headers, "application/json") {
            let why = "answers are application/json; accept it";
            return Err(answer::invalid(StatusCode::NOT_ACCEPTABLE, why).into());
        }
        let busy =
            || answer::full("this endpoint has as many requests under way as it may; try again later\n");
        let _place = self.requests.try_acquire().map_err(|_| busy())?;
        let body = self.read(headers, body).await?;
        let read = message::read(&body);
        drop(body);
        let message = read.map_err(|error| answer::error(StatusCode::BAD_REQUEST, error, None))?;
        if let Message::Initialize(id, message) = message {
            return self.initialize(id, message).await;
        }
        let session = self.session(headers)?;
        let _hold = session.hold();
        match message {
            Message::Request(id, message) => {
                Ok(answer::json(StatusCode::OK, &self.ask(&session, id, message).await?))
            }
            Message::Refused(id, error) => Ok(answer::error(StatusCode::OK, error, Some(id))),
            message => {
                session.tell(message).await;
                Ok(answer::accepted())
            }
        }
    }

    async fn initialize(&self, id: RequestId, message: ClientJsonRpcMessage) -> Result<Answer, Refused> {
        let begun = self.sessions.begin(|| Conversation::begin(self.desk.clone()));
        let none = |_| {
            answer::plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "a session needs randomness, and there is none\n",
            )
        };
        let full = || {
            answer::full(
                "this endpoint has as many sessions as it may; end one with DELETE, or try again later\n",
            )
        };
        let (name, session) = begun.map_err(none)?.ok_or_else(full)?;
        let _hold = session.hold();
        let answered = self.ask(&session, id, message).await;
        if !matches!(answered, Ok(ServerJsonRpcMessage::Response(_))) {
            self.sessions.end(&name);
        }
        let mut answer = answer::json(StatusCode::OK, &answered?);
        if let Ok(name) = HeaderValue::from_str(&name) {
            answer.headers_mut().insert(SESSION, name);
        }
        Ok(answer)
    }

    async fn ask(
        &self,
        session: &Conversation,
        id: RequestId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Refused> {
        let within = self.limits.call_timeout.saturating_add(SLACK);
        session.ask(id, message, within).await.map_err(|silence| {
            Refused::from(match silence {
                Silence::Doubled => {
                    answer::invalid(StatusCode::BAD_REQUEST, "a request with this id is under way")
                }
                Silence::Ended => ended(),
                Silence::TooLong => answer::plain(StatusCode::GATEWAY_TIMEOUT, "no answer in time\n"),
            })
        })
    }

    fn get(&self, headers: &HeaderMap) -> Result<Answer, Refused> {
        if !accepts(headers, "text/event-stream") {
            let why = "the stream is text/event-stream; accept it";
            return Err(answer::invalid(StatusCode::NOT_ACCEPTABLE, why).into());
        }
        let session = self.session(headers)?;
        let full = |_| answer::full("this endpoint has as many streams open as it may\n");
        let place = self.streams.clone().try_acquire_owned().map_err(full)?;
        let body = stream::open(&session, self.desk.changes(), place);
        Ok(answer::of_body(StatusCode::OK, "text/event-stream", body))
    }

    fn delete(&self, headers: &HeaderMap) -> Result<Answer, Refused> {
        self.session(headers)?;
        let id = headers.get(SESSION).and_then(|id| id.to_str().ok());
        if id.is_some_and(|id| self.sessions.end(id)) { Ok(answer::accepted()) } else { Err(ended().into()) }
    }

    fn session(&self, headers: &HeaderMap) -> Result<Arc<Conversation>, Refused> {
        if let Some(version) = headers.get(VERSION)
            && !VERSIONS.iter().any(|known| known.as_str().as_bytes() == version.as_bytes())
        {
            let known: Vec<&str> = VERSIONS.iter().map(ProtocolVersion::as_str).collect();
            let why = format!("this version of the protocol is not spoken; there are {}", known.join(", "));
            return Err(answer::invalid(StatusCode::BAD_REQUEST, why).into());
        }
        let Some(id) = headers.get(SESSION) else {
            let why = "send the Mcp-Session-Id that initialize was answered with";
            return Err(answer::invalid(StatusCode::BAD_REQUEST, why).into());
        };
        id.to_str().ok().and_then(|id| self.sessions.find(id)).ok_or_else(|| ended().into())
    }

    async fn read(&self, headers: &HeaderMap, body: Incoming) -> Result<Bytes, Refused> {
        let most = self.limits.body_bytes;
        let too_large =
            || answer::invalid(StatusCode::PAYLOAD_TOO_LARGE, format!("a message has at most {most} bytes"));
        let said = headers.get(CONTENT_LENGTH).and_then(|said| said.to_str().ok()?.parse().ok());
        if said.is_some_and(|said: u64| said > most as u64) {
            return Err(too_large().into());
        }
        match timeout(self.limits.client_timeout, Limited::new(body, most).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large().into()),
            Ok(Err(_)) => Err(answer::invalid(StatusCode::BAD_REQUEST, "the body broke off").into()),
            Err(_) => {
                Err(answer::invalid(StatusCode::REQUEST_TIMEOUT, "the body did not come in time").into())
            }
        }
    }
}

/// The client begins anew.
fn ended() -> Answer {
    answer::invalid(StatusCode::NOT_FOUND, "there is no such session, or no more; begin one with initialize")
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(CONTENT_TYPE).iter();
    let kind = kinds.next().and_then(|kind| kind.to_str().ok()).map(essence);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) && kinds.next().is_none()
}

fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let family = kind.split('/').next().unwrap_or_default();
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|accepted| accepted.to_str().ok());
    accepted.flat_map(|accepted| accepted.split(',')).map(essence).any(|accepted| {
        let all =
            accepted.strip_suffix("/*").is_some_and(|all| all == "*" || all.eq_ignore_ascii_case(family));
        all || accepted.eq_ignore_ascii_case(kind)
    })
}

/// Without its parameters.
fn essence(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}
