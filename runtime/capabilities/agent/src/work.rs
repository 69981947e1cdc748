//! Works off one conversation: asks the agent, tells the connector, and says how it ended.
use crate::desk::{Before, Inner, Job};
use crate::kept::{self, Class, Context, Kept, KeptMessage, Said};
use crate::line::Line;
use crate::speech::Speech;
use futures::FutureExt;
use futures::stream::{FuturesUnordered, StreamExt};
use ports::agent::{Failed, Message, Question, Turn};
use ports::clock::epoch_ms;
use ports::journal::{DeadLetter, Outcome, Past, Record};
use ports::mailbox::Closed;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tracing::{debug, error, info, warn};

/// Between two attempts at an agent that is not available: doubling, unless it asks for a time itself.
const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// For the far end to hear that nobody waits for an answer.
const LET_GO_WITHIN: Duration = Duration::from_secs(30);

/// What is known when the agent is asked.
struct Attempt {
    /// The connector was told that the work began.
    started: bool,
    /// The agent may have been given the message before.
    repeated: bool,
}

/// How one attempt at the agent ended.
enum Ended {
    Answered,
    Aborted,
    Late,
    Unavailable { why: String, retry_after: Option<Duration> },
    Failed(Class, String),
}

impl Inner {
    /// Ends when nothing of the conversation is left. Those that wait too long for their turn are told meanwhile.
    pub async fn work(self: Arc<Self>, conversation: String) {
        tokio::select! {
            () = self.begun.cancelled() => {}
            () = self.end.cancelled() => return self.abandon(&conversation),
        }
        let mut late = FuturesUnordered::new();
        while let Some(job) = self.next_of(&conversation) {
            let run = self.run(job);
            tokio::pin!(run);
            let gone = loop {
                // NB: before the look at the deadlines, or one that is queued in between would be missed.
                let queued = self.queued.notified();
                tokio::select! {
                    // NB: not an abort. Whatever is open stays so in the journal, for the next process.
                    () = self.end.cancelled() => break true,
                    gone = &mut run => break gone.is_err(),
                    () = until(self.soonest_deadline(&conversation)) => {
                        let jobs = self.out_of_time(&conversation, epoch_ms());
                        late.extend(jobs.into_iter().map(|job| self.run(job)));
                    }
                    () = queued => {}
                    Some(_) = late.next() => {}
                }
            };
            if gone {
                return self.abandon(&conversation);
            }
        }
        tokio::select! {
            () = self.end.cancelled() => {}
            () = async { while late.next().await.is_some() {} } => {}
        }
    }

    async fn run(&self, job: Job) -> Result<(), Closed> {
        let ticket = job.message.ticket.clone();
        let done = match job.gate.clone().await {
            // A panic must not leave the conversation without anybody who works on it.
            Ok(Outcome::Written) => match AssertUnwindSafe(self.see_through(job)).catch_unwind().await {
                Ok(done) => done,
                Err(_) => {
                    error!(
                        blame = "host",
                        ticket, "gave up on a message, which the next start finds again: this is a bug"
                    );
                    Ok(())
                }
            },
            Ok(Outcome::Known { .. }) | Err(_) => Ok(()),
        };
        self.closed(&ticket);
        done
    }

    async fn see_through(&self, job: Job) -> Result<(), Closed> {
        let Job { key, message, context, progress, accepted_ms, deadline_ms, aborted, before, past, .. } =
            job;
        let Before { number, told, asked, unanswered, ended } = before;
        let patience_ms = deadline_ms.saturating_sub(accepted_ms);
        let mut line = Line::new(
            self.mailbox.clone(),
            self.journal.clone(),
            &message,
            context.clone(),
            progress,
            number,
        );
        for earlier in unanswered {
            line.again(earlier).await?;
        }
        if ended {
            return Ok(());
        }
        let mut speech = Speech::new(line, told);
        let (mut attempt, mut past) = (Attempt { started: false, repeated: asked }, past);
        let mut delay = FIRST_DELAY;
        let late = |speech: &Speech| match speech.spoke_ms() {
            0 => deadline_ms,
            spoke => deadline_ms.max(spoke.saturating_add(patience_ms)),
        };
        loop {
            let until_then = late(&speech);
            let ended = tokio::select! {
                biased;
                () = aborted.cancelled() => Ended::Aborted,
                ended = self.ask(&message, &mut speech, &mut attempt, until_then) => ended?,
            };
            let (class, why) = match ended {
                Ended::Answered if !aborted.is_cancelled() => return self.finish(&message, speech).await,
                Ended::Answered | Ended::Aborted => {
                    self.let_go(&message);
                    return speech.line.tell(vec![Said::Aborted], Vec::new()).await;
                }
                Ended::Unavailable { why, retry_after } => {
                    self.unavailable(&message, &why);
                    past.fails(epoch_ms(), &why);
                    speech.broke_off().await?;
                    let rest = retry_after.unwrap_or_else(|| jittered(delay));
                    delay = (delay * 2).min(LONGEST_DELAY);
                    tokio::select! {
                        () = sleep(rest) => continue,
                        () = aborted.cancelled() => continue,
                        () = until(Some(late(&speech))) => {
                            self.let_go(&message);
                            (Class::Deadline, format!("the agent was not available in time: {why}"))
                        }
                    }
                }
                Ended::Late => {
                    self.let_go(&message);
                    (Class::Deadline, "no answer had begun in time".into())
                }
                Ended::Failed(class, why) => (class, why),
            };
            let kept = KeptMessage { message, context: Context(context), progress };
            let kept = Kept::Message { key, patience_ms, kept };
            return self.fails(speech.line, kept, past, class, why).await;
        }
    }

