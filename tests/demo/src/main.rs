//! The demo: a platform on loopback, the real `runtime` with a real connector, and messages that go the whole way.
use anyhow::Context;
use clap::Parser;
use futures::StreamExt;
use platforms::occum::{Agent, Happening, Occum};
use platforms::openclaw::real::{Gateway, Setup};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use workbench::{Profile, Runtime, Script};

/// Starts a platform, runs the real `runtime run connectors/*.wasm` against it, and talks to it as a person would.
#[derive(Parser)]
struct Demo {
    /// Three messages, then end; the exit code says whether all were answered.
    #[arg(long)]
    once: bool,
    /// Show the runtime's own log too.
    #[arg(long, short)]
    verbose: bool,
    /// A real OpenClaw gateway answers, with a model that echoes; installed with npm the first time (1 GB).
    #[arg(long)]
    openclaw: bool,
}

const PERSON: u64 = 42;

const WORDS: [&str; 3] = [
    "Hello! Is anybody there?",
    "What is it like in the sandbox?",
    "First one thing.\n\nThen another, in a paragraph of its own.",
];

#[tokio::main]
async fn main() -> ExitCode {
    match demo(Demo::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ndemo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(demo: Demo) -> anyhow::Result<()> {
    step("building the runtime and the connectors (the first time takes some minutes)");
    let (binary, components) = tokio::task::spawn_blocking(|| {
        anyhow::Ok((workbench::runtime(Profile::Dev)?, workbench::connectors()?))
    })
    .await??;

    let occum = Occum::start().await?;
    occum.add_user(PERSON, "Ada");
    let agent = occum.add_agent("Clanker");
    step(&format!("a platform like occum.net listens at {}", occum.url()));

    let gateway = match demo.openclaw {
        true => {
            step("starting an OpenClaw gateway (the first time it is installed, which takes minutes)");
            let gateway = Gateway::start(Setup::default()).await?;
            step(&format!("a real OpenClaw gateway listens at {}", gateway.url()));
            Some(gateway)
        }
        false => None,
    };
    let script = script(binary, components, &occum, &agent, gateway.as_ref());
    step("running it as an operator would, with this runtime.toml:");
    script.config.lines().for_each(|line| println!("    {line}"));
    if demo.verbose {
        println!("    (the runtime's log follows at the end)");
    }
    let runtime = Runtime::ready(script).await?;
    let shown = tokio::spawn(show(occum.clone(), demo.verbose));
    occum.connected(1).await;
    step("the connector is logged in; Ada talks to it");

    let talked = tokio::select! {
        talked = talk(&occum, &agent, demo.once) => talked,
        pressed = tokio::signal::ctrl_c() => pressed.context("no signals"),
    };
    step("stopping");
    let ended = runtime.stop().await?;
    shown.abort();
    if demo.verbose {
        println!("{}", ended.log);
    }
    talked?;
    anyhow::ensure!(ended.status.success(), "the runtime ended with {}:\n{}", ended.status, ended.log);
    step("all ended in order");
    Ok(())
}

fn script(
    binary: std::path::PathBuf,
    components: Vec<std::path::PathBuf>,
    occum: &Occum,
    agent: &Agent,
    gateway: Option<&Gateway>,
) -> Script {
    let mut config = gateway.map(answered_by).unwrap_or_default();
    config += &format!(
        r#"[connectors.occum.accounts.default]
config = {{ apiUrl = "{}" }}
secrets.agentToken = {{ env = "OCCUM_TOKEN" }}

[connectors.occum.accounts.default.grants]
private = ["127.0.0.0/8"]    # the demo's platform is on this machine
"#,
        occum.url()
    );
    let token = gateway.map(|gateway| ("OPENCLAW_GATEWAY_TOKEN".into(), gateway.token().to_owned()));
    Script {
        binary,
        components,
        config,
        environment: [("OCCUM_TOKEN".into(), agent.token.clone())].into_iter().chain(token).collect(),
        // As who looks at it with `runtime inspect` and says yes.
        arguments: vec!["--grant-requested".into()],
        files: Vec::new(),
    }
}

/// The gateway's agent answers, and control-center watches it.
fn answered_by(gateway: &Gateway) -> String {
    let url = gateway.url();
    format!(
        r#"[agent]
backend = "openclaw"
url = "{url}"
token = {{ env = "OPENCLAW_GATEWAY_TOKEN" }}

[connectors.control-center.accounts.default]
config = {{ gatewayUrl = "{url}" }}
secrets.gatewayToken = {{ env = "OPENCLAW_GATEWAY_TOKEN" }}
grants = {{ private = ["127.0.0.0/8"] }}

"#
    )
}

/// Says something every few seconds, or three things and then no more.
async fn talk(occum: &Occum, agent: &Agent, once: bool) -> anyhow::Result<()> {
    let channel = &agent.control_channel;
    for (count, words) in (1..).zip(WORDS.iter().cycle()) {
        let begun = Instant::now();
        occum.say(channel, PERSON, words).await;
        occum.worked(channel, count).await;
        println!("    (answered in {:.1} ms)\n", begun.elapsed().as_secs_f64() * 1000.0);
        match once {
            true if count == WORDS.len() as u64 => break,
            true => {}
            false => tokio::time::sleep(Duration::from_secs(3)).await,
        }
    }
    Ok(())
}

/// What happens on the platform, as its users see it.
async fn show(occum: Occum, verbose: bool) {
    let mut happenings = occum.happenings();
    while let Some(happening) = happenings.next().await {
        match &happening {
            Happening::Event(event) if event.sender_user_id.is_some() => {
                println!("    Ada      {}", indented(event.text()))
            }
            Happening::Posted(event) => println!("    Clanker  {}", indented(event.text())),
            Happening::Work(work) => match &work.summary {
                None => println!("    (Clanker is working)"),
                Some(summary) => println!("    (Clanker is done: {summary:?})"),
            },
            other if verbose => println!("    {other}"),
            _ => {}
        }
    }
}

fn indented(text: Option<&str>) -> String {
    text.unwrap_or_default().replace('\n', "\n             ")
}

fn step(what: &str) {
    println!("» {what}");
}
