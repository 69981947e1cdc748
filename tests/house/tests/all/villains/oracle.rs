//! What must become of each villain.
use super::Villain;
use ports::limit::Limit;

/// What makes it go through its door, where it does not by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Push {
    Itself,
    /// `runtime call … villain_do`
    Call,
    /// `runtime call … /villain`
    Command,
    /// `runtime send`
    Send,
    /// `runtime pause`
    Pause,
}

#[derive(Clone, Debug)]
pub struct Oracle {
    pub push: Push,
    /// What its sockets meet.
    pub far: &'static str,
    /// Of its own, as TOML; behind those of all villains.
    pub limits: &'static str,
    /// Words for causes, any of which must have ended it, and how the door is called.
    pub dies: Option<(&'static [&'static str], &'static str)>,
    pub hits: &'static [Limit],
    /// What it says of itself, where it is the judge.
    pub says: Option<&'static str>,
    /// Set aside after its failures, or for good.
    pub ends_as: Option<&'static str>,
}

/// What no log may ever hold.
pub const NEVER: [&str; 8] = [
    "A DROPPED HANDLE WAS ANSWERED",
    "A FOREIGN HANDLE WAS ANSWERED",
    "MEMORY WAS REUSED",
    "a cancelled timer fired",
    "a timer fired twice",
    "a timer was lost",
    "this is a bug",
    "panicked at runtime",
];

const LIVES: Oracle =
    Oracle { push: Push::Itself, far: "quiet", limits: "", dies: None, hits: &[], says: None, ends_as: None };

fn dies(causes: &'static [&'static str], door: &'static str) -> Oracle {
    Oracle { dies: Some((causes, door)), ..LIVES }
}

impl Oracle {
    fn hits(self, hits: &'static [Limit]) -> Self {
        Self { hits, ..self }
    }
    fn pushed(self, push: Push) -> Self {
        Self { push, ..self }
    }
    fn far(self, far: &'static str) -> Self {
        Self { far, ..self }
    }
    fn limits(self, limits: &'static str) -> Self {
        Self { limits, ..self }
    }
    fn quarantined(self) -> Self {
        Self { ends_as: Some("quarantined"), ..self }
    }
}

const PATIENT: &str = "handler_seconds = 600";

/// Each file of `tests/guests/villain/src/cases` has its line here, or this does not compile.
pub fn oracle(villain: Villain) -> Oracle {
    use Limit::*;
    use Villain as V;
    let loops = |door| dies(&["cpu"], door).hits(&[Cpu]);
    let traps = |door| dies(&["panic"], door);
    match villain {
        V::LoopInStart => loops("start").hits(&[Cpu, Failures]).quarantined(),
        V::LoopInOnOpen => loops("websocket on-open").far("quiet"),
        V::LoopInOnMessage => loops("websocket on-message").far("hello"),
        V::LoopInOnClose => loops("websocket on-close").far("close"),
        V::LoopInOnFire => loops("timers on-fire").hits(&[Cpu, Failures]).quarantined(),
        V::LoopInCall => loops("tools call").pushed(Push::Call),
        V::LoopInCommand => loops("tools command").pushed(Push::Command),
        V::LoopInOnReply => loops("agent on-reply"),
        V::LoopInOnOutbound => loops("agent on-outbound").pushed(Push::Send),
        V::LoopInStop => loops("stop").pushed(Push::Pause),
        V::TrapInStart => traps("start").hits(&[Failures]).quarantined(),
        V::TrapInOnOpen => traps("websocket on-open"),
        V::TrapInOnMessage | V::TrapAfterSend => traps("websocket on-message").far("hello"),
        V::TrapInOnClose => traps("websocket on-close").far("close"),
        V::TrapInOnFire => traps("timers on-fire").hits(&[Failures]).quarantined(),
        V::TrapInCall => traps("tools call").pushed(Push::Call),
        V::TrapInCommand => traps("tools command").pushed(Push::Command),
        V::TrapInOnReply => traps("agent on-reply"),
        V::TrapInOnOutbound => traps("agent on-outbound").pushed(Push::Send),
        V::TrapInStop => traps("stop").pushed(Push::Pause),
        V::WaitInStart => dies(&["deadline"], "start").hits(&[Start]).limits("start_seconds = 2"),
        V::WaitInOnFire => dies(&["deadline"], "timers on-fire").hits(&[Handler]),
        V::WaitInStop => {
            dies(&["deadline"], "stop").hits(&[Stop]).pushed(Push::Pause).limits("stop_seconds = 1")
        }
        V::BlockInOnFire => dies(&["blocked", "deadline"], "timers on-fire").hits(&[Handler]),
        V::Backpressure => dies(&["deaf"], "").hits(&[Handler]),
        V::YieldForEver | V::YieldOnTheSpot => dies(&["deadline"], "timers on-fire").hits(&[Handler]),
        V::LeaveTasks | V::LeaveCalls => dies(&["handles", "host-calls"], ""),
        V::LeaveTrap => traps("a task that outlived its handler"),
        V::LeaveLoop => loops("a task that outlived its handler"),
        V::CallsInALoop | V::HashesInALoop => loops("timers on-fire"),
        V::CallsInFlight => dies(&["handles", "host-calls"], "timers on-fire"),
        V::CallsBetweenTurns | V::BigCalls => LIVES.limits(PATIENT),
        V::BigList => dies(&["host-call-bytes"], "timers on-fire").hits(&[HostCallBytes]),
        V::BigAnswers => LIVES.pushed(Push::Command),
        V::BigRefusal => Oracle { ends_as: Some("failed"), ..dies(&["configuration"], "start") },
        V::GrowMemory => dies(&["memory"], "timers on-fire").hits(&[Memory]),
        V::Recurse | V::RecurseThroughCalls => dies(&["stack"], "timers on-fire"),
        V::LeakHandles => dies(&["handles"], "timers on-fire").hits(&[Handles]),
        V::UseAfterDrop | V::ForeignHandle => dies(&["contract"], "timers on-fire"),
        V::Exit => dies(&["exit"], "timers on-fire"),
        V::FloodLog | V::FloodOutput => LIVES.hits(&[LogLines]).limits(PATIENT),
        V::FloodStatus => LIVES.hits(&[LogLines]).limits(PATIENT),
        V::FloodTimers => LIVES.hits(&[Timers]).limits(PATIENT),
        V::CancelRaces => LIVES.limits(PATIENT),
        V::FloodAgent => {
            LIVES.hits(&[DispatchRate]).limits("handler_seconds = 600, dispatches_per_minute = 300")
        }
        V::FloodSockets => {
            LIVES.hits(&[Sockets, Dials]).limits("handler_seconds = 600, dials_per_minute = 20")
        }
        V::FloodRequests => LIVES.hits(&[Requests]).limits(PATIENT),
        V::FloodStore => LIVES.hits(&[StoreKeys]).limits("handler_seconds = 600, store_keys = 200"),
        V::FloodKeys => LIVES.hits(&[Keys]).limits("handler_seconds = 600, keys = 8"),
        V::SlowOnMessage | V::RetryForever => LIVES.hits(&[MailboxEvents]).far("flood").limits(PATIENT),
        V::MetricsNames => LIVES.limits(PATIENT),
        V::PoisonedStore => Oracle { says: Some("fresh"), ..traps("") }.limits("failures = 9"),
    }
}
