//! What the runtime is told to run.
use anyhow::Context;
use platforms::occum::{Agent, Occum};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use workbench::{Profile, Script};

/// What the bench runs, built from this tree.
#[derive(Clone)]
pub struct Built {
    runtime: PathBuf,
    occum: PathBuf,
    imp: PathBuf,
    villain: PathBuf,
}

impl Built {
    pub async fn all() -> anyhow::Result<Self> {
        let build = || {
            Ok(Self {
                runtime: workbench::runtime(Profile::Release)?,
                occum: workbench::connector("occum")?,
                imp: workbench::guest("imp")?,
                villain: workbench::guest("villain")?,
            })
        };
        tokio::task::spawn_blocking(build).await.context("the build was cut off")?
    }

    pub fn runtime(&self) -> &Path {
        &self.runtime
    }

    /// occum, an account for each of these agents of one platform.
    pub fn occum(&self, far: &Occum, agents: &[Agent], idle_seconds: u32) -> Script {
        let mut config = format!("[limits]\nidle_seconds = {idle_seconds}\n");
        let mut environment = Vec::new();
        for (number, agent) in agents.iter().enumerate() {
            account(&mut config, "occum", &format!("a{number}"), &format!("apiUrl = \"{}\"", far.url()));
            let _ = writeln!(config, "secrets.agentToken = {{ env = \"OCCUM_TOKEN_{number}\" }}");
            environment.push((format!("OCCUM_TOKEN_{number}"), agent.token.clone()));
        }
        self.script(&self.occum, config, environment)
    }

    /// imp, with its orders from this socket.
    pub fn imp(&self, url: &str) -> Script {
        let mut config = String::new();
        account(&mut config, "imp", "default", &format!("url = \"{url}\""));
        self.script(&self.imp, config, Vec::new())
    }

    /// imp with its orders from this socket, and occum with one agent of this platform.
    pub fn healthy(&self, url: &str, far: &Occum, agent: &Agent) -> Script {
        let mut script = self.occum(far, std::slice::from_ref(agent), 0);
        script.components.push(self.imp.clone());
        account(&mut script.config, "imp", "default", &format!("url = \"{url}\""));
        script
    }

    /// And villain, with what it is to do and where.
    pub fn beside(&self, script: &mut Script, case: &str, url: &str, api: &str) {
        script.components.push(self.villain.clone());
        let config = format!("case = \"{case}\", url = \"{url}\", api = \"{api}\"");
        account(&mut script.config, "villain", "default", &config);
    }

    fn script(&self, component: &Path, config: String, environment: Vec<(String, String)>) -> Script {
        let components = vec![component.to_path_buf()];
        Script {
            binary: self.runtime.clone(),
            components,
            config,
            environment,
            arguments: vec!["--grant-requested".into()],
            files: Vec::new(),
        }
    }
}

/// All that the connector asks for, and the far end on this machine.
fn account(out: &mut String, connector: &str, account: &str, config: &str) {
    let _ = write!(
        out,
        r#"
[connectors.{connector}.accounts.{account}]
grants = {{ private = ["127.0.0.0/8"] }}
config = {{ {config} }}
"#
    );
}
