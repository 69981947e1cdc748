//! One message's way to the agent and its answer's way back.
//!
//! The gateway remembers for minutes which messages it had, and forgets that when it is restarted; its history stays. So
//! whenever it may have had this message, the history is read first. An answer in it is delivered; a message that is there
//! without one is waited for, as a gateway that was restarted goes on by itself under another name; only what is not there
//! is given to it.
use crate::connection::Connected;
use crate::gateway::{Shared, Trouble, refused};
use crate::inbox::{Heard, Inbox};
use openclaw::agent::{AgentEnded, AgentStatus};
use openclaw::chat::{Chat, ChatEvent, Outcome, Run, Step};
use openclaw::frame::Problem;
use openclaw::history::{Fate, History};
use openclaw::text;
use ports::agent::{Failed, Message, Question, Say};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tracing::{debug, info, warn};

/// How many sessions a conversation may have, one after the other.
const SESSIONS: u32 = 64;
/// How often a gateway may take a message and give it up.
const GENERATIONS: u32 = 64;
/// Rows of a history that are asked for; the gateway gives no more at once.
const ROWS: u64 = 1000;
/// Pages of a history, at most. A run that made more rows than this is not found again.
const PAGES: u64 = 8;
/// Of a whole answer. Nobody reads more, and a model in a loop has to end.
pub(crate) const MAX_ANSWER_BYTES: usize = 1 << 20;
/// A run that ended without a word may still have its text in the last answer to the request.
const LAST_WORD: Duration = Duration::from_secs(2);
/// Between two looks into the history while an interrupted message is waited for.
const LOOK: Duration = Duration::from_secs(5);
/// Before the names of our runs: others in the session are not.
const OURS: &str = "cr-";
/// Before the names of what an operator of the gateway puts into a session himself: no run, and nobody's answer.
const INJECTED: &str = "inject-";

pub(crate) struct Errand<'a> {
    shared: &'a Arc<Shared>,
    connected: Arc<Connected>,
    session: String,
    /// Whether it takes messages, as far as is known.
    is_open: bool,
}

/// Under which name the gateway gets a message: unique, and the same at each try. The next generation is for one that the
/// gateway took, never began and gave up.
pub(crate) fn key(message: &Message, generation: u32) -> String {
    match generation {
        0 => format!("{OURS}{}", message.ticket),
        _ => format!("{OURS}{}-{generation}", message.ticket),
    }
}

/// Where one name of a message has led.
enum Stage {
    Over,
    /// It is to be sent under its next name.
    Dropped,
    /// The session takes no messages any more, and this one is not in it.
    Closed,
}

enum Submitted {
    /// It is worked on.
    Followed,
    /// The gateway had it before and knows how it ended.
    Ended(AgentEnded),
    Dropped,
    Closed,
}

/// A message that waited for its turn when the gateway was restarted: there is no other sign of it than that the refusal,
/// unlike those of a gateway that starts, drains or is busy, asks for no repeat.
fn is_given_up(problem: &Problem) -> bool {
    problem.code == "UNAVAILABLE"
        && !problem.retryable
        && problem.retry_after.is_none()
        && problem.reason().is_none()
        && problem.message.contains("new turn")
}

/// A session in which a run was interrupted too often is closed for good; only its text tells this from what is wrong with
/// a message. (`/new` would begin another in its place, and no text of ours is a command.)
fn is_closed(problem: &Problem) -> bool {
    problem.code == "INVALID_REQUEST" && problem.message.contains("ended during restart recovery")
}

/// Whose answer is waited for.
struct Ear {
    key: String,
    /// A gateway that was interrupted goes on with our message under a name of its own. The session is ours alone, so
    /// whatever is said in it next, and not under another name of ours, is that.
    adopts: bool,
    /// Known with the first piece; no other counts after that.
    run: Option<String>,
    /// When to give up an interrupted message.
    until: Option<Instant>,
}

impl Ear {
    fn new(key: &str, adopts: bool) -> Self {
        Self { key: key.to_owned(), adopts, run: None, until: None }
    }

    fn is_for_us(&mut self, event: &ChatEvent) -> bool {
        if let Some(run) = &self.run {
            return *run == event.run;
        }
        let is_ours = event.run == self.key;
        let is_adopted = self.adopts && ![OURS, INJECTED].iter().any(|start| event.run.starts_with(start));
        if (is_ours || is_adopted) && matches!(event.chat, Chat::Delta { .. } | Chat::Final { .. }) {
            self.run = Some(event.run.clone());
        }
        if is_adopted && self.run.is_some() {
            let run: String = event.run.chars().take(64).collect();
            info!(key = self.key, run, "the gateway goes on with it");
        }
        is_ours || is_adopted
    }
}

