//! Deaths at every millisecond: nothing is lost, nothing is done twice.

use crate::platform::Platform;
use crate::setup::*;
use std::collections::VecDeque;

const MS: Duration = Duration::from_millis(1);

/// A host that delivers as the runtime does: each event until it is answered, to the next instance with a higher attempt.
struct House {
    platform: Platform,
    host: FakeHost,
    occum: Option<Driver<Occum>>,
    now: u64,
    /// Frames the socket brought that are not answered, and how often they were delivered.
    frames: Vec<(String, u32, Outcome<Disposition>)>,
    /// How much of the channel the socket brought; none while it is down.
    heard: Option<usize>,
    timer: Option<u64>,
    dispatched: Vec<Inbound>,
    fired: Vec<Outcome<Disposition>>,
}

/// What dies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Death {
    /// The instance: the socket, its frames and the timers stay.
    Trap,
    /// The process.
    Kill,
}

impl House {
    fn new() -> Self {
        let platform = Platform::new(&[CHANNEL]);
        platform.say(CHANNEL, "old");
        let host = platform.host(MS);
        host.slow_store(MS).slow_dispatch(MS);
        let occum = Some(Driver::start(&host, json!({})).unwrap());
        Self {
            platform,
            host,
            occum,
            now: 0,
            frames: vec![],
            heard: None,
            timer: None,
            dispatched: vec![],
            fired: vec![],
        }
    }

    fn occum(&self) -> &Driver<Occum> {
        self.occum.as_ref().unwrap()
    }

    fn tick(&mut self) {
        self.now += 1;
        match self.heard {
            None if self.now.is_multiple_of(5) => {
                let opened = self.occum().opens("events");
                let ready = self.occum().receives("events", auth_ok(Some("a1")));
                self.fired.extend([opened, ready]);
                self.heard = Some(self.platform.happened(CHANNEL));
            }
            None => {}
            Some(heard) => {
                for frame in self.platform.frames(CHANNEL, heard) {
                    let handled = self.occum().receives("events", frame.clone());
                    self.frames.push((frame, 1, handled));
                }
                self.heard = Some(self.platform.happened(CHANNEL));
            }
        }
        if self.timer.take_if(|due| *due <= self.now).is_some() {
            self.fired.push(self.occum().fires("catch-up"));
        }
        self.occum().pass(MS);
        self.notes();
        self.frames.retain(|(_, _, handled)| handled.poll().is_none_or(|answer| answer != Disposition::Done));
    }

    fn notes(&mut self) {
        for call in self.host.calls() {
            match call {
                Call::Once { delay, .. } => self.timer = Some(self.now + delay.as_millis() as u64),
                Call::Dispatch(inbound) => self.dispatched.push(inbound),
                _ => {}
            }
        }
        self.host.forget();
    }

    fn dies(&mut self, death: Death) {
        self.occum.take().unwrap().kill();
        self.occum = Some(Driver::start(&self.host, json!({})).unwrap());
        self.fired.clear();
        if death == Death::Kill {
            self.frames.clear();
            self.heard = None;
            self.notes();
            return;
        }
        for (frame, attempt, handled) in &mut self.frames {
            *attempt += 1;
            *handled = self.occum.as_ref().unwrap().attempt(*attempt).receives("events", frame.clone());
        }
    }

    /// The texts that the agent accepted, in the order in which it did.
    fn accepted(&self) -> Vec<String> {
        let mut accepted = self.dispatched.clone();
        accepted.retain(|inbound| self.host.ticket(&inbound.key).is_some());
        accepted.sort_by_key(|inbound| {
            let ticket = self.host.ticket(&inbound.key).unwrap().0;
            ticket.trim_start_matches("ticket-").parse::<u32>().unwrap()
        });
        accepted.dedup_by(|a, b| a.key == b.key);
        accepted.into_iter().map(|inbound| inbound.text).collect()
    }
}

