//! What is heard of one session, until whoever waits for it takes it. Nothing here makes the connection wait: pieces of
//! one run that nobody took yet become one.
use openclaw::agent::AgentEnded;
use openclaw::chat::{Chat, ChatEvent};
use openclaw::frame::Problem;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

#[derive(Debug)]
pub(crate) enum Heard {
    Chat(ChatEvent),
    /// The last answer to the `agent` request.
    Ended(AgentEnded),
    Refused(Problem),
    /// Events were lost: what they said is in the history.
    Gap,
}

/// More than this are told as a gap: the history has them all.
const MOST: usize = 256;
/// The same for their texts; the last one may go beyond.
const MOST_BYTES: usize = 4 << 20;

#[derive(Default)]
pub(crate) struct Inbox {
    heard: Mutex<VecDeque<Heard>>,
    arrived: Notify,
}

impl Inbox {
    pub fn put(&self, heard: Heard) {
        let mut queue = self.lock();
        let is_full = queue.len() >= MOST || queue.iter().map(bytes).sum::<usize>() > MOST_BYTES;
        match (queue.back_mut(), heard) {
            (Some(Heard::Chat(last)), Heard::Chat(next)) if swallows(last, &next) => swallow(last, next),
            (Some(Heard::Gap), Heard::Gap) => {}
            (_, heard) if !is_full => queue.push_back(heard),
            _ => {
                queue.clear();
                queue.push_back(Heard::Gap);
            }
        }
        drop(queue);
        self.arrived.notify_one();
    }

    /// Cancel safe. One at a time.
    pub async fn take(&self) -> Heard {
        loop {
            if let Some(heard) = self.take_now() {
                return heard;
            }
            self.arrived.notified().await;
        }
    }

    pub fn take_now(&self) -> Option<Heard> {
        self.lock().pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the next says all that the last did, and more: both are deltas of one run, and the next has the whole text.
fn swallows(last: &ChatEvent, next: &ChatEvent) -> bool {
    let status = matches!(last.chat, Chat::Status { .. });
    let delta = matches!(last.chat, Chat::Delta { .. });
    let whole = matches!(&next.chat, Chat::Delta { so_far: Some(_), .. });
    last.run == next.run && (status || delta && whole)
}

/// NB: that all before it was taken back has to be known, or a shorter text would count as an old one.
fn swallow(last: &mut ChatEvent, mut next: ChatEvent) {
    if let (Chat::Delta { replace: true, .. }, Chat::Delta { replace, .. }) = (&last.chat, &mut next.chat) {
        *replace = true;
    }
    *last = next;
}

/// Of the texts.
fn bytes(heard: &Heard) -> usize {
    let Heard::Chat(event) = heard else { return 0 };
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match &event.chat {
        Chat::Delta { text, so_far, .. } => length(text) + length(so_far),
        Chat::Final { text, .. } | Chat::Aborted { text, .. } => length(text),
        Chat::Error { message, .. } => message.len(),
        Chat::SideResult { question, text, .. } => length(question) + text.len(),
        Chat::Status { phase } => phase.len(),
        Chat::Unknown(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openclaw::chat::{Outcome, Run, Step};

    fn delta(text: &str, so_far: &str) -> Heard {
        let (text, so_far) = (Some(text.to_owned()), Some(so_far.to_owned()));
        let chat = Chat::Delta { text, replace: false, so_far };
        Heard::Chat(ChatEvent { run: "r".into(), session: "s".into(), chat })
    }

    #[tokio::test]
    async fn pieces_that_nobody_took_become_one_and_no_text_is_lost() {
        let inbox = Inbox::default();
        let mut so_far = String::new();
        for number in 0..10_000 {
            let piece = format!("{number} ");
            so_far.push_str(&piece);
            inbox.put(delta(&piece, &so_far));
        }
        let chat = Chat::Final { text: Some(so_far.clone()), stop_reason: None };
        inbox.put(Heard::Chat(ChatEvent { run: "r".into(), session: "s".into(), chat }));
        assert_eq!(inbox.lock().len(), 2);
        let mut run = Run::new();
        let mut said = String::new();
        let outcome = loop {
            let Heard::Chat(event) = inbox.take().await else { panic!() };
            let mut outcome = None;
            for step in run.take(&event.chat) {
                match step {
                    Step::Append(piece) => said.push_str(&piece),
                    Step::Replace(whole) => said = whole,
                    Step::Done(done) => outcome = Some(done),
                }
            }
            if let Some(outcome) = outcome {
                break outcome;
            }
        };
        assert_eq!((said, outcome), (so_far.clone(), Outcome::Answered(so_far)));
    }

    #[tokio::test]
    async fn what_was_taken_back_stays_so_when_the_next_piece_comes_before_anybody_looked() {
        let inbox = Inbox::default();
        let mut run = Run::new();
        let Heard::Chat(first) = delta("abcdef", "abcdef") else { panic!() };
        run.take(&first.chat);
        let chat = Chat::Delta { text: Some("ab".into()), replace: true, so_far: Some("ab".into()) };
        inbox.put(Heard::Chat(ChatEvent { run: "r".into(), session: "s".into(), chat }));
        inbox.put(delta("c", "abc"));
        let Heard::Chat(event) = inbox.take().await else { panic!() };
        assert_eq!((run.take(&event.chat), inbox.lock().len()), (vec![Step::Replace("abc".into())], 0));
    }

    #[tokio::test]
    async fn texts_of_many_runs_do_not_pile_up() {
        let inbox = Inbox::default();
        for number in 0..64 {
            let chat = Chat::Final { text: Some("x".repeat(1 << 20)), stop_reason: None };
            inbox.put(Heard::Chat(ChatEvent { run: number.to_string(), session: "s".into(), chat }));
            let held: usize = inbox.lock().iter().map(bytes).sum();
            assert!(held <= MOST_BYTES + (1 << 20), "{held}");
        }
        assert!(matches!(inbox.take().await, Heard::Gap));
    }

    #[tokio::test]
    async fn a_flood_of_what_is_no_piece_becomes_a_gap() {
        let inbox = Inbox::default();
        for number in 0..2 * MOST {
            let chat = Chat::Unknown("x".into());
            inbox.put(Heard::Chat(ChatEvent { run: number.to_string(), session: "s".into(), chat }));
        }
        assert!(inbox.lock().len() <= MOST);
        assert!(matches!(inbox.take().await, Heard::Gap));
    }
}
