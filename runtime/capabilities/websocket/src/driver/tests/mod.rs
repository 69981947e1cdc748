//! Against a real WebSocket server on loopback; where time matters, over pipes in memory and with the clock paused.
mod arrivals;
mod far;
mod hostile;
mod keeping;
mod plans;
mod reconnecting;
mod sending;

use super::*;
use far::Far;
use ports::json_test::JsonTest;
use ports::mailbox::{Capacity, Queue, Settled, queue};
use ports::reach::CheckedUrl;
use ports::secret::{At, Capture, Entry, Fill, Form, Place, Secret};
use std::collections::BTreeMap;
use std::time::Duration;

const SECRET: &str = "s3cret-\"value\"";
const PATIENCE: Duration = Duration::from_secs(60);

/// Our side: a socket, and the guest's end of the mailbox.
struct Near {
    socket: Socket,
    events: Queue<Event>,
    gauge: Arc<Gauge>,
    vault: Arc<Vault>,
    last: u64,
}

impl Near {
    fn open(plan: Plan, far: &Far) -> Self {
        Self::with_places(plan, far, Capacity { events: 64, bytes: 1 << 20 })
    }

    fn with_places(plan: Plan, far: &Far, places: Capacity) -> Self {
        let (context, events) = context(far, places);
        let (gauge, vault) = (context.gauge.clone(), context.vault.clone());
        Self { socket: Socket::open(plan, context), events, gauge, vault, last: 0 }
    }

    /// The next event, settled. Every number is one more than the last, whatever happens.
    async fn event(&mut self) -> What {
        let letter = patient(self.events.next()).await.unwrap();
        let event = letter.event.clone();
        letter.settle(Settled::Done);
        assert_eq!(event.sequence, self.last + 1);
        assert!(!format!("{event:?}").contains("s3cret"));
        self.last = event.sequence;
        event.what
    }

    async fn opened(&mut self) -> u64 {
        match self.event().await {
            What::Opened { connection, .. } => connection,
            other => panic!("{other:?}"),
        }
    }

    async fn closed(&mut self) -> (CloseReason, Option<u64>) {
        match self.event().await {
            What::Closed { reason, will_reconnect_ms } => (reason, will_reconnect_ms),
            other => panic!("{other:?}"),
        }
    }

    async fn text(&mut self) -> String {
        match self.event().await {
            What::Message(Frame::Text(text)) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    async fn say(&self, text: &str) -> Result<(), SendError> {
        patient(self.socket.send(text.into(), &[])).await
    }
}

fn context(far: &Far, places: Capacity) -> (Context, Queue<Event>) {
    let (post, events) = queue(Default::default());
    let context = Context {
        dial: far.dial(),
        reach: Arc::new(Reach { rules: vec![far.rule()] }),
        vault: Arc::new(vault(far)),
        mailbox: post.room(|event| event, places),
        name: "main".into(),
        gauge: Arc::default(),
        dials: Dials::default(),
    };
    (context, events)
}

/// A driver that nobody has started.
pub(super) fn unstarted() -> drive::Driver {
    let far = Far::pipes();
    let (context, _) = context(&far, Capacity { events: 1, bytes: 1 });
    drive::Driver::new(context, socket::Shared::new(plan(&far)))
}

/// Everything in a test has a deadline; nothing waits for it.
async fn patient<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, wait).await.expect("within a minute")
}

fn vault(far: &Far) -> Vault {
    let place = |at, when| Place { url: far.rule(), at, when };
    let login = JsonTest { pointer: "/type".into(), equals: "login".into() };
    let places = vec![
        place(At::Json("/token".into()), vec![login]),
        place(At::Query("key".into()), vec![]),
        place(At::Header("authorization".into()), vec![]),
    ];
    let entry = Entry { value: Some(Secret::new(SECRET.into())), places, ..Entry::default() };
    let paired = JsonTest { pointer: "/type".into(), equals: "paired".into() };
    let capture = Capture { url: far.rule(), at: At::Json("/auth/badge".into()), when: vec![paired] };
    let badge = Entry { captures: vec![capture], ..Entry::default() };
    Vault::new(BTreeMap::from([("token".into(), entry), ("badge".into(), badge)]))
}

fn fill(at: At) -> Fill {
    Fill { secret: "token".into(), at, form: Form::Raw }
}

fn token() -> Fill {
    fill(At::Json("/token".into()))
}

/// Dials again after 5 to 10 ms.
fn plan(far: &Far) -> Plan {
    Plan {
        url: far.url("/ws"),
        headers: vec![],
        fills: vec![],
        subprotocols: vec![],
        first_frame: None,
        ping: None,
        ready: None,
        backoff: Backoff { first: Duration::from_millis(10), most: Duration::from_millis(200) },
        max_message_bytes: 64 << 10,
    }
}

fn with(plan: Plan, change: impl FnOnce(&mut Plan)) -> Plan {
    let mut plan = plan;
    change(&mut plan);
    plan
}

fn is(pointer: &str, equals: &str) -> JsonTest {
    JsonTest { pointer: pointer.into(), equals: equals.into() }
}

fn url(text: &str) -> CheckedUrl {
    CheckedUrl::parse(text).unwrap()
}
