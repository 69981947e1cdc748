//! What is to happen: lives of the process, one after the other, each with an end.
mod calm;
mod dice;
mod draw;
mod people;
mod show;

use platforms::occum::Requests;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    /// The agent's control channel is the first.
    pub channels: usize,
    /// Said before the first login: nobody may answer it.
    pub old: Vec<Said>,
    pub lives: Vec<Life>,
}

/// A message of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub channel: usize,
    pub user: u64,
    pub text: String,
}

/// From one start of the process to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    pub launch: Launch,
    pub acts: Vec<Act>,
    pub end: End,
    /// While the process is down.
    pub meanwhile: Vec<Act>,
}

/// How the process is started. Calls are counted per thread and only on the journal's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launch {
    Plain,
    /// Killed as it enters its nth call of this kind.
    KillAt(Call, u32),
    /// Some calls of this kind fail with EIO.
    Broken(Call, u32, u32),
    /// Some writes fail with ENOSPC.
    Full(u32, u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Write,
    Sync,
    Truncate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Wait until the connector is logged in.
    Login,
    /// Say these and wait until the work on each has begun: then the account is settled, and nothing may be lost.
    Open(Vec<Said>),
    Say(Said),
    /// The platform sends the frame of an earlier message once more.
    Again(usize),
    Fault(Kind, Fault, u32),
    CutSockets,
    /// Goes down, hears this, comes up again.
    FarEnd(Vec<Said>),
    /// Wait until so many more answers were posted.
    Pace(u64),
    /// From here on the life may end.
    Arm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By the launch.
    AtCall,
    Kill(Moment),
    Stop,
    /// A signal to stop, then `kill -9` before it is through.
    KillWhileStopping(Moment),
}

/// When. Whatever it waits for, it is over when everything is answered and nothing more will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Now,
    /// The nth request of this kind from now arrives.
    Asked(Kind, u32),
    /// The nth request of this kind from now has been dealt with.
    Answered(Kind, u32),
    /// A request of this kind is there, and will never be served.
    Unserved(Kind),
    /// A request of this kind was served, and its answer will never leave.
    Unanswered(Kind),
}

/// Kinds of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Login,
    Me,
    Events,
    Work,
    Post,
    Complete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Status(u16),
    /// With a `Retry-After` of so many seconds.
    Busy(u16, u32),
    LoseRequest,
    LoseAnswer,
    SlowMs(u64),
    SlowAnswerMs(u64),
}

impl Plan {
    pub fn of(seed: u64) -> Self {
        draw::plan(seed)
    }

    /// A word that is in every text of this plan and nowhere else.
    pub fn mark(seed: u64) -> String {
        format!("told-{seed}-")
    }
}

impl Said {
    /// What the echo agent answers, as it is to be posted.
    pub fn blocks(&self) -> Vec<String> {
        self.answer().split("\n\n").map(str::to_owned).collect()
    }

    pub fn answer(&self) -> String {
        format!("User #{}, you said:\n\n{}", self.user, self.text)
    }
}

impl Launch {
    pub fn is_plain(self) -> bool {
        self == Self::Plain
    }
}

impl Call {
    /// As the kernel calls them: which of them the journal's library uses is its own affair.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Write => &["write", "pwrite64", "writev", "pwritev"],
            Self::Sync => &["fsync", "fdatasync"],
            Self::Truncate => &["ftruncate", "fallocate"],
        }
    }
}

impl Kind {
    pub fn requests(self) -> Requests {
        let post = |ending| Requests::post("/v1/channels/").ending(ending);
        match self {
            Self::Login => Requests::upgrades(),
            Self::Me => Requests::get("/v1/agents/me"),
            Self::Events => Requests::get("/v1/channels/").ending("/events"),
            Self::Work => post("/work"),
            Self::Post => post("/messages"),
            Self::Complete => post("/complete"),
        }
    }

    pub fn matches(self, path: &str) -> bool {
        match self {
            Self::Login => path == "/v1/ws",
            Self::Me => path == "/v1/agents/me",
            Self::Events => path.ends_with("/events"),
            Self::Work => path.ends_with("/work"),
            Self::Post => path.ends_with("/messages"),
            Self::Complete => path.ends_with("/complete"),
        }
    }
}