impl<'a> Errand<'a> {
    pub async fn run(
        shared: &'a Arc<Shared>,
        question: Question<'_>,
        say: &mut dyn Say,
    ) -> Result<(), Failed> {
        let message = question.message;
        let spoken = text::spoken(&message.sender_label, &message.text);
        let spoken = spoken.map_err(|unspeakable| Failed::Refused(unspeakable.to_string()))?;
        let connected = shared.ready().await?;
        let current = shared.session_number(&message.instance, &message.conversation);
        // One that was given before may be in a session that the gateway gave up since.
        let first = if question.repeated { 0 } else { current };
        for number in first..SESSIONS {
            let session = shared.session_key(&message.instance, &message.conversation, number);
            let listening = shared.listen(&connected, &session);
            let errand = Self { shared, connected: connected.clone(), session, is_open: number >= current };
            match errand.work(&listening.inbox, question.repeated, &spoken, message, say).await? {
                Stage::Closed if number >= current => {
                    warn!(
                        session = errand.session,
                        "the gateway gave this session up after a restart; going on in another"
                    );
                    shared.session_ended(&message.instance, &message.conversation, number);
                }
                Stage::Closed => {}
                Stage::Over | Stage::Dropped => return Ok(()),
            }
        }
        Err(Failed::Agent("the gateway gave up every session of this conversation".into()))
    }

    async fn work(
        &self,
        inbox: &Arc<Inbox>,
        repeated: bool,
        spoken: &str,
        message: &Message,
        say: &mut dyn Say,
    ) -> Result<Stage, Failed> {
        self.request("sessions.messages.subscribe", json!({ "key": self.session })).await?;
        for generation in 0..GENERATIONS {
            let key = key(message, generation);
            self.shared.goes_by(&message.ticket, generation, &key);
            match self.under(key, inbox, repeated, spoken, message, say).await? {
                done @ (Stage::Over | Stage::Closed) => return Ok(done),
                Stage::Dropped => debug!(ticket = message.ticket, generation, "given up by the gateway"),
            }
        }
        Err(Failed::Agent("the gateway took this message and gave it up, again and again".into()))
    }

    /// The message under one of its names.
    async fn under(
        &self,
        key: String,
        inbox: &Arc<Inbox>,
        repeated: bool,
        spoken: &str,
        message: &Message,
        say: &mut dyn Say,
    ) -> Result<Stage, Failed> {
        // Under a later name only what the gateway gave up before is sent.
        let fate = if repeated { self.fate(&key).await? } else { Fate::NotThere };
        if repeated {
            debug!(ticket = message.ticket, ?fate, "looked into the history");
        }
        match fate {
            Fate::Dropped => return Ok(Stage::Dropped),
            Fate::NotThere if !self.is_open => return Ok(Stage::Closed),
            Fate::NotThere => {
                self.prepare().await?;
                match self.submit(&key, inbox, spoken, message).await? {
                    Submitted::Followed => self.follow(&key, inbox, false, say).await?,
                    Submitted::Ended(done) => ended_as(done, say).await?,
                    Submitted::Dropped => return Ok(Stage::Dropped),
                    Submitted::Closed => return Ok(Stage::Closed),
                }
            }
            other => {
                // One that waits for its turn has others before it, which are not its answer.
                let adopts = other != Fate::Queued;
                if !settled(other, say).await? {
                    self.follow(&key, inbox, adopts, say).await?;
                }
            }
        }
        Ok(Stage::Over)
    }

    async fn request(&self, method: &'static str, params: Value) -> Result<Value, Trouble> {
        self.shared.request(&self.connected, method, params, None).await
    }

