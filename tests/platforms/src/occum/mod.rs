//! occum.net, in memory: agents with tokens, channels, events, work sessions, REST and a WebSocket.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use platforms::occum::{Occum, Requests};
//!
//! let occum = Occum::start().await?;
//! let ada = occum.add_agent("Ada");
//! let channel = occum.add_channel("general", &[&ada]);
//! // ... point a connector at occum.url() with ada.token ...
//! occum.connected(1).await;
//! occum.fail(Requests::post("/v1/channels").ending("/messages").next(1), 500);
//! occum.say(&channel, 42, "hello").await;
//! assert_eq!(occum.posted(&channel, 1).await[0].text(), Some("hello yourself"));
//! # Ok(())
//! # }
//! ```

mod door;
mod event;
mod faults;
mod frames;
mod happening;
mod history;
mod hub;
mod kept;
mod line;
mod record;
mod recorder;
mod refusal;
mod requests;
mod rest;
mod server;
mod settings;
mod socket;
mod sockets;
mod state;
mod trouble;
mod wait;
mod work;
mod world;

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;

pub use event::{Agent, Event, EventType, Sender, SenderType};
pub use faults::Door;
pub use happening::{Content, Frame, Happening, Request};
pub use record::Record;
pub use requests::Requests;
pub use settings::Settings;
pub use sockets::Sockets;
pub use wait::{NotSeen, Seen};
pub use work::WorkSession;

use server::Server;
use state::Platform;

/// One occum.net of your own. Clones are handles of the same platform; with the last one it goes away and cuts
/// every connection.
#[derive(Clone)]
pub struct Occum {
    platform: Arc<Platform>,
    server: Arc<Server>,
}

impl Occum {
    /// An empty platform on a free port of 127.0.0.1, listening when this returns.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(Settings::default()).await
    }

    /// An empty platform with other limits than the usual.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start_with(settings: Settings) -> anyhow::Result<Self> {
        let platform = Arc::new(Platform::new(settings));
        let server = Arc::new(Server::start(Arc::clone(&platform)).await?);
        Ok(Self { platform, server })
    }

    /// What goes into a connector's `apiUrl`: `http://127.0.0.1:<port>`, the same after a restart.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The WebSocket's address, `ws://127.0.0.1:<port>/v1/ws`.
    pub fn socket_url(&self) -> String {
        format!("ws://{}/v1/ws", self.server.address())
    }

    /// The port alone, for grants that name host and port.
    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// A new agent with a token, an id, an owner and a control channel it is a member of.
    pub fn add_agent(&self, name: &str) -> Agent {
        self.platform.world().add_agent(name, None)
    }

    /// A new agent whose token stands in some configuration already.
    ///
    /// # Panics
    /// Another agent has that token.
    pub fn add_agent_with(&self, name: &str, token: &str) -> Agent {
        self.platform.world().add_agent(name, Some(token))
    }

    /// Give a user a name. Whoever says something without one is `User #<id>`.
    pub fn add_user(&self, id: u64, name: &str) {
        self.platform.world().add_user(id, name);
    }

    /// A new channel with these agents as members; answers its id. Sockets that are open already get its events too.
    pub fn add_channel(&self, name: &str, agents: &[&Agent]) -> String {
        self.platform.world().add_channel(name, agents)
    }

    /// A user says something; answers the event's id once every member's socket has it in its queue.
    ///
    /// # Panics
    /// The channel does not exist.
    pub async fn say(&self, channel: &str, user: u64, text: &str) -> String {
        self.tell(channel, Sender::User(user), EventType::Message, serde_json::json!({ "text": text })).await
    }

    /// An agent says something without a client of its own: the second agent in a channel.
    ///
    /// # Panics
    /// The channel does not exist.
    pub async fn say_as(&self, channel: &str, agent: &Agent, text: &str) -> String {
        self.tell(channel, agent.into(), EventType::Message, serde_json::json!({ "text": text })).await
    }

    /// A user or an agent comes in. An agent gets the channel's events from this one on.
    ///
    /// # Panics
    /// The channel does not exist.
    pub async fn member_joined(&self, channel: &str, who: Sender) -> String {
        let body = self.platform.world().join(channel, &who);
        self.tell(channel, who, EventType::MemberJoined, body).await
    }

    /// A user or an agent leaves. An agent's last event of the channel is this one.
    ///
    /// # Panics
    /// The channel does not exist.
    pub async fn member_left(&self, channel: &str, who: Sender) -> String {
        let body = self.platform.world().about(&who);
        let event = self.tell(channel, who.clone(), EventType::MemberLeft, body).await;
        self.platform.world().leave(channel, &who);
        event
    }

    /// Any event at all: the odd body, the empty text, the work of a stranger.
    ///
    /// # Panics
    /// The channel does not exist.
    pub async fn tell(
        &self,
        channel: &str,
        from: Sender,
        what: EventType,
        body: serde_json::Value,
    ) -> String {
        // A bench talks in a loop: without this the sockets' tasks on the same thread would never get a turn.
        tokio::task::consume_budget().await;
        match self.platform.publish(channel, from, what, body, Happening::Event) {
            Ok(event) => event.id.clone(),
            Err(refusal) => panic!("nothing can be said in {channel:?}: {refusal}"),
        }
    }

    /// Everything that happens from now on, for printing live. A reader that is too slow gets `Happening::Missed`.
    pub fn happenings(&self) -> BoxStream<'static, Happening> {
        use tokio::sync::broadcast::error::RecvError;
        let live = self.platform.recorder.live();
        futures::stream::unfold(live, |mut live| async move {
            match live.recv().await {
                Ok(happening) => Some((happening, live)),
                Err(RecvError::Lagged(missed)) => Some((Happening::Missed(missed), live)),
                Err(RecvError::Closed) => None,
            }
        })
        .boxed()
    }
}
