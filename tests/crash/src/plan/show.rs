//! A plan for people.
use super::{Act, Call, End, Fault, Kind, Launch, Life, Moment, Plan, Said};
use std::fmt;

/// Characters of a text that are shown.
const SHOWN: usize = 40;

impl Life {
    /// All that is said, in order.
    pub fn told(&self) -> impl Iterator<Item = &Said> {
        self.acts.iter().chain(&self.meanwhile).flat_map(|act| match act {
            Act::Open(said) | Act::FarEnd(said) => said.iter().collect(),
            Act::Say(said) => vec![said],
            _ => Vec::new(),
        })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: usize = self.lives.iter().map(|life| life.told().count()).sum();
        writeln!(f, "seed {}: {} channels, {told} messages", self.seed, self.channels)?;
        self.old.iter().try_for_each(|said| writeln!(f, "  before the first login: {said}"))?;
        for (number, life) in self.lives.iter().enumerate() {
            writeln!(f, "  life {}: {}", number + 1, life.launch)?;
            life.acts.iter().try_for_each(|act| writeln!(f, "    {act}"))?;
            writeln!(f, "    ends: {}", life.end)?;
            life.meanwhile.iter().try_for_each(|act| writeln!(f, "    while it is down: {act}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.text.chars().take(SHOWN).collect();
        write!(f, "[{}] user {}: {shown:?}", self.channel, self.user)
    }
}

impl fmt::Display for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => write!(f, "plain"),
            Self::KillAt(call, nth) => write!(f, "kill at {call} {nth}"),
            Self::Broken(call, from, to) => write!(f, "EIO at {call} {from} to {to}"),
            Self::Full(from, to) => write!(f, "ENOSPC at write {from} to {to}"),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Truncate => "truncate",
        })
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login => write!(f, "wait for the login"),
            Self::Open(said) => {
                write!(f, "say and wait for the work:")?;
                said.iter().try_for_each(|said| write!(f, " {said}"))
            }
            Self::Say(said) => write!(f, "say {said}"),
            Self::Again(which) => write!(f, "send the frame of message {which} once more"),
            Self::Fault(kind, fault, count) => write!(f, "{fault}, the next {count} {kind}"),
            Self::CutSockets => write!(f, "cut the sockets"),
            Self::FarEnd(said) => {
                write!(f, "far end down, then up; meanwhile:")?;
                said.iter().try_for_each(|said| write!(f, " {said}"))
            }
            Self::Pace(count) => write!(f, "wait for {count} more posts"),
            Self::Arm => write!(f, "arm the end"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "answer {status}"),
            Self::Busy(status, seconds) => write!(f, "answer {status} with Retry-After: {seconds}"),
            Self::LoseRequest => write!(f, "lose the request"),
            Self::LoseAnswer => write!(f, "lose the answer"),
            Self::SlowMs(ms) => write!(f, "serve {ms} ms late"),
            Self::SlowAnswerMs(ms) => write!(f, "answer {ms} ms late"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login => "socket upgrade",
            Self::Me => "GET agents/me",
            Self::Events => "GET events",
            Self::Work => "POST work",
            Self::Post => "POST messages",
            Self::Complete => "POST complete",
        })
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtCall => write!(f, "at that call"),
            Self::Kill(moment) => write!(f, "kill {moment}"),
            Self::Stop => write!(f, "stop in order"),
            Self::KillWhileStopping(moment) => write!(f, "kill while stopping, {moment}"),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => write!(f, "at once"),
            Self::Asked(kind, nth) => write!(f, "when {kind} number {nth} arrives"),
            Self::Answered(kind, nth) => write!(f, "when {kind} number {nth} was dealt with"),
            Self::Unserved(kind) => write!(f, "while a {kind} is unserved"),
            Self::Unanswered(kind) => write!(f, "while a {kind} is served and unanswered"),
        }
    }
}
