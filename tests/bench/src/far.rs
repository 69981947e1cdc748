//! The far end of the whole way: a platform whose users say something in many channels at once, and wait for the answer.
use anyhow::{Context, bail, ensure};
use futures::StreamExt;
use platforms::occum::{Agent, Happening, Occum, Record, Request, Settings};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Conversations in flight, each with one message at a time. As many as the runtime lets handlers of one instance run.
pub const WINDOW: usize = 16;

const PERSON: u64 = 42;

/// For one answer; far above what a working one takes.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Far {
    pub occum: Occum,
    pub agent: Agent,
    channels: Vec<String>,
    said: u64,
    refused: u64,
    /// Work sessions of all talks: what is said once more may come when the next talk has begun.
    ended: BTreeSet<String>,
}

/// What the platform saw.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    pub requests: u64,
    pub events: u64,
    pub connections: u64,
    /// Completions of work sessions that the platform did not know yet: the connector had let them overtake.
    pub refused: u64,
    posts: u64,
}

impl Far {
    pub async fn start() -> anyhow::Result<Self> {
        // What is kept is read by nobody here; a little of it helps whoever waits in vain.
        let occum = Occum::start_with(Settings { keep: 40, ..Settings::default() }).await?;
        let agent = occum.add_agent("Clanker");
        let channels = (0..WINDOW).map(|n| occum.add_channel(&format!("c{n}"), &[&agent])).collect();
        Ok(Self { occum, agent, channels, said: 0, refused: 0, ended: BTreeSet::new() })
    }

    pub fn seen(&self) -> Seen {
        let posts = |record: &Record| self.channels.iter().map(|channel| record.posts_count(channel)).sum();
        self.occum.record(|record| Seen {
            requests: record.requests_count(),
            events: record.events_count(),
            connections: record.connections_opened(),
            refused: self.refused,
            posts: posts(record),
        })
    }

    /// So many messages, a new one in a channel when the last one there was answered. Returns how long it took.
    ///
    /// # Errors
    /// An answer that is missing, or other than an echo's: then the two sides would not do the same work.
    pub async fn talk(&mut self, messages: u64) -> anyhow::Result<Duration> {
        let before = self.seen();
        let mut happenings = self.occum.happenings();
        let mut open = BTreeMap::new();
        let begun = Instant::now();
        let last = self.said + messages;
        for channel in self.channels.clone() {
            if self.said < last {
                open.insert(channel.clone(), self.say(&channel).await);
            }
        }
        while !open.is_empty() {
            let happening = timeout(PATIENCE, happenings.next())
                .await
                .context("an answer is missing; SHOW_RUNTIME=1 may show why")?;
            let request = match happening.context("the platform ended")? {
                Happening::Answered(request) if request.path.ends_with("/complete") => request,
                Happening::Missed(count) => bail!("the bench is too slow: {count} happenings lost"),
                _ => continue,
            };
            // /v1/channels/<channel>/work/<session>/complete
            let mut parts = request.path.split('/');
            let channel = parts.nth(3).unwrap_or_default().to_owned();
            let session = parts.nth(1).unwrap_or_default().to_owned();
            match request.status() {
                Some(200) if self.ended.insert(session) => {}
                // Said once more, because its beginning came after its end.
                Some(200) => continue,
                Some(404) => {
                    self.refused += 1;
                    continue;
                }
                status => bail!("the end of the work was answered with {status:?}"),
            }
            self.check(&request, open.remove(&channel))?;
            if self.said < last {
                open.insert(channel.clone(), self.say(&channel).await);
            }
        }
        let took = begun.elapsed();
        let posts = self.seen().posts - before.posts;
        ensure!(
            posts == 2 * messages,
            "{messages} messages were answered with {posts} posts instead of two each"
        );
        Ok(took)
    }

    async fn say(&mut self, channel: &str) -> String {
        self.said += 1;
        // About as long as what people write; its answer just fits into a summary, which is then the whole answer.
        let words =
            format!("Message {}. Could you have a look at this when there is a moment? Thanks!", self.said);
        self.occum.say(channel, PERSON, &words).await;
        words
    }

    fn check(&self, request: &Request, asked: Option<String>) -> anyhow::Result<()> {
        let said = request.json();
        let asked = asked.with_context(|| format!("answered twice: {said}"))?;
        let expected = format!("User #{PERSON}, you said:\n\n{asked}");
        ensure!(said["summary"] == expected.as_str(), "not the echo of {asked:?}: {said}");
        Ok(())
    }
}

impl Seen {
    pub fn since(self, before: Self) -> Self {
        Self {
            requests: self.requests - before.requests,
            events: self.events - before.events,
            connections: self.connections - before.connections,
            refused: self.refused - before.refused,
            posts: self.posts - before.posts,
        }
    }
}
