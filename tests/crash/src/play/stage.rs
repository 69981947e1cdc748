//! The far end and the people in it.
use super::death::Signs;
use crate::plan::{Act, Kind, Plan, Said};
use crate::timeline::{Timeline, Watching};
use anyhow::{Context, ensure};
use platforms::occum::{Agent, Occum, Record};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The longest wait for a process that does its work, retries of the connector included.
const PATIENCE: Duration = Duration::from_secs(45);

/// When the last message of each channel is answered: the time for what may still be under way beside it.
const AFTERWARDS: Duration = Duration::from_secs(10);

pub(crate) struct Stage {
    pub(crate) occum: Occum,
    pub(crate) agent: Agent,
    pub(crate) channels: Vec<String>,
    told: Mutex<Vec<Told>>,
    timeline: Timeline,
    _watching: Watching,
}

/// A message that has to be answered.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) said: Said,
    event: String,
}

impl Stage {
    pub(super) async fn set(plan: &Plan, timeline: &Timeline) -> anyhow::Result<Self> {
        let occum = Occum::start().await?;
        let watching = timeline.watch(&occum);
        let agent = occum.add_agent("Clanker");
        let mut channels = vec![agent.control_channel.clone()];
        channels.extend((1..plan.channels).map(|number| occum.add_channel(&format!("c{number}"), &[&agent])));
        for old in &plan.old {
            occum.say(&channels[old.channel], old.user, &old.text).await;
        }
        Ok(Self {
            occum,
            agent,
            channels,
            told: Mutex::default(),
            timeline: timeline.clone(),
            _watching: watching,
        })
    }

    pub(super) fn note(&self, what: impl fmt::Display) {
        self.timeline.note(what);
    }

    /// In the order in which it was said.
    pub(crate) fn told_in(&self, channel: usize) -> Vec<Said> {
        let told = self.told();
        told.iter().filter(|told| told.said.channel == channel).map(|told| told.said.clone()).collect()
    }

    pub(super) fn logins(&self) -> u64 {
        self.occum.record(Record::authenticated)
    }

    pub(super) fn catch_ups(&self) -> usize {
        self.occum.record(|record| record.asked(&Kind::Events.requests()).len())
    }

    /// Does all of it, one after the other. What waits for the process does so until it is dead.
    pub(super) async fn perform(&self, acts: &[Act], signs: &Signs) -> anyhow::Result<()> {
        for act in acts {
            self.note(format_args!("-- {act}"));
            match act {
                Act::Login => self.login(signs).await,
                Act::Open(all) => self.open(all, signs).await?,
                Act::Say(said) => self.say(said).await,
                Act::Again(which) => self.again(*which),
                Act::Fault(..) => self.fault(act),
                Act::CutSockets => self.occum.sockets().cut().await,
                Act::FarEnd(meanwhile) => {
                    self.occum.stop_listening().await?;
                    for said in meanwhile {
                        self.say(said).await;
                    }
                    self.occum.listen_again().await?;
                }
                Act::Pace(count) => self.pace(*count, signs).await,
                Act::Arm => signs.armed.cancel(),
            }
        }
        signs.acted.cancel();
        Ok(())
    }

    async fn say(&self, said: &Said) {
        let event = self.occum.say(&self.channels[said.channel], said.user, &said.text).await;
        self.told().push(Told { said: said.clone(), event });
    }

    fn again(&self, which: usize) {
        let told = self.told();
        if let Some(told) = told.get(which % told.len().max(1)) {
            self.occum.sockets_of(&self.agent).again(&told.event);
        }
    }

    async fn open(&self, all: &[Said], signs: &Signs) -> anyhow::Result<()> {
        for said in all {
            self.say(said).await;
        }
        let begun = |record: &Record| self.channels.iter().all(|channel| !record.work(channel).is_empty());
        self.until("the first work in each channel", signs, begun)
            .await
            .context("the account never settled")?;
        ensure!(!signs.dead.is_cancelled(), "it died before the account was settled");
        Ok(())
    }

    pub(super) async fn login(&self, signs: &Signs) {
        let _ = self.until("the login", signs, |record| record.authenticated() > signs.logins).await;
    }

    async fn pace(&self, count: u64, signs: &Signs) {
        let posts =
            |record: &Record| self.channels.iter().map(|channel| record.posts_count(channel)).sum::<u64>();
        let wanted = self.occum.record(posts).saturating_add(count);
        let answered = self.answered();
        let look = |record: &Record| posts(record) >= wanted || answered(record);
        let _ = self.until("more posts", signs, look).await;
    }

    /// Logged in, caught up, all answered.
    pub(super) async fn quiet(&self, signs: &Signs) {
        let answered = self.answered();
        let caught_up = Kind::Events.requests();
        let look = |record: &Record| {
            record.authenticated() > signs.logins
                && record.asked(&caught_up).len() > signs.catch_ups
                && answered(record)
        };
        let _ = self.until("quiet", signs, look).await;
    }

    /// Says a last message in each channel and waits for what is to come.
    pub(super) async fn close(&self, seed: u64) {
        for channel in 0..self.channels.len() {
            let text = format!("{}last", Plan::mark(seed));
            self.say(&Said { channel, user: 43, text }).await;
        }
        let is_last = |record: &Record, channel| {
            let posts = record.posts(channel);
            posts.last().and_then(|post| post.text()).is_some_and(|text| text.ends_with("-last"))
        };
        let last = |record: &Record| self.channels.iter().all(|channel| is_last(record, channel));
        let closed = self.occum.wait_within(PATIENCE, "the last answers", last).await;
        self.note(
            closed.map_or_else(|not_seen| not_seen.to_string(), |()| "the last answers are there".into()),
        );
        let _ = self.occum.wait_within(AFTERWARDS, "all answers", self.answered()).await;
    }

    /// No connection of a dead process is left.
    pub(super) async fn left_alone(&self) {
        self.occum.wait_for("the connections to end", |record| record.connections_open() == 0).await;
    }

    /// Whether what was said until now is answered, as far as numbers show.
    fn answered(&self) -> impl Fn(&Record) -> bool + use<> {
        let numbers = |(index, channel): (usize, &String)| {
            let told = self.told_in(index);
            let posts = told.iter().map(|said| said.blocks().len() as u64).sum::<u64>();
            (channel.clone(), posts, told.len() as u64)
        };
        let wanted: Vec<_> = self.channels.iter().enumerate().map(numbers).collect();
        move |record| {
            wanted.iter().all(|(channel, posts, worked)| {
                record.posts_count(channel) >= *posts && record.work_completed_count(channel) >= *worked
            })
        }
    }

    async fn until(
        &self,
        what: &str,
        signs: &Signs,
        look: impl FnMut(&Record) -> bool,
    ) -> anyhow::Result<()> {
        tokio::select! {
            seen = self.occum.wait_within(PATIENCE, what, look) => {
                if let Err(not_seen) = &seen {
                    self.note(not_seen);
                }
                Ok(seen?)
            }
            () = signs.dead.cancelled() => Ok(()),
        }
    }

    fn told(&self) -> MutexGuard<'_, Vec<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
