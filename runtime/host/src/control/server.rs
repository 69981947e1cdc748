//! Answers what `runtime status`, `call`, `send` and their like ask.
use super::logs::Asked;
use super::morgue::Morgue;
use super::notices::Notices;
use super::{MOST_BYTES, Request, Response};
use crate::offering::{self, Sets};
use crate::supervisor::View;
use anyhow::Context;
use engine::{Commons, Ticker};
use journal::{Counts, Sqlite};
use mcp::{CallError, Toolset};
use ports::agent::Backend;
use ports::identity::InstanceId;
use ports::keys::{Key, KeyRing};
use room_agent::Outbox;
use room_basics::tools::Calls;
use serde_json::{Map, Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use telemetry::Logs;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{debug, warn};

/// What the answers are made of.
pub struct Desk {
    pub view: View,
    pub calls: Calls,
    pub outbox: Outbox,
    pub morgue: Morgue,
    pub disk: Arc<Sqlite>,
    pub ring: Arc<dyn KeyRing>,
    pub notices: Arc<Notices>,
    pub sets: Sets,
    /// What stands behind `dispatch`.
    pub backend: Arc<dyn Backend>,
    pub logs: Logs,
    /// For those who follow the log.
    pub followers: Arc<Semaphore>,
    /// For the tools that agents call by `runtime mcp`.
    pub tool_calls: Arc<Semaphore>,
    pub ticker: Ticker,
    pub commons: Arc<Commons>,
    pub started: Instant,
}

/// Askers at once; the next waits.
const ASKERS: usize = 32;
/// For the journal to say what it holds.
const SUMMARY_WITHIN: Duration = Duration::from_secs(3);
/// Followers of the log at once.
pub const FOLLOWERS: usize = 16;
/// Tools that agents call at once by `runtime mcp`; the next is told that it is busy.
pub const TOOL_CALLS: usize = 64;
/// For an asker to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// Listens as long as it lives; the socket's file goes with it.
pub struct Server {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl Server {
    /// Call it only with the state directory's lock: an old socket's file is replaced.
    pub fn listen(path: PathBuf, desk: Desk) -> anyhow::Result<Self> {
        let listener = bind(&path).with_context(|| format!("cannot listen at {}", path.display()))?;
        Ok(Self { path, task: tokio::spawn(serve(listener, Arc::new(desk))) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        let _ = fs::remove_file(&self.path);
    }
}

fn bind(path: &Path) -> std::io::Result<UnixListener> {
    let _ = fs::remove_file(path);
    // The folder is 0700, so nobody else can come in between these two.
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn serve(listener: UnixListener, desk: Arc<Desk>) {
    let places = Arc::new(Semaphore::new(ASKERS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let desk = desk.clone();
                tokio::spawn(async move {
                    if let Err(error) = answer(stream, &desk, place).await {
                        debug!(%error, "an asker went away");
                    }
                });
            }
            Err(error) => {
                warn!(%error, "the control socket cannot accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(stream: UnixStream, desk: &Desk, place: OwnedSemaphorePermit) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut read = BufReader::new(read.take(MOST_BYTES));
    timeout(PATIENCE, read.read_line(&mut line)).await??;
    let response = match serde_json::from_str(&line) {
        Ok(Request::Logs { instance, lines, follow }) => {
            // Not one of the places for those who want an answer: a follower stays.
            drop(place);
            let gone = gone(&mut read);
            return super::logs::tell_lines(write, desk, Asked { instance, lines, follow }, gone).await;
        }
        Ok(Request::ToolCall { endpoint, name, arguments }) => {
            // Not one of the places for operators: an agent's calls take their time.
            drop(place);
            let Ok(_place) = desk.tool_calls.clone().try_acquire_owned() else {
                let busy = CallError::Busy("too many calls run at once".into());
                return tell(&mut write, &Response::Ok(offering::outcome(Err(busy)))).await;
            };
            tokio::select! {
                response = desk.call_tool(&endpoint, &name, arguments) => response,
                // It takes effect or not; nobody is left to be told.
                () = gone(&mut read) => return Ok(()),
            }
        }
        Ok(request) => desk.answer(request).await,
        Err(error) => Response::Error(format!("not a request of this version of the runtime: {error}")),
    };
    tell(&mut write, &response).await
}

/// When the asker has closed.
async fn gone(read: &mut (impl AsyncBufRead + Unpin)) {
    while read.fill_buf().await.is_ok_and(|more| !more.is_empty()) {
        read.consume(1)
    }
}

pub(super) async fn tell(write: &mut OwnedWriteHalf, response: &Response) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(response)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    Ok(())
}

impl Desk {
    async fn answer(&self, request: Request) -> Response {
        match self.act(request).await {
            Ok(value) => Response::Ok(value),
            Err(why) => Response::Error(why),
        }
    }

    async fn call_tool(&self, endpoint: &str, name: &str, arguments: Map<String, Value>) -> Response {
        match self.sets.find(endpoint) {
            Ok(set) => Response::Ok(offering::outcome(set.call(name, arguments).await)),
            Err(why) => Response::Error(why),
        }
    }

    async fn status(&self) -> Value {
        // A disk that hangs must not keep the rest from being seen.
        let kept = timeout(SUMMARY_WITHIN, self.disk.summary()).await;
        let is_known = matches!(kept, Ok(Ok(_)));
        let kept = kept.ok().and_then(Result::ok).unwrap_or_default();
        let [refused, missing, preparing] = self.notices.all();
        let left = kept.iter().filter(|one| one.messages + one.letters > 0 && !self.view.runs(&one.instance));
        let left: Vec<Value> = left
            .map(|one| json!({ "instance": one.instance.to_string(), "messages": one.messages, "letters": one.letters }))
            .collect();
        json!({
            "version": env!("CARGO_PKG_VERSION"), "pid": std::process::id(),
            "up_seconds": self.started.elapsed().as_secs(),
            "instances": self.view.status(), "not_configured": missing, "refused": refused, "preparing": preparing,
            "dead_letters": is_known.then(|| kept.iter().map(|one| one.dead).sum::<u64>()),
            "left_for_instances_that_do_not_run": left,
            "journal": journal(self.disk.counts()), "clock": self.ticker.ticks(), "instances_alive": self.commons.alive(),
            "log_lines_lost": self.logs.lost(),
            "agent": { "backend": self.backend.name(), "way": self.backend.state() },
        })
    }

    async fn keys(&self, instance: Option<&str>) -> Result<Value, String> {
        let ids = match instance {
            Some(name) => vec![self.view.find(name)?],
            None => self.view.ids(),
        };
        let mut rows = Vec::new();
        for id in ids {
            let keys = self.ring.keys(&id).await.map_err(|error| format!("{id}: {error}"))?;
            rows.extend(keys.into_iter().map(|key| row(&id, key)));
        }
        Ok(rows.into())
    }

    async fn act(&self, request: Request) -> Result<Value, String> {
        match request {
            Request::Status => Ok(self.status().await),
            Request::Call { instance, name, arguments } => {
                let id = self.view.find(&instance)?;
                let arguments =
                    if arguments.is_empty() && !name.starts_with('/') { "{}".into() } else { arguments };
                let answer = self.calls.call(&id, &name, &arguments).await;
                answer.map(Value::String).map_err(|error| error.to_string())
            }
            Request::Send { instance, to, text } => {
                let id = self.view.find(&instance)?;
                let receipt = self.outbox.send(&id, to, text).await.map_err(|error| error.to_string())?;
                Ok(json!({ "messageId": receipt.message_id }))
            }
            Request::Keys { instance } => self.keys(instance.as_deref()).await,
            Request::Steer { instance, wish } => {
                let id = self.view.find(&instance)?;
                self.view.order(&id, wish).await?;
                Ok(json!({ "instance": id.to_string() }))
            }
            Request::Tools { endpoint } => {
                let set = self.sets.find(&endpoint)?;
                Ok(set.tools().iter().map(offering::as_json).collect())
            }
            // Told line by line, by `logs`, and while the asker waits, above.
            Request::Logs { .. } | Request::ToolCall { .. } => Err("not to be answered at once".into()),
            Request::Dead(asked) => self.morgue.answer(asked).await,
        }
    }
}

fn row(id: &InstanceId, key: Key) -> Value {
    let Key { name, kind, class, public, made_ms } = key;
    json!({
        "instance": id.to_string(), "name": name, "kind": format!("{kind:?}").to_lowercase(),
        "class": format!("{class:?}").to_lowercase(), "made_unix_ms": made_ms,
        "public_hex": public.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
    })
}

fn journal(counts: Counts) -> Value {
    let Counts { commits, batches, records, largest_group, failures, stuck } = counts;
    json!({
        "commits": commits, "batches": batches, "records": records, "largest_group": largest_group,
        "failures": failures, "stuck": stuck,
    })
}
