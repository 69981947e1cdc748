//! The library's own client, over real sockets.
use super::raw::LONG;
use super::tools::{Fake, OTHER_TOKEN, TOKEN, endpoint, fake, serve};
use mcp::{Limits, Server};
use rmcp::model::{CallToolRequestParams, CallToolResult, ErrorCode, ProtocolVersion};
use rmcp::service::{NotificationContext, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, RoleClient, ServiceError, ServiceExt};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

#[derive(Clone)]
struct Listener(mpsc::UnboundedSender<()>);

impl ClientHandler for Listener {
    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        let _ = self.0.send(());
    }
}

type Client = RunningService<RoleClient, Listener>;

async fn connect(
    server: &Server,
    name: &str,
    token: &str,
) -> Result<(Client, mpsc::UnboundedReceiver<()>), String> {
    let config =
        StreamableHttpClientTransportConfig::with_uri(format!("http://{}/mcp/{name}", server.address()));
    let transport = StreamableHttpClientTransport::from_config(config.auth_header(token));
    let (sender, heard) = mpsc::unbounded_channel();
    let client = Listener(sender).serve(transport).await.map_err(|error| error.to_string())?;
    Ok((client, heard))
}

async fn one(toolset: &Arc<Fake>, limits: Limits) -> (Server, Client) {
    let server = serve(toolset, limits).await;
    let (client, _) = connect(&server, "one", TOKEN).await.unwrap();
    (server, client)
}

async fn call(client: &Client, name: &'static str, arguments: Value) -> Result<CallToolResult, ServiceError> {
    let asked = CallToolRequestParams::new(name).with_arguments(arguments.as_object().unwrap().clone());
    timeout(LONG, client.call_tool(asked)).await.unwrap()
}

fn text(result: &CallToolResult) -> &str {
    &result.content[0].as_text().unwrap().text
}

#[tokio::test]
async fn a_client_lists_and_calls() {
    let (_server, client) = one(&fake(), Limits::default()).await;
    let info = client.peer_info().unwrap();
    assert_eq!(info.protocol_version, ProtocolVersion::V_2025_11_25);
    assert_eq!(info.capabilities.tools.as_ref().unwrap().list_changed, Some(true));
    let tools = client.list_all_tools().await.unwrap();
    assert_eq!(tools.len(), 11);
    assert_eq!((&*tools[0].name, tools[0].title.as_deref()), ("echo", Some("Echo")));
    assert_eq!(tools[0].input_schema["required"], json!(["text"]));

    let echoed = call(&client, "echo", json!({ "text": "four" })).await.unwrap();
    assert_eq!((text(&echoed), echoed.is_error), ("{\"length\":4}", Some(false)));
    assert_eq!(echoed.structured_content, Some(json!({ "length": 4 })));
    let number = call(&client, "number", json!({})).await.unwrap();
    assert_eq!((text(&number), number.structured_content.as_ref()), ("42", None));
}

#[tokio::test]
async fn what_a_tool_answers_instead_can_be_read_by_the_model() {
    let (_server, client) = one(&fake(), Limits::default()).await;
    for (name, part) in [
        ("invalid", "not like this"),
        ("failed", "it broke"),
        ("busy", "one at a time"),
        ("unavailable", "asleep"),
        ("panic", "broke off"),
        ("big", "ask for less"),
    ] {
        let result = call(&client, name, json!({})).await.unwrap();
        assert_eq!(result.is_error, Some(true), "{name}");
        assert!(text(&result).contains(part), "{}", text(&result));
    }
    for name in ["unknown", "not there"] {
        let error = call(&client, name, json!({})).await.unwrap_err();
        let ServiceError::McpError(error) = error else { panic!("{error}") };
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
        assert!(error.message.contains("echo, number"), "{}", error.message);
    }
}

