//! The way to one gateway: connects, and connects again; asks, and hands what is heard to whoever waits for it.
use crate::connection::{self, Answer, Connected, End, Order};
use crate::identity::Identity;
use crate::inbox::{Heard, Inbox};
use crate::options::Checked;
use crate::situation::Situation;
use openclaw::frame::Problem;
use openclaw::policy::{Backoff, Next};
use ports::agent::Failed;
use ports::dial::Dial;
use ports::identity::InstanceId;
use ports::secret::Secret;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug, error, info, info_span, warn};

/// Where the gateway does not want us, somebody has to change something; it locks those out who try too often.
const REFUSED_REST: Duration = Duration::from_secs(300);
/// What is believed of a gateway that says when to come back: less would be a storm, more would be never.
const REST: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3600);
/// In bytes. It goes into logs and to people.
const LONGEST_REASON: usize = 1024;
/// Histories that are read at once. Each may be megabytes, and after a gap or a reconnect all conversations want theirs.
const HISTORIES: usize = 8;

pub(crate) struct Gateway {
    pub shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub options: Checked,
    pub identity: Identity,
    pub dial: Arc<dyn Dial>,
    pub closing: CancellationToken,
    situation: watch::Sender<Situation>,
    /// By session key, as the gateway spells it.
    inboxes: Mutex<HashMap<String, Arc<Inbox>>>,
    /// Messages whose name at the gateway is not their first, by ticket.
    renamed: Mutex<HashMap<String, String>>,
    /// Conversations whose session is not their first, by the key of that.
    numbers: Mutex<HashMap<String, u32>>,
    histories: Semaphore,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Whether it arrived is not known.
    #[error("the connection to the gateway was lost")]
    Lost,
    #[error("the gateway did not answer in time")]
    Late,
    #[error("{0}")]
    Refused(Problem),
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(problem) => refused(&problem),
            // The next try waits for the next connection.
            Trouble::Lost => {
                Self::Unavailable { why: trouble.to_string(), retry_after: Some(Duration::from_millis(100)) }
            }
            Trouble::Late => Self::Unavailable { why: trouble.to_string(), retry_after: None },
        }
    }
}

/// What to make of a refusal of the gateway.
pub(crate) fn refused(problem: &Problem) -> Failed {
    let operators = ["FORBIDDEN", "NOT_PAIRED", "UNAVAILABLE"];
    match problem.retryable || operators.contains(&problem.code.as_str()) {
        true => Failed::Unavailable { why: problem.to_string(), retry_after: believed(problem.retry_after) },
        false => Failed::Refused(problem.to_string()),
    }
}

/// What a gateway gives as its reason, as far as anybody reads it.
pub(crate) fn short(mut words: String) -> String {
    words.truncate(words.floor_char_boundary(LONGEST_REASON));
    words
}

pub(crate) fn believed(retry_after: Option<Duration>) -> Option<Duration> {
    retry_after.map(|after| after.clamp(*REST.start(), *REST.end()))
}

impl Gateway {
    /// Begins to connect. To be called inside of a tokio runtime.
    pub fn new(options: Checked, identity: Identity, dial: Arc<dyn Dial>) -> Self {
        let (situation, _) = watch::channel(Situation::Connecting(None));
        let (closing, inboxes, renamed) = (CancellationToken::new(), Mutex::default(), Mutex::default());
        let histories = Semaphore::new(HISTORIES);
        let shared = Shared {
            options,
            identity,
            dial,
            closing,
            situation,
            inboxes,
            renamed,
            numbers: Mutex::default(),
            histories,
        };
        let shared = Arc::new(shared);
        let span = info_span!("openclaw", gateway = shared.options.url.origin());
        let (looking, closing) = (crate::offered::look(shared.clone()), shared.closing.clone());
        let looking = async move { closing.run_until_cancelled(looking).await };
        tokio::spawn(looking.instrument(span.clone()));
        tokio::spawn(shared.clone().keep_connected().instrument(span));
        Self { shared }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.shared.closing.cancel();
    }
}

