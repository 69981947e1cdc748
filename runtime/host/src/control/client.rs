//! `runtime status`, `runtime call`, `runtime send`: ask the runtime of a state directory.
use super::{Request, Response};
use crate::state_dir::control_socket;
use crate::supervisor::Wish;
use crate::{cli, table};
use anyhow::{Context, bail};
use ports::log_budget::printable;
use serde_json::Value;
use std::io::{IsTerminal, stdout};
use std::path::Path;
use std::process::ExitCode;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;

pub async fn status(asked: &cli::Status) -> anyhow::Result<ExitCode> {
    let status = ask(&asked.state.folder, &Request::Status).await?;
    match asked.json {
        true => out!("{}", serde_json::to_string_pretty(&status)?),
        false => out_as_is!("{}", table::status(&status)),
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn call(asked: &cli::Call) -> anyhow::Result<ExitCode> {
    let request = Request::Call {
        instance: asked.instance.clone(),
        name: asked.name.clone(),
        arguments: asked.arguments.clone(),
    };
    let text = match ask(&asked.state.folder, &request).await? {
        Value::String(text) => text,
        other => other.to_string(),
    };
    match stdout().is_terminal() {
        // A connector's text must not steer the terminal.
        true => text.lines().for_each(|line| out!("{}", printable(line, usize::MAX))),
        false => out!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn send(asked: &cli::Send) -> anyhow::Result<ExitCode> {
    let request =
        Request::Send { instance: asked.instance.clone(), to: asked.to.clone(), text: asked.text.clone() };
    out!("{}", ask(&asked.state.folder, &request).await?);
    Ok(ExitCode::SUCCESS)
}

pub async fn steer(asked: &cli::Steer, wish: Wish) -> anyhow::Result<ExitCode> {
    let answer = ask(&asked.state.folder, &Request::Steer { instance: asked.instance.clone(), wish }).await?;
    let done = match wish {
        Wish::Pause => "is paused",
        Wish::Resume => "begins again",
        Wish::Restart => "is started anew",
    };
    out!("{} {done}", answer["instance"].as_str().unwrap_or_default());
    Ok(ExitCode::SUCCESS)
}

pub async fn keys(asked: &cli::Keys) -> anyhow::Result<ExitCode> {
    let keys = ask(&asked.state.folder, &Request::Keys { instance: asked.instance.clone() }).await?;
    match asked.json {
        true => out!("{}", serde_json::to_string_pretty(&keys)?),
        false => out_as_is!("{}", table::keys(&keys)),
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn ask(state: &Path, request: &Request) -> anyhow::Result<Value> {
    let stream = connect(state).await?;
    exchange(stream, request).await
}

/// Answers, one on each line, until the runtime has no more.
pub async fn stream(state: &Path, request: &Request) -> anyhow::Result<Lines<BufReader<OwnedReadHalf>>> {
    let (read, mut write) = connect(state).await?.into_split();
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    // The other end would take its closing for an asker that went away.
    write.forget();
    Ok(BufReader::new(read).lines())
}

/// Nothing runs with this state directory; the request back.
pub struct NotRunning(pub Request);

/// # Errors
/// [`NotRunning`]; what else fails is in the answer.
pub async fn try_ask(state: &Path, request: Request) -> Result<anyhow::Result<Value>, NotRunning> {
    match connect(state).await {
        Ok(stream) => Ok(exchange(stream, &request).await),
        Err(_) => Err(NotRunning(request)),
    }
}

async fn connect(state: &Path) -> anyhow::Result<UnixStream> {
    let connected = UnixStream::connect(&control_socket(state)).await;
    connected.with_context(|| {
        format!("no runtime runs with the state directory {} (another one? say --state DIR)", state.display())
    })
}

async fn exchange(stream: UnixStream, request: &Request) -> anyhow::Result<Value> {
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    let mut answer = String::new();
    BufReader::new(read).read_line(&mut answer).await?;
    match serde_json::from_str(&answer).context("the runtime ended before it answered")? {
        Response::Ok(value) => Ok(value),
        Response::Error(why) => bail!("{why}"),
    }
}