#[tokio::test]
async fn arguments_are_held_against_the_schema_before_the_tool_sees_them() {
    let toolset = fake();
    let (_server, client) = one(&toolset, Limits::default()).await;
    let result = call(&client, "echo", json!({ "text": 7 })).await.unwrap();
    assert_eq!(result.is_error, Some(true));
    assert!(text(&result).contains("at /text"), "{}", text(&result));
    assert_eq!(toolset.calls.load(std::sync::atomic::Ordering::Relaxed), 0);
    // Its schema cannot be used.
    let odd = call(&client, "odd", json!({ "any": 7 })).await.unwrap();
    assert_eq!(odd.is_error, Some(false));
}

#[tokio::test]
async fn who_listens_is_told_that_the_tools_have_changed() {
    let toolset = fake();
    let server = serve(&toolset, Limits::default()).await;
    let (client, mut heard) = connect(&server, "one", TOKEN).await.unwrap();
    let (_second, mut second_heard) = connect(&server, "one", TOKEN).await.unwrap();
    assert_eq!(client.list_all_tools().await.unwrap().len(), 11);
    toolset.offer(&["number"]);
    timeout(LONG, heard.recv()).await.unwrap().unwrap();
    timeout(LONG, second_heard.recv()).await.unwrap().unwrap();
    assert_eq!(client.list_all_tools().await.unwrap().len(), 1);
    assert!(call(&client, "echo", json!({ "text": "" })).await.is_err());
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_given_up() {
    let toolset = fake();
    let (_server, client) =
        one(&toolset, Limits { call_timeout: Duration::from_millis(50), ..Limits::default() }).await;
    let result = call(&client, "wait", json!({})).await.unwrap();
    assert_eq!(result.is_error, Some(true));
    assert!(text(&result).contains("no answer within 50ms"), "{}", text(&result));
    toolset.runs(0).await;
}

#[tokio::test]
async fn one_call_too_many_is_answered_as_busy() {
    let toolset = fake();
    let (_server, client) = one(&toolset, Limits { calls: 2, ..Limits::default() }).await;
    let waiting = async { call(&client, "wait", json!({})).await.unwrap() };
    let also = async { call(&client, "wait", json!({})).await.unwrap() };
    let third = async {
        toolset.runs(2).await;
        let result = call(&client, "number", json!({})).await.unwrap();
        assert_eq!(result.is_error, Some(true));
        assert!(text(&result).contains("busy"), "{}", text(&result));
        toolset.go.notify_waiters();
    };
    let (first, second, ()) = tokio::join!(waiting, also, third);
    assert_eq!((first.is_error, second.is_error), (Some(false), Some(false)));
    assert_eq!(call(&client, "number", json!({})).await.unwrap().is_error, Some(false));
}

#[tokio::test]
async fn two_endpoints_do_not_see_each_other() {
    let server = serve(&fake(), Limits::default()).await;
    let (one, _) = connect(&server, "one", TOKEN).await.unwrap();
    let (two, _) = connect(&server, "two", OTHER_TOKEN).await.unwrap();
    assert_eq!(one.list_all_tools().await.unwrap().len(), 11);
    assert_eq!(two.list_all_tools().await.unwrap().len(), 1);
    assert!(call(&two, "echo", json!({ "text": "" })).await.is_err());
    assert!(connect(&server, "one", OTHER_TOKEN).await.is_err());
    assert!(connect(&server, "two", TOKEN).await.is_err());
}

#[tokio::test]
async fn only_this_machine_is_served_and_only_under_proper_names() {
    let listen = async |address: &str, name: &str, token: &str| {
        let endpoints = vec![endpoint(name, token, &fake()), endpoint("taken", TOKEN, &fake())];
        Server::listen(address.parse().unwrap(), endpoints, Limits::default()).await.map(drop)
    };
    let why = listen("0.0.0.0:0", "one", TOKEN).await.unwrap_err().to_string();
    assert!(why.contains("127.0.0.1"), "{why}");
    for (name, token) in
        [("", TOKEN), ("a/b", TOKEN), ("..", TOKEN), ("taken", TOKEN), ("one", ""), ("one", "a b")]
    {
        assert!(listen("127.0.0.1:0", name, token).await.is_err(), "{name:?} {token:?}");
    }
    listen("127.0.0.1:0", "one-2.x", TOKEN).await.unwrap();
}