impl Shared {
    async fn keep_connected(self: Arc<Self>) {
        let mut backoff = Backoff::new();
        while !self.closing.is_cancelled() {
            let End { next, why, was_connected } = connection::run(&self).await;
            if was_connected {
                backoff.reset();
            }
            if self.closing.is_cancelled() {
                return;
            }
            let rest = self.rest(next, why, &mut backoff).await;
            tokio::select! {
                () = sleep(rest) => {}
                () = self.closing.cancelled() => return,
            }
        }
    }

    /// What to do now, and how long until the next try.
    async fn rest(&self, next: Next, why: String, backoff: &mut Backoff) -> Duration {
        match next {
            Next::Reconnect { after } => {
                self.becomes(Situation::Connecting(Some(why)));
                // Up to a quarter less, so that many do not come back in the same moment.
                believed(after).unwrap_or_else(|| backoff.next().mul_f64(rand::random_range(0.75..=1.0)))
            }
            Next::AwaitApproval { request_id, device_id, reason } => {
                let ours = self.identity.public_key().await.map(|key| openclaw::device::id(&key));
                let device = device_id.or(ours.ok()).unwrap_or_default();
                self.becomes(Situation::AwaitsApproval { request: request_id, device, reason });
                self.options.timeouts.approval
            }
            Next::ForgetDeviceToken => {
                warn!(
                    why,
                    "the gateway does not know this device's token any more; with the configured one again"
                );
                if let Err(error) = self.identity.forget_device_token().await {
                    warn!(%error, "the token of this device is not forgotten");
                }
                self.becomes(Situation::Connecting(Some(why)));
                backoff.next()
            }
            Next::Reauthenticate => {
                self.becomes(Situation::Connecting(Some(why)));
                backoff.next()
            }
            Next::Stop { why } => {
                self.becomes(Situation::Refused(why));
                REFUSED_REST
            }
        }
    }

    /// Whatever it was before.
    pub async fn keep_device_token(&self, token: Secret) {
        let known = self.identity.device_token().await.ok().flatten();
        if known.is_some_and(|known| known.expose() == token.expose()) {
            return;
        }
        if let Err(error) = self.identity.keep_device_token(token).await {
            warn!(%error, "the token of this device is not kept");
        }
    }

    pub fn connected(&self, connected: Connected) {
        self.becomes(Situation::Connected(Arc::new(connected)));
    }

    /// News are told once.
    fn becomes(&self, situation: Situation) {
        let before = self.situation.send_replace(situation.clone());
        if before.state() == situation.state() {
            debug!(state = situation.state(), "{situation}");
            return;
        }
        match situation {
            Situation::Connected(_) => info!("{situation}"),
            Situation::Connecting(_) | Situation::AwaitsApproval { .. } => warn!("{situation}"),
            Situation::Refused(_) => error!("{situation}; next try in {REFUSED_REST:?}"),
        }
    }

    pub fn situation(&self) -> Situation {
        self.situation.borrow().clone()
    }

    /// The connection, waited for as long as patience lasts.
    pub async fn ready(&self) -> Result<Arc<Connected>, Failed> {
        timeout(self.options.timeouts.patience, self.connection()).await.map_err(|_| Failed::Unavailable {
            why: self.situation.borrow().to_string(),
            retry_after: Some(Duration::from_millis(100)),
        })
    }

    /// The connection, however long it takes.
    pub async fn connection(&self) -> Arc<Connected> {
        let mut situations = self.situation.subscribe();
        loop {
            if let Situation::Connected(connected) = &*situations.borrow_and_update() {
                return connected.clone();
            }
            // Whoever changes it lives as long as we do.
            let _ = situations.changed().await;
        }
    }

    /// Ends when this connection does.
    pub async fn lost(&self, connected: &Arc<Connected>) {
        let other = |situation: &Situation| match situation {
            Situation::Connected(now) => !Arc::ptr_eq(now, connected),
            _ => true,
        };
        let _ = self.situation.subscribe().wait_for(other).await;
    }

    pub async fn request(
        &self,
        connected: &Connected,
        method: &'static str,
        params: Value,
        inbox: Option<Arc<Inbox>>,
    ) -> Result<Value, Trouble> {
        let (answer, answered) = oneshot::channel();
        let order = Order { method, params, answer, inbox, unheard: None };
        self.order(connected, order, answered).await
    }

