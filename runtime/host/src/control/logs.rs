//! `runtime logs`: both of its sides.
use super::server::{Desk, FOLLOWERS, tell};
use super::{Request, Response, client};
use crate::cli;
use anyhow::bail;
use ports::log_budget::printable;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};
use telemetry::{Follow, Followed, Line};
use tokio::net::unix::OwnedWriteHalf;

/// For an asker to take a line; the log does not wait for it either.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Asked {
    pub instance: Option<String>,
    pub lines: usize,
    pub follow: bool,
}

/// The runtime's side: lines until there are no more, or the asker is gone.
pub async fn tell_lines(
    mut write: OwnedWriteHalf,
    desk: &Desk,
    asked: Asked,
    gone: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let of = match asked.instance.map(|name| desk.view.find(&name)).transpose() {
        Ok(id) => id.map(|id| id.to_string()),
        Err(why) => return tell(&mut write, &Response::Error(why)).await,
    };
    let Ok(_place) = desk.followers.try_acquire() else {
        let why = format!("{FOLLOWERS} follow the log already");
        return tell(&mut write, &Response::Error(why)).await;
    };
    let (recent, following) = desk.logs.tail(of, asked.lines);
    for line in recent {
        say(&mut write, shown(&line)).await?;
    }
    if asked.follow {
        tokio::select! {
            followed = follow(&mut write, following) => followed?,
            () = gone => return Ok(()),
        }
    }
    say(&mut write, json!({ "end": true })).await
}

/// Until the log is closed.
async fn follow(write: &mut OwnedWriteHalf, mut following: Follow) -> anyhow::Result<()> {
    while let Some(next) = following.next().await {
        let next = match next {
            Followed::Line(line) => shown(&line),
            Followed::Missed(lines) => json!({ "missed": lines }),
        };
        say(write, next).await?;
    }
    Ok(())
}

async fn say(write: &mut OwnedWriteHalf, line: Value) -> anyhow::Result<()> {
    tokio::time::timeout(PATIENCE, tell(write, &Response::Ok(line))).await?
}

fn shown(line: &Line) -> Value {
    json!({
        "unix_ms": line.unix_ms, "level": line.level.to_string(), "instance": line.instance, "text": line.text,
    })
}

/// The asker's side.
pub async fn show(asked: &cli::Logs) -> anyhow::Result<ExitCode> {
    let cli::Logs { instance, lines, follow, json, state } = asked;
    let request = Request::Logs { instance: instance.clone(), lines: *lines, follow: *follow };
    let mut answers = client::stream(&state.folder, &request).await?;
    while let Some(line) = answers.next_line().await? {
        let line = match serde_json::from_str(&line)? {
            Response::Ok(line) => line,
            Response::Error(why) => bail!("{why}"),
        };
        if line["end"] == true {
            if *follow {
                err!("the runtime has ended");
            }
            return Ok(ExitCode::SUCCESS);
        }
        match json {
            true => out!("{line}"),
            false => out!("{}", as_text(&line)),
        }
    }
    bail!("the runtime broke off")
}

fn as_text(line: &Value) -> String {
    if let Some(lines) = line["missed"].as_u64() {
        return format!("… {lines} lines were faster than this terminal");
    }
    let at = UNIX_EPOCH + Duration::from_millis(line["unix_ms"].as_u64().unwrap_or(0));
    let word = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
    let text = printable(&word("text"), usize::MAX);
    format!("{} {:5} {} {text}", humantime::format_rfc3339_millis(at), word("level"), word("instance"))
}
