//! The rooms of this host.
use board::Board;
use ports::agent::Backend;
use ports::keys::KeyRing;
use room_agent::Agent;
use room_basics::log::Log;
use room_basics::publish::Publish;
use room_basics::secrets::Secrets;
use room_basics::status::Status;
use room_basics::timers::Timers;
use room_basics::tools::Tools;
use room_crypto::Crypto;
use room_http::Http;
use room_store::Store;
use room_websocket::Websocket;
use std::sync::Arc;

// Whole paths: the macro writes them into a module of its own.
contract::capabilities!(House {
    agent: room_agent::Agent,
    crypto: room_crypto::Crypto,
    http: room_http::Http,
    log: room_basics::log::Log,
    publish: room_basics::publish::Publish,
    secrets: room_basics::secrets::Secrets,
    status: room_basics::status::Status,
    store: room_store::Store,
    timers: room_basics::timers::Timers,
    tools: room_basics::tools::Tools,
    websocket: room_websocket::Websocket,
});

impl House {
    pub fn new(
        ring: Arc<dyn KeyRing>,
        backend: Arc<dyn Backend>,
        disk: Arc<journal::Sqlite>,
        board: Board,
    ) -> Self {
        Self {
            agent: Agent::new(backend, disk.clone()),
            crypto: Crypto::new(ring),
            http: Http,
            log: Log,
            publish: Publish { board },
            secrets: Secrets,
            status: Status,
            store: Store::new(disk),
            timers: Timers::default(),
            tools: Tools::default(),
            websocket: Websocket,
        }
    }
}