    /// The newest rows or older ones, as `params` say.
    pub async fn read_history(&self, connected: &Connected, params: Value) -> Result<Value, Trouble> {
        // Never closed.
        let _turn = self.histories.acquire().await.map_err(|_| Trouble::Lost)?;
        self.request(connected, "chat.history", params, None).await
    }

    async fn order(
        &self,
        connected: &Connected,
        order: Order,
        answered: oneshot::Receiver<Answer>,
    ) -> Result<Value, Trouble> {
        connected.orders.send(order).await.map_err(|_| Trouble::Lost)?;
        match answered.await {
            Ok(Answer::Result(result)) => result.map_err(Trouble::Refused),
            Ok(Answer::Late) => Err(Trouble::Late),
            Err(_) => Err(Trouble::Lost),
        }
    }

    /// What is heard of a session, as long as the answer lives.
    pub fn listen(self: &Arc<Self>, connected: &Arc<Connected>, session: &str) -> Listening {
        let inbox = Arc::new(Inbox::default());
        let session = session.to_lowercase();
        self.inboxes().insert(session.clone(), inbox.clone());
        Listening { shared: self.clone(), connected: connected.clone(), session, inbox }
    }

    /// The n-th session of a conversation.
    pub fn session_key(&self, id: &InstanceId, conversation: &str, number: u32) -> String {
        match number {
            0 => self.options.session_key(id, conversation),
            // A name that no conversation has: they are text.
            _ => self.options.session_key(id, &format!("{conversation}\0{number}")),
        }
    }

    /// Which of them takes messages, as far as is known in this process.
    pub fn session_number(&self, id: &InstanceId, conversation: &str) -> u32 {
        let first = self.session_key(id, conversation, 0);
        self.numbers().get(&first).copied().unwrap_or(0)
    }

    pub fn session_ended(&self, id: &InstanceId, conversation: &str, number: u32) {
        let first = self.session_key(id, conversation, 0);
        self.numbers().insert(first, number + 1);
    }

    fn numbers(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the gateway knows a message from now on.
    pub fn goes_by(&self, ticket: &str, generation: u32, key: &str) {
        // NB: a try that begins with the first name again takes nothing back: that name is given up for good.
        if generation > 0 {
            let mut renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
            renamed.insert(ticket.to_owned(), key.to_owned());
        }
    }

    pub fn name_of(&self, ticket: &str) -> Option<String> {
        self.renamed.lock().unwrap_or_else(PoisonError::into_inner).remove(ticket)
    }

    pub fn put(&self, session: &str, heard: Heard) {
        let inbox = self.inboxes().get(&session.to_lowercase()).cloned();
        if let Some(inbox) = inbox {
            inbox.put(heard);
        }
    }

    pub fn is_heard(&self, session: &str) -> bool {
        self.inboxes().contains_key(session)
    }

    pub fn gap(&self) {
        self.inboxes().values().for_each(|inbox| inbox.put(Heard::Gap));
    }

    fn inboxes(&self) -> MutexGuard<'_, HashMap<String, Arc<Inbox>>> {
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Listening {
    shared: Arc<Shared>,
    connected: Arc<Connected>,
    session: String,
    pub inbox: Arc<Inbox>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut inboxes = self.shared.inboxes();
        // The next message of the conversation may listen already.
        if inboxes.get(&self.session).is_none_or(|now| !Arc::ptr_eq(now, &self.inbox)) {
            return;
        }
        inboxes.remove(&self.session);
        drop(inboxes);
        let (shared, connected) = (self.shared.clone(), self.connected.clone());
        let (method, params) = ("sessions.messages.unsubscribe", json!({ "key": self.session }));
        let (answer, answered) = oneshot::channel();
        let order = Order { method, params, answer, inbox: None, unheard: Some(self.session.clone()) };
        let leaving = async move {
            if let Err(trouble) = shared.order(&connected, order, answered).await {
                debug!(%trouble, "not unsubscribed");
            }
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(leaving);
        }
    }
}
