//! A hostile host: takes whatever comes, writes down every byte, and gives secrets back in every spelling it knows.
//!
//! Written from RFC 9110, 9112 (HTTP), 6455 (WebSocket) and 6265 (cookies), never from our client. Heads are read by
//! hand, because what matters is what was really sent: axum would already have tidied it.
//!
//! What nothing is said about gets 200 `{"ok":true}`; upgrades below `/v1/` are accepted, others get 403.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use platforms::fort::{Answer, Ca, Echo, Fort, OnFrame};
//!
//! let ca = Ca::new();
//! let fort = Fort::start(Some(&ca), &["api.example.com"]).await?;
//! fort.answer("/echo", Answer::Echo(Echo::Base64));
//! fort.on_frame(OnFrame::Text(Echo::HexLower));
//! // ... trust ca.pem(), let api.example.com be fort.address(), run a connector ...
//! fort.until("the request", |record| !record.requests().is_empty()).await;
//! assert_eq!(fort.requests()[0].sni.as_deref(), Some("api.example.com"));
//! # Ok(())
//! # }
//! ```

mod answer;
mod ca;
mod carried;
mod echo;
mod head;
mod holder;
mod places;
mod ranges;
mod record;
mod script;
mod server;
mod shared;
mod socket;
mod spelling;
mod talk;
mod tap;
mod tls;
mod unmask;
mod upgrade;
mod wait;
mod wire;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

pub use answer::Answer;
pub use ca::{Ca, Identity};
pub use echo::{Echo, OnFrame};
pub use record::{Connection, Kind, Message, Record, Request};

use server::Server;
use shared::{Order, Shared};

/// One host of your own. Clones are handles of the same one; with the last it goes away and cuts every connection.
#[derive(Clone)]
pub struct Fort {
    shared: Arc<Shared>,
    server: Arc<Server>,
}

impl Fort {
    /// On a free port of 127.0.0.1, listening when this returns. With a `ca` it speaks TLS, as all of `names` (host
    /// names or addresses, none other) and asks for a client certificate, which may come from anybody; without, plain.
    ///
    /// # Errors
    /// No port could be bound, or a name can't be in a certificate.
    pub async fn start(ca: Option<&Ca>, names: &[&str]) -> anyhow::Result<Self> {
        Self::start_at(IpAddr::V4(Ipv4Addr::LOCALHOST), 0, ca, names).await
    }

    /// Like `start`, on an address and port of your choice (port 0: a free one).
    ///
    /// # Errors
    /// As `start`.
    pub async fn start_at(
        address: IpAddr,
        port: u16,
        ca: Option<&Ca>,
        names: &[&str],
    ) -> anyhow::Result<Self> {
        let tls = ca.map(|ca| tls::settings(&ca.certificate(names)?)).transpose()?;
        let shared = Arc::new(Shared::default());
        let server = Server::start(SocketAddr::new(address, port), tls, Arc::clone(&shared)).await?;
        Ok(Self { shared, server: Arc::new(server) })
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    pub fn port(&self) -> u16 {
        self.address().port()
    }

    /// What requests get whose path begins like this, from now on. The longest prefix wins; said again, the last word
    /// counts. It also answers upgrades that are not below `sockets_below`.
    pub fn answer(&self, path_prefix: &str, answer: Answer) {
        self.shared.script().answers.insert(path_prefix.to_owned(), answer);
    }

    /// Where upgrades are accepted: paths that begin like this. Default `/v1/`.
    pub fn sockets_below(&self, path_prefix: &str) {
        self.shared.script().sockets_below = path_prefix.to_owned();
    }

    /// What comes back for every text or binary message. Default nothing.
    pub fn on_frame(&self, back: OnFrame) {
        self.shared.script().on_frame = back;
    }

    /// What is sent as soon as a socket is open: everything that the upgrade request carried, a message each. Default
    /// nothing.
    pub fn on_open(&self, back: OnFrame) {
        self.shared.script().on_open = back;
    }

    /// Sends a text message to all open sockets; how many there are. One is open before its 101 is sent.
    pub fn push(&self, text: &str) -> usize {
        self.shared.orders.send(Order::Push(text.to_owned())).unwrap_or(0)
    }

    /// Cuts all open sockets, without a closing handshake; how many there were.
    pub fn drop_sockets(&self) -> usize {
        self.shared.orders.send(Order::Drop).unwrap_or(0)
    }

    /// Every upgrade below `sockets_below` gets this status from now on.
    pub fn refuse_upgrades(&self, status: u16) {
        self.shared.script().refuse = Some(status);
    }

    /// The contrary of `refuse_upgrades`.
    pub fn accept_upgrades(&self) {
        self.shared.script().refuse = None;
    }

    /// The subprotocol that is chosen in every 101, written as it is, whether it was offered or not.
    pub fn subprotocol(&self, name: impl Into<String>) {
        self.shared.script().subprotocol = Some(name.into());
    }
}