#[test]
fn every_message_reaches_the_agent_in_order_whenever_we_die() {
    // The connector is connected at 5.
    let said_at = [2, 8, 20, 21, 22, 40, 41, 60];
    let deaths = |at: u64| {
        [Death::Trap, Death::Kill].into_iter().flat_map(move |first| {
            [(at, first, 0, first), (at, first, at + 3, Death::Trap), (at, first, at + 12, Death::Kill)]
        })
    };
    for (first, how, second, again) in (1..70).flat_map(deaths) {
        let mut house = House::new();
        while house.now < 1300 {
            if said_at.contains(&house.now) {
                house.platform.say(CHANNEL, &house.now.to_string());
            }
            house.tick();
            if house.now == first {
                house.dies(how);
            } else if house.now == second {
                house.dies(again);
            }
        }
        let all: Vec<_> = said_at.iter().map(ToString::to_string).collect();
        assert_eq!(house.accepted(), all, "{how:?} at {first}, {again:?} at {second}");
        let last = house.platform.frames(CHANNEL, house.platform.happened(CHANNEL) - 1).remove(0);
        let cursor: String = serde_json::from_slice(&house.host.kept(CURSOR).unwrap()).unwrap();
        assert!(last.contains(&cursor), "caught up in the end");
    }
}

/// The agent's answer to one message, delivered reply by reply as the runtime does.
struct Answer {
    asked: Inbound,
    /// With their number and attempt.
    replies: VecDeque<(u64, u32, Reply)>,
}

/// Lives through an answer with deaths; `unsettled`: the last answer of ours was lost with the process too.
fn answers(deaths: &[u64], unsettled: bool) -> (Vec<String>, Vec<Vec<String>>) {
    let platform = Platform::new(&[CHANNEL]);
    let host = platform.host(MS);
    host.slow_store(MS).slow_dispatch(MS);
    let mut occum = start(&host);
    log_in(&occum);
    catch_up(&host, &occum);
    occum.receives("events", platform.say(CHANNEL, "well?"));
    occum.pass(MS);
    let blocks = ["ok", "ok", "fine", "ok"].map(|text| Reply::Block(text.into()));
    let replies = [Reply::Started].into_iter().chain(blocks).chain([Reply::Final("okokfineok".into())]);
    let replies = (0..).zip(replies).map(|(sequence, reply)| (sequence, 1, reply)).collect();
    let mut answer = Answer { asked: host.dispatched().remove(0), replies };
    let (mut now, mut last) = (0, None);
    while let Some((sequence, attempt, reply)) = answer.replies.front().cloned() {
        let outcome = occum.sequence(sequence).attempt(attempt).replies(&answer.asked, reply.clone());
        let disposition = loop {
            if let Some(disposition) = outcome.poll() {
                break Some(disposition);
            }
            if deaths.contains(&now) {
                break None;
            }
            occum.pass(MS);
            now += 1;
        };
        match disposition {
            Some(Disposition::Done) => {
                last = answer.replies.pop_front();
            }
            Some(Disposition::Retry(delay)) => {
                occum.pass(delay);
                answer.replies[0].1 += 1;
            }
            Some(Disposition::Reject(why)) => panic!("{why} {deaths:?}"),
            None => {
                now += 1;
                occum.kill();
                occum = start(&host);
                // What waited behind it may have been on its way too, for all the host knows.
                answer.replies.iter_mut().for_each(|(_, attempt, _)| *attempt += 1);
                if let Some((sequence, attempt, reply)) = last.take().filter(|_| unsettled) {
                    answer.replies.push_front((sequence, attempt + 1, reply));
                }
            }
        }
    }
    (platform.posts(CHANNEL), platform.sessions())
}

#[test]
fn every_block_is_posted_once_and_the_session_completed_whenever_we_die() {
    for unsettled in [false, true] {
        for first in 0..20 {
            for second in first..24 {
                let (posts, sessions) = answers(&[first, second, second + 9], unsettled);
                assert_eq!(posts, ["ok", "ok", "fine", "ok"], "{first} {second} {unsettled}");
                let [session] = &sessions[..] else { panic!("{sessions:?}") };
                assert_eq!(session.last().unwrap(), "completed", "{first} {second} {unsettled}");
            }
        }
    }
}
