//! No answer leaves before its data is on disk. A killed process shows nothing of this: the kernel keeps what was written
//! but not synced. So an undisturbed process is traced, and the order of its system calls is checked.
mod calls;
mod check;
mod streams;

use crate::Subject;
use crate::plan::Said;
use crate::play::script;
use anyhow::{Context, ensure};
use check::Message;
use platforms::occum::Occum;
use std::path::PathBuf;
use workbench::{Home, Strace};

/// Messages said at once, each in a channel of its own: the journal commits them in groups.
const CHANNELS: usize = 8;

/// What writes files and sockets, and what syncs.
const CALLS: [&str; 9] =
    ["write", "pwrite64", "writev", "pwritev", "sendto", "sendmsg", "fsync", "fdatasync", "sync_file_range"];

/// Whole pages and requests are seen.
const SEEN_BYTES: usize = 64 << 10;

/// Says some messages and looks at the order of what is written, synced and sent; answers what was seen.
///
/// # Errors
/// Something left before its data was on disk; or the process did not do its work; or there is no strace.
pub async fn answers_wait_for_the_disk(subject: &Subject, folder: PathBuf) -> anyhow::Result<String> {
    let folder = folder.join("synced");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let occum = Occum::start().await?;
    let agent = occum.add_agent("Clanker");
    let channels: Vec<_> = (0..CHANNELS).map(|n| occum.add_channel(&format!("c{n}"), &[&agent])).collect();
    let home = Home::at(folder.clone(), script(subject, &occum, &agent))?;
    // The first run compiles and settles the account.
    let runtime = home.ready().await?;
    occum.connected(1).await;
    occum.say(&agent.control_channel, 1, "hello").await;
    occum.worked(&agent.control_channel, 1).await;
    runtime.stop().await?;

    let trace = folder.join("strace.txt");
    let mut runtime = home.start_under(&Strace::new(&CALLS, trace.clone())?.in_full(SEEN_BYTES)).await?;
    runtime.said("running").await?;
    occum.connected(2).await;
    let mut messages = Vec::new();
    for (number, channel) in (100..).zip(&channels) {
        let text = format!("first-{number}\n\nsecond-{number}");
        let said = Said { channel: 0, user: number, text };
        let event = occum.say(channel, said.user, &said.text).await;
        messages.push(Message { channel: channel.clone(), event, blocks: said.blocks() });
    }
    for channel in &channels {
        occum.worked(channel, 1).await;
    }
    // The trace is whole when its process is gone.
    runtime.stop().await?;
    let text = std::fs::read_to_string(&trace).context("strace left no trace")?;
    let calls = calls::parse(&text)?;
    let seen = check::check(&calls, &messages);
    ensure!(seen.wrong.is_empty(), "{}\ntrace: {}", seen.wrong.join("\n"), trace.display());
    std::fs::remove_dir_all(&folder)?;
    Ok(format!("{} requests left after a sync of their data; {} syncs of the journal", seen.good, seen.syncs))
}