    /// The session as the operator wants it, before its first message.
    async fn prepare(&self) -> Result<(), Failed> {
        let Some(mode) = self.shared.options.permissions.mode() else { return Ok(()) };
        let params = json!({ "key": self.session, "permissionMode": mode });
        match self.request("sessions.create", params).await {
            Ok(_) => Ok(()),
            // An older gateway knows no such thing. Better no answer than one by an agent that may do everything.
            Err(Trouble::Refused(problem)) => Err(Failed::Unavailable {
                why: format!(
                    "the gateway does not make this session {mode} ({problem}); set agent.permissions = \"agent\" to do without"
                ),
                retry_after: problem.retry_after,
            }),
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// Hands the message over.
    async fn submit(
        &self,
        key: &str,
        inbox: &Arc<Inbox>,
        spoken: &str,
        message: &Message,
    ) -> Result<Submitted, Failed> {
        let mut params = json!({ "sessionKey": self.session, "message": spoken, "idempotencyKey": key });
        if let Some(system) = &self.shared.options.system {
            params["extraSystemPrompt"] = system.as_str().into();
        }
        let asked = self.shared.request(&self.connected, "agent", params, Some(inbox.clone())).await;
        let answer = match asked {
            Ok(answer) => answer,
            Err(Trouble::Refused(problem)) if is_given_up(&problem) => return Ok(Submitted::Dropped),
            Err(Trouble::Refused(problem)) if is_closed(&problem) => return Ok(Submitted::Closed),
            Err(Trouble::Refused(problem)) => return Err(refused(&problem)),
            Err(trouble) => return Err(trouble.into()),
        };
        debug!(ticket = message.ticket, session = self.session, "submitted");
        let ended = AgentEnded::read(&answer);
        let ended = ended.filter(|ended| ended.status != AgentStatus::Other("in_flight".into()));
        Ok(ended.map_or(Submitted::Followed, Submitted::Ended))
    }

    async fn fate(&self, key: &str) -> Result<Fate, Failed> {
        for page in 0..PAGES {
            let mut params = History::params(&self.session, ROWS);
            if page > 0 {
                params["offset"] = (page * ROWS).into();
            }
            let answer = self.shared.read_history(&self.connected, params).await?;
            let history = History::read(&answer)
                .map_err(|error| Failed::Unavailable { why: error.to_string(), retry_after: None })?;
            match history.fate(key) {
                Fate::Unclear if goes_back_far_enough(&history, key) => return Ok(Fate::NotThere),
                Fate::Unclear if history.has_more => {}
                fate => return Ok(fate),
            }
        }
        Ok(Fate::Unclear)
    }

    /// To the end of the run.
    async fn follow(
        &self,
        key: &str,
        inbox: &Arc<Inbox>,
        adopts: bool,
        say: &mut dyn Say,
    ) -> Result<(), Failed> {
        let (mut run, mut ear) = (Run::new(), Ear::new(key, adopts));
        let mut last_word = None;
        let mut look = self.next_look(&ear);
        loop {
            // NB: only here is it looked whether the connection is lost, so that nothing is broken off while it is said,
            // and what was heard before is said.
            let heard = tokio::select! {
                heard = inbox.take() => heard,
                () = sleep_until(last_word.unwrap_or(look)) => match last_word {
                    Some(_) => return Ok(()),
                    None => Heard::Gap,
                },
                () = self.shared.lost(&self.connected) => match (inbox.take_now(), last_word) {
                    (Some(heard), _) => heard,
                    (None, Some(_)) => return Ok(()),
                    // Whatever was sent: the next try looks first.
                    (None, None) => return Err(Trouble::Lost.into()),
                },
            };
            match heard {
                Heard::Chat(event) if ear.is_for_us(&event) => {
                    let told = tell(&mut run, &event.chat, say).await;
                    if run.said().len() > MAX_ANSWER_BYTES && !run.is_over() {
                        self.stop(&event.run).await;
                    }
                    match told? {
                        Some(Outcome::Answered(_)) => return Ok(()),
                        Some(Outcome::Silent) => last_word = Some(Instant::now() + LAST_WORD),
                        Some(outcome) => return Err(failed(outcome)),
                        None => look = self.next_look(&ear),
                    }
                }
                Heard::Ended(ended) if ended.run_id == key => return ended_as(ended, say).await,
                Heard::Chat(_) | Heard::Ended(_) => {}
                Heard::Refused(problem) => return Err(refused(&problem)),
                Heard::Gap if last_word.is_some() => {}
                Heard::Gap => {
                    let fate = self.fate(key).await?;
                    if self.is_over(&fate, &mut ear)? || settled(fate, say).await? {
                        return Ok(());
                    }
                    look = self.next_look(&ear);
                }
            }
        }
    }

    /// When to ask the history if nothing is heard of the run until then. What is said by others puts it off no further.
    fn next_look(&self, ear: &Ear) -> Instant {
        let timeouts = &self.shared.options.timeouts;
        let quiet = if ear.adopts { LOOK.min(timeouts.quiet) } else { timeouts.quiet };
        let (now, look) = (Instant::now(), Instant::now() + quiet);
        ear.until.filter(|until| *until > now).map_or(look, |until| look.min(until))
    }

    /// A run of which nobody wants to hear more.
    async fn stop(&self, run: &str) {
        let params = json!({ "sessionKey": self.session, "runId": run });
        if let Err(trouble) = self.request("chat.abort", params).await {
            debug!(%trouble, "not stopped");
        }
    }

    /// What the history says in the middle of a run. `Ok(false)`: perhaps.
    fn is_over(&self, fate: &Fate, ear: &mut Ear) -> Result<bool, Failed> {
        match fate {
            Fate::NotThere | Fate::Dropped => {
                let why = "the gateway lost the message".to_owned();
                Err(Failed::Unavailable { why, retry_after: None })
            }
            Fate::Interrupted => {
                if !std::mem::replace(&mut ear.adopts, true) || ear.until.is_none() {
                    info!(
                        key = ear.key,
                        "the gateway was interrupted in this message; waiting for it to go on"
                    );
                }
                let resume = self.shared.options.timeouts.resume;
                match *ear.until.get_or_insert_with(|| Instant::now() + resume) {
                    until if Instant::now() < until => Ok(false),
                    _ => Err(Failed::Agent(
                        "the gateway was restarted in the middle of this message and did not go on with it"
                            .into(),
                    )),
                }
            }
            _ => Ok(false),
        }
    }
}

/// Messages of a conversation are sent one after the other, so ours is not behind another one of ours.
fn goes_back_far_enough(history: &History, key: &str) -> bool {
    let is_of_another = |own: &String| own.starts_with(OURS) && !own.starts_with(key);
    let all_that_wait_are_here = history.pending_total == history.pending.len() as u64;
    let mut asked = history.rows.iter().filter(|row| row.role == "user");
    all_that_wait_are_here && asked.any(|row| row.idempotency_key.as_ref().is_some_and(is_of_another))
}

/// Whether it is over. `Err`: as a failure.
async fn settled(fate: Fate, say: &mut dyn Say) -> Result<bool, Failed> {
    match fate {
        Fate::Answered(whole) => {
            say_all(&whole, say).await?;
            Ok(true)
        }
        Fate::Aborted(_) => Err(Failed::Agent("the run was aborted at the gateway".into())),
        Fate::Failed(why) => Err(Failed::Agent(why)),
        Fate::Unclear => Err(Failed::Agent(
            "whether the gateway had this message cannot be told: its history has grown too long".into(),
        )),
        Fate::NotThere | Fate::Dropped | Fate::Running | Fate::Queued | Fate::Interrupted => Ok(false),
    }
}

async fn say_all(whole: &str, say: &mut dyn Say) -> Result<(), Failed> {
    if whole.len() > MAX_ANSWER_BYTES {
        return Err(Failed::Agent(format!("the answer is over {MAX_ANSWER_BYTES} bytes")));
    }
    Ok(say.replace(whole).await?)
}

/// Says what is new in this event.
async fn tell(run: &mut Run, chat: &Chat, say: &mut dyn Say) -> Result<Option<Outcome>, Failed> {
    let mut outcome = None;
    for step in run.take(chat) {
        match step {
            Step::Append(_) | Step::Replace(_) => {
                let whole = run.said().to_owned();
                if !whole.is_empty() {
                    say_all(&whole, say).await?;
                }
            }
            Step::Done(done) => outcome = Some(done),
        }
    }
    Ok(outcome)
}

/// As the last answer to the request has it.
async fn ended_as(ended: AgentEnded, say: &mut dyn Say) -> Result<(), Failed> {
    match (ended.status, ended.text) {
        (AgentStatus::Ok, Some(whole)) => say_all(&whole, say).await,
        (AgentStatus::Ok, None) => Ok(()),
        (_, text) => {
            let why = ended.summary.or(text).unwrap_or_else(|| "the run failed at the gateway".into());
            Err(Failed::Agent(why))
        }
    }
}

fn failed(outcome: Outcome) -> Failed {
    match outcome {
        Outcome::Failed { message, kind } if kind.as_deref() == Some("refusal") => Failed::Refused(message),
        Outcome::Failed { message, .. } => Failed::Agent(message),
        Outcome::Aborted { stop_reason, .. } => {
            let reason = stop_reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            Failed::Agent(format!("the run was aborted at the gateway{reason}"))
        }
        Outcome::Answered(_) | Outcome::Silent => Failed::Agent("the run ended without an answer".into()),
    }
}
