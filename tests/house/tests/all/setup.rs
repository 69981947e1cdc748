//! What every test begins with.
use anyhow::Context;
use platforms::occum::{Agent, Occum};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::LazyLock;
use workbench::{Profile, Runtime, Script};

pub type Result = anyhow::Result<()>;

struct Built {
    runtime: PathBuf,
    control_center: PathBuf,
    occum: PathBuf,
    imp: PathBuf,
    spender: PathBuf,
    spy: PathBuf,
    trapper: PathBuf,
    villain: PathBuf,
}

/// Built once for all tests.
static BUILT: LazyLock<std::result::Result<Built, String>> =
    LazyLock::new(|| build().map_err(|error| format!("{error:#}")));

fn build() -> anyhow::Result<Built> {
    let connectors = workbench::connectors()?;
    let named = |name: &str| {
        let found = connectors.iter().find(|path| path.file_stem().is_some_and(|stem| stem == name));
        found.cloned().with_context(|| format!("there is no connector {name}"))
    };
    Ok(Built {
        runtime: workbench::runtime(Profile::Dev)?,
        control_center: named("control_center")?,
        occum: named("occum")?,
        imp: workbench::guest("imp")?,
        spender: workbench::guest("spender")?,
        spy: workbench::guest("spy")?,
        trapper: workbench::guest("trapper")?,
        villain: workbench::guest("villain")?,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    ControlCenter,
    Occum,
    Imp,
    Spender,
    Spy,
    Trapper,
    Villain,
}

/// What is asked for is approved.
pub const APPROVED: &str = "--grant-requested";

/// The runtime with these components and this configuration.
pub async fn script(components: &[Component], config: impl Into<String>) -> anyhow::Result<Script> {
    let built = tokio::task::spawn_blocking(|| BUILT.as_ref()).await?;
    let built = built.map_err(|error| anyhow::anyhow!("{error}"))?;
    let path = |component: &Component| match component {
        Component::ControlCenter => built.control_center.clone(),
        Component::Occum => built.occum.clone(),
        Component::Imp => built.imp.clone(),
        Component::Spender => built.spender.clone(),
        Component::Spy => built.spy.clone(),
        Component::Trapper => built.trapper.clone(),
        Component::Villain => built.villain.clone(),
    };
    Ok(Script {
        binary: built.runtime.clone(),
        components: components.iter().map(path).collect(),
        config: config.into(),
        environment: Vec::new(),
        arguments: vec![APPROVED.into()],
        files: Vec::new(),
    })
}

/// A platform with a person and an agent.
pub async fn platform() -> anyhow::Result<(Occum, Agent)> {
    let occum = Occum::start().await?;
    occum.add_user(42, "Ada");
    let agent = occum.add_agent("Clanker");
    Ok((occum, agent))
}

/// The configuration of one occum account, its token in the environment variable `OCCUM_TOKEN`.
pub fn occum_config(occum: &Occum) -> String {
    format!(
        "[connectors.occum.accounts.default]\nconfig = {{ apiUrl = \"{}\" }}\n\
         secrets.agentToken = {{ env = \"OCCUM_TOKEN\" }}\n\
         grants = {{ private = [\"127.0.0.0/8\"] }}\n",
        occum.url()
    )
}

/// The runtime with occum in it, logged in.
pub async fn connected(occum: &Occum, agent: &Agent) -> anyhow::Result<Runtime> {
    let mut script = script(&[Component::Occum], occum_config(occum)).await?;
    script.environment.push(("OCCUM_TOKEN".into(), agent.token.clone()));
    let runtime = Runtime::ready(script).await?;
    occum.connected(1).await;
    Ok(runtime)
}

/// The table of one instance in the status.
pub fn instance<'a>(status: &'a Value, id: &str) -> &'a Value {
    let instances = status["instances"].as_array().map(Vec::as_slice).unwrap_or_default();
    instances.iter().find(|instance| instance["instance"] == id).unwrap_or(&Value::Null)
}

pub fn health<'a>(status: &'a Value, id: &str) -> &'a Value {
    &instance(status, id)["health"]
}

/// Says something and waits until it was answered in full; returns what was posted so far.
pub async fn chat(occum: &Occum, agent: &Agent, text: &str, nth: u64) -> anyhow::Result<Vec<String>> {
    occum.say(&agent.control_channel, 42, text).await;
    occum.worked(&agent.control_channel, nth).await;
    let posts = occum.record(|record| record.posts(&agent.control_channel));
    posts.iter().map(|post| post.text().map(str::to_owned).context("a post has text")).collect()
}
