//! Over a pair of streams: the library's own client, and lines by hand.
use super::raw::{LONG, call, initialize, request};
use super::tools::{Fake, fake};
use mcp::{StdioError, stdio};
use rmcp::service::NotificationContext;
use rmcp::{ClientHandler, RoleClient, ServiceExt};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf, duplex, split,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

#[derive(Clone)]
struct Listener(mpsc::UnboundedSender<()>);

impl ClientHandler for Listener {
    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        let _ = self.0.send(());
    }
}

fn begin(toolset: &Arc<Fake>) -> (DuplexStream, JoinHandle<Result<(), StdioError>>) {
    let (ours, theirs) = duplex(1 << 10);
    let (reader, writer) = split(theirs);
    (ours, tokio::spawn(stdio(toolset.clone(), reader, writer)))
}

struct Lines {
    reader: BufReader<ReadHalf<DuplexStream>>,
    writer: WriteHalf<DuplexStream>,
}

impl Lines {
    fn of(stream: DuplexStream) -> Self {
        let (reader, writer) = split(stream);
        Self { reader: BufReader::new(reader), writer }
    }

    async fn say(&mut self, line: &str) {
        self.writer.write_all(line.as_bytes()).await.unwrap();
        self.writer.write_all(b"\n").await.unwrap();
    }

    async fn hear(&mut self) -> Value {
        let mut line = String::new();
        timeout(LONG, self.reader.read_line(&mut line)).await.unwrap().unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}"))
    }
}

#[tokio::test]
async fn a_client_lists_calls_and_is_told_of_changes() {
    let toolset = fake();
    let (stream, served) = begin(&toolset);
    let (sender, mut heard) = mpsc::unbounded_channel();
    let client = Listener(sender).serve(split(stream)).await.unwrap();
    assert_eq!(client.list_all_tools().await.unwrap().len(), 11);
    toolset.offer(&["number"]);
    timeout(LONG, heard.recv()).await.unwrap().unwrap();
    assert_eq!(client.list_all_tools().await.unwrap().len(), 1);
    client.cancel().await.unwrap();
    timeout(LONG, served).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn nothing_a_client_says_ends_it_but_its_end() {
    let toolset = fake();
    let (stream, served) = begin(&toolset);
    let mut lines = Lines::of(stream);
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string();
    lines.say(&initialized).await;
    lines.say("").await;
    lines.say(&request(1, "tools/list", json!({}))).await;
    assert_eq!(lines.hear().await["error"]["code"], -32600);
    lines.say(&request(2, "ping", json!({}))).await;
    assert_eq!(lines.hear().await["result"], json!({}));
    lines.say("{").await;
    assert_eq!(lines.hear().await["error"]["code"], -32700);
    lines.say(&format!("[{}]", initialize("2025-03-26"))).await;
    assert_eq!(lines.hear().await["error"]["code"], -32600);
    lines.say(&initialize("2025-11-25").replace("2.0", "1.0")).await;
    assert_eq!(lines.hear().await["error"]["code"], -32600);
    lines.say(&initialize("2024-11-05")).await;
    assert_eq!(lines.hear().await["result"]["protocolVersion"], "2024-11-05");
    lines.say(&initialized).await;
    let long = call(3, "echo", json!({ "text": "x".repeat(2 << 20) }));
    lines.say(&long).await;
    let why = lines.hear().await;
    assert!(why["error"]["message"].as_str().unwrap().contains("1048576"), "{why}");
    lines.say(&request("u", "no/such", json!({}))).await;
    let unknown = lines.hear().await;
    assert_eq!((&unknown["id"], &unknown["error"]["code"]), (&json!("u"), &json!(-32601)));
    lines.say(&call(4, "echo", json!({ "text": "four" }))).await;
    assert_eq!(lines.hear().await["result"]["structuredContent"]["length"], 4);
    drop(lines);
    timeout(LONG, served).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn who_takes_no_answers_is_read_no_further() {
    let (stream, served) = begin(&fake());
    let mut lines = Lines::of(stream);
    lines.say(&initialize("2025-11-25")).await;
    lines.hear().await;
    // Its lines fill what there is between us, and no more.
    let mut said = 0;
    while timeout(Duration::from_secs(1), lines.say(&request(5, "tools/list", json!({})))).await.is_ok() {
        said += 1;
        assert!(said < 5_000, "they pile up");
    }
    drop(lines);
    // Its side is gone with answers on their way.
    assert!(matches!(timeout(LONG, served).await.unwrap().unwrap(), Err(StdioError::Write(_))));
}
