//! What the operator configures, and the same once it is known to be right.
use ports::identity::InstanceId;
use ports::reach::{CheckedUrl, UrlError};
use ports::secret::Secret;
use std::collections::BTreeMap;
use std::time::Duration;

/// As configured. `Options { token: …, ..Options::new(url) }`.
#[derive(Clone, Debug)]
pub struct Options {
    /// ws or wss, such as `ws://127.0.0.1:18789`. Any address may stand behind it: it is the operator's own choice.
    pub url: String,
    /// The gateway's shared token. Used until the gateway has given this device a token of its own.
    pub token: Option<Secret>,
    /// Which of the gateway's agents answers.
    pub agent: String,
    /// Another one for a connector (`occum`) or one account of it (`occum/work`).
    pub agents: BTreeMap<String, String>,
    /// What the agent is told with each message.
    pub system: Option<String>,
    /// What the agent may do in our sessions.
    pub permissions: Permissions,
    pub timeouts: Timeouts,
}

impl Options {
    /// No token, the agent `main`, read-only.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            token: None,
            agent: "main".into(),
            agents: BTreeMap::new(),
            system: None,
            permissions: Permissions::default(),
            timeouts: Timeouts::default(),
        }
    }
}

/// The gateway's permission mode of a session. Strangers write into ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permissions {
    /// No tool that writes, and no command is executed.
    #[default]
    ReadOnly,
    Guarded,
    Workspace,
    /// Whatever the agent's own configuration says.
    Agent,
}

impl Permissions {
    pub const ALL: [(&'static str, Self); 4] = [
        ("read-only", Self::ReadOnly),
        ("guarded", Self::Guarded),
        ("workspace", Self::Workspace),
        ("agent", Self::Agent),
    ];

    /// As the gateway spells it; `None` where it is not asked for any.
    pub(crate) fn mode(self) -> Option<&'static str> {
        let found = Self::ALL.into_iter().find(|(_, permissions)| *permissions == self);
        found.map(|(name, _)| name).filter(|_| self != Self::Agent)
    }
}

/// How long the far end may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the name to the gateway's hello.
    pub connect: Duration,
    /// For the answer to a request.
    pub request: Duration,
    /// How long a message waits for a connection before it is said that there is none.
    pub patience: Duration,
    /// Without a word of a run: the history is asked whether it is still there.
    pub quiet: Duration,
    /// After the gateway was restarted in the middle of a message: for it to go on by itself.
    pub resume: Duration,
    /// Between two tries while the operator has to approve the device.
    pub approval: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            request: Duration::from_secs(30),
            patience: Duration::from_secs(20),
            quiet: Duration::from_secs(45),
            resume: Duration::from_secs(60),
            approval: Duration::from_secs(10),
        }
    }
}

/// Each begins with the option that is wrong.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("url: {0}")]
    Url(#[from] UrlError),
    #[error("url: the scheme is ws or wss")]
    Scheme,
    #[error("agent: {0}")]
    Agent(#[from] openclaw::session::BadAgent),
}

pub(crate) struct Checked {
    pub url: CheckedUrl,
    pub token: Option<Secret>,
    pub system: Option<String>,
    pub permissions: Permissions,
    pub timeouts: Timeouts,
    agent: String,
    agents: BTreeMap<String, String>,
}

impl Checked {
    pub fn new(options: Options) -> Result<Self, Invalid> {
        let Options { url, token, agent, agents, system, permissions, timeouts } = options;
        let url = CheckedUrl::parse(&url)?;
        if !url.is_websocket() {
            return Err(Invalid::Scheme);
        }
        for agent in agents.values().chain([&agent]) {
            openclaw::session::key(agent, "x", "x", "x")?;
        }
        let system = system.filter(|system| !system.trim().is_empty());
        Ok(Self { url, token, system, permissions, timeouts, agent, agents })
    }

    /// Whom the messages of an instance are for.
    pub fn agent_of(&self, id: &InstanceId) -> &str {
        let account = format!("{}/{}", id.connector, id.account);
        let own = self.agents.get(&account).or_else(|| self.agents.get(&*id.connector));
        own.unwrap_or(&self.agent)
    }

    /// All that may be asked.
    pub fn agents(&self) -> Vec<String> {
        let mut agents: Vec<String> = self.agents.values().chain([&self.agent]).cloned().collect();
        agents.sort_unstable();
        agents.dedup();
        agents
    }

    /// No two conversations of any instances share one.
    pub fn session_key(&self, id: &InstanceId, conversation: &str) -> String {
        let connector = match &*id.tenant {
            ports::identity::DEFAULT_TENANT => id.connector.to_string(),
            // Not plain, so it becomes a digest.
            tenant => format!("{tenant}/{}", id.connector),
        };
        openclaw::session::key(self.agent_of(id), &connector, &id.account, conversation)
            .expect("checked: every agent's name is an id")
    }
}