    /// One attempt at the agent.
    async fn ask(
        &self,
        message: &Message,
        speech: &mut Speech,
        attempt: &mut Attempt,
        late: u64,
    ) -> Result<Ended, Closed> {
        if epoch_ms() >= late {
            return Ok(Ended::Late);
        }
        if !std::mem::replace(&mut attempt.started, true) {
            speech.line.started().await?;
        }
        let memory = match self.memory(message).await {
            Ok(memory) => memory,
            Err(why) => return Ok(Ended::Unavailable { why, retry_after: None }),
        };
        let said = speech.told().to_owned();
        let begun = speech.begun.clone();
        let repeated = std::mem::replace(&mut attempt.repeated, true);
        let question = Question { message, memory: &memory, said: &said, repeated };
        let answering = AssertUnwindSafe(self.backend.answer(question, speech)).catch_unwind();
        tokio::pin!(answering);
        let answered = tokio::select! {
            answered = &mut answering => answered,
            () = until(Some(late)), if !begun.load(Relaxed) => match begun.load(Relaxed) {
                false => return Ok(Ended::Late),
                true => answering.await,
            },
        };
        if !matches!(answered, Ok(Err(Failed::Unavailable { .. } | Failed::Gone))) {
            self.available();
        }
        Ok(match answered {
            Ok(Ok(())) => Ended::Answered,
            Ok(Err(Failed::Gone)) => return Err(Closed),
            Ok(Err(Failed::Refused(why))) => Ended::Failed(Class::Refused, why),
            Ok(Err(Failed::Agent(why))) => Ended::Failed(Class::Agent, why),
            Ok(Err(Failed::Unavailable { why, retry_after })) => Ended::Unavailable { why, retry_after },
            Err(_) => Ended::Failed(Class::Runtime, "the way to the agent has a bug".into()),
        })
    }

    /// Nobody waits for the answer any more. The connector is not to wait until the far end knows that.
    fn let_go(&self, message: &Message) {
        let (backend, message) = (self.backend.clone(), message.clone());
        tokio::spawn(async move {
            let _ = timeout(LET_GO_WITHIN, backend.abort(&message)).await;
        });
    }

    async fn memory(&self, message: &Message) -> Result<Vec<Turn>, String> {
        let limit = self.backend.memory_turns();
        if limit == 0 {
            return Ok(Vec::new());
        }
        let turns = self.journal.turns(&self.id, &message.conversation, limit).await;
        let turns = turns.map_err(|error| error.to_string())?;
        Ok(turns.into_iter().map(|turn| Turn { from_agent: turn.from_agent, text: turn.text }).collect())
    }

    async fn finish(&self, message: &Message, speech: Speech) -> Result<(), Closed> {
        let (mut line, rest, whole) = speech.end();
        debug!(ticket = message.ticket, bytes = whole.len(), "answered");
        self.counts.answered.fetch_add(1, Relaxed);
        let turn = |from_agent, text: &str| {
            Record::Turn(ports::journal::Turn {
                instance: self.id.clone(),
                conversation: message.conversation.clone(),
                from_agent,
                text: text.to_owned(),
                at_ms: epoch_ms(),
            })
        };
        let turns = vec![turn(false, &message.text), turn(true, &whole)];
        line.tell(rest.into_iter().chain([Said::Final(whole)]).collect(), turns).await
    }

    /// The connector is told, and the message is set aside: the operator can have it asked again.
    async fn fails(
        &self,
        mut line: Line,
        kept: Kept,
        mut past: Past,
        class: Class,
        why: String,
    ) -> Result<(), Closed> {
        let Kept::Message { kept: KeptMessage { message, .. }, .. } = &kept else { return Ok(()) };
        warn!(ticket = message.ticket, ?class, why, "no answer");
        self.counts.failed.fetch_add(1, Relaxed);
        past.fails(epoch_ms(), &why);
        let why = cut(why);
        let dead = DeadLetter {
            id: 0,
            instance: self.id.clone(),
            room: crate::NAME.into(),
            about: format!(
                "message of {} for the agent",
                ports::log_budget::printable(&message.sender_id, 256)
            ),
            reason: why.clone(),
            at_ms: epoch_ms(),
            past,
            body: kept::write(&kept),
        };
        line.tell(vec![Said::Failed(class, why)], vec![Record::Dead(dead)]).await
    }

    fn unavailable(&self, message: &Message, why: &str) {
        self.counts.repeated.fetch_add(1, Relaxed);
        if self.trouble(Some(why.to_owned())) {
            warn!(ticket = message.ticket, why, "the agent is not available; messages wait");
        }
    }

    fn available(&self) {
        if self.trouble(None) {
            info!("the agent is available again");
        }
    }
}

/// Waits for a time of the wall clock; for ever without one. Looks again now and then: that clock jumps.
async fn until(at_ms: Option<u64>) {
    let Some(at_ms) = at_ms else { return std::future::pending().await };
    loop {
        match at_ms.saturating_sub(epoch_ms()) {
            0 => return,
            left => sleep(Duration::from_millis(left.min(60_000))).await,
        }
    }
}

/// What `agent.wit` promises of a failure's text.
fn cut(mut why: String) -> String {
    why.truncate(why.floor_char_boundary(1024));
    why
}

/// Up to a quarter less, so that many do not come back in the same moment.
fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(rand::random_range(0.75..=1.0))
}
