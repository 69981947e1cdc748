//! Doing something to the sockets that are open: `occum.sockets().close(1012, "restart")`.

use axum::body::Bytes;

use super::Occum;
use super::event::Agent;
use super::frames::ToClient;
use super::hub::Outgoing;

impl Occum {
    /// All open sockets at the moment something is done to them, also those that are not authenticated.
    pub fn sockets(&self) -> Sockets<'_> {
        Sockets { occum: self, agent: None }
    }

    /// The open, authenticated sockets of one agent.
    pub fn sockets_of(&self, agent: &Agent) -> Sockets<'_> {
        Sockets { occum: self, agent: Some(agent.id.clone()) }
    }
}

/// A choice of sockets. Nothing happens until one of its verbs is called.
#[must_use = "say what to do to the sockets"]
pub struct Sockets<'a> {
    occum: &'a Occum,
    agent: Option<String>,
}

impl Sockets<'_> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.numbers().len()
    }

    /// Send any text: garbage, half a frame, something from the future. Also in silence.
    pub fn text(&self, text: &str) {
        self.each(|| Outgoing::Text(text.into()));
    }

    /// Send any bytes as a binary frame. Also in silence.
    pub fn binary(&self, bytes: &[u8]) {
        let bytes = Bytes::copy_from_slice(bytes);
        self.each(|| Outgoing::Binary(bytes.clone()));
    }

    /// Send the frame of an event that was sent before, once more.
    ///
    /// # Panics
    /// There is no such event.
    pub fn again(&self, event: &str) {
        let found = self.occum.platform.world().event(event);
        let Some(event) = found else { panic!("no event {event:?} to send again") };
        let frame = ToClient::Event(&event).text();
        self.each(|| Outgoing::Text(frame.clone()));
    }

    /// Close them with a close frame, after what is queued. A client that does not answer it is cut off after 5 s.
    pub fn close(&self, code: u16, reason: &str) {
        self.each(|| Outgoing::Close { code, reason: reason.into() });
    }

    /// Cut their connections with a reset and wait until they are gone.
    pub async fn cut(&self) {
        let numbers = self.numbers();
        {
            let world = self.occum.platform.world();
            numbers.iter().for_each(|number| world.hub.cut(*number));
        }
        let gone = |record: &super::Record| !numbers.iter().any(|number| record.is_open(*number));
        self.occum.wait_for("the cut sockets to end", gone).await;
    }

    fn numbers(&self) -> Vec<u64> {
        self.occum.platform.world().hub.of(self.agent.as_deref())
    }

    fn each(&self, frame: impl Fn() -> Outgoing) {
        let world = self.occum.platform.world();
        for number in world.hub.of(self.agent.as_deref()) {
            world.hub.send(number, frame());
        }
    }
}
