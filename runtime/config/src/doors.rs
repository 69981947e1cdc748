//! `[events]` and `[mcp]`: doors of the runtime for others on this machine, each behind a token.
use crate::check::Env;
use crate::findings::Findings;
use crate::loopback;
use crate::node::{Fields, Node, Said};
use crate::notes::Notes;
use crate::report::{Problem, Report};
use crate::secrets::SecretLine;
use crate::source::Source;
use ports::secret::Secret;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What connectors publish, as a stream.
#[derive(Clone, Debug)]
pub struct EventsSettings {
    /// An address of this machine; port 0 is one that the system chooses.
    pub listen: SocketAddr,
    /// At least 16 characters, visible ASCII.
    pub token: Secret,
}

/// Tools for agents, over MCP.
#[derive(Clone, Debug)]
pub struct McpSettings {
    /// An address of this machine; port 0 is one that the system chooses. `None`: only `runtime mcp` offers them.
    pub listen: Option<SocketAddr>,
    /// By name: 1 to 64 characters of `a-z 0-9 - _`.
    pub endpoints: BTreeMap<String, McpEndpoint>,
}

/// One set of tools, behind a token of its own.
#[derive(Clone, Debug)]
pub struct McpEndpoint {
    /// At least 16 characters, visible ASCII; `None` where nothing listens.
    pub token: Option<Secret>,
    /// Whose tools: a connector (`occum`, all accounts of it) or one account (`occum/work`). Default: the connector of the
    /// endpoint's name.
    pub connectors: Vec<String>,
    /// Whether there is a tool that sends a message through any of them. Default true.
    pub send: bool,
}

/// As the file has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    events: Option<(SocketAddr, SecretLine)>,
    mcp: Option<(Option<SocketAddr>, BTreeMap<String, WrittenEndpoint>)>,
}

#[derive(Clone, Debug)]
struct WrittenEndpoint {
    token: Option<SecretLine>,
    connectors: Vec<Said<String>>,
    send: bool,
}

const EVENTS: &str = "\"127.0.0.1:9466\"";
const MCP: &str = "\"127.0.0.1:9465\"";
const TOKEN: &str = "{ file = \"token\" }";
const CONNECTORS: &str = "a list such as [\"occum\"]";
const LEAST_TOKEN: usize = 16;
const MAX_NAME_CHARS: usize = 64;
const READ: &str = "other machines could read what connectors publish, and the token on its way";
const CALL: &str = "other machines could call the connectors' tools, and read the token on its way";

impl Written {
    pub fn read_events(&mut self, node: &Node<'_>, findings: &mut Findings) {
        let Some(mut fields) = node.table(findings, "a table with listen and token") else { return };
        let listen = fields.required("listen", EVENTS, node, findings);
        let listen = listen.and_then(|node| loopback::address(&node, EVENTS, READ, findings));
        let token = fields.required("token", TOKEN, node, findings);
        let token = token.and_then(|node| SecretLine::read(TOKEN, &node, findings));
        fields.refuse_others(findings);
        self.events = listen.zip(token);
    }

    pub fn read_mcp(&mut self, node: &Node<'_>, findings: &mut Findings) {
        let Some(mut fields) = node.table(findings, "a table with listen and endpoints") else { return };
        let listen = fields.take("listen");
        let listen = listen.and_then(|node| loopback::address(&node, MCP, CALL, findings));
        let shape = "[mcp.endpoints.<name>] tables";
        let nodes = fields.take("endpoints").and_then(|node| node.table(findings, shape));
        fields.refuse_others(findings);
        let mut endpoints = BTreeMap::new();
        for (name, _, node) in nodes.into_iter().flat_map(Fields::all) {
            endpoints.insert(name.to_owned(), endpoint(name, &node, listen.is_some(), findings));
        }
        if endpoints.is_empty() {
            node.wrong(
                findings,
                "no endpoint offers anything",
                "write [mcp.endpoints.<name of a connector>]",
            );
        }
        self.mcp = Some((listen, endpoints));
    }

    pub fn events(
        &self,
        source: &Source,
        env: Env<'_>,
    ) -> Result<(Option<EventsSettings>, Vec<Problem>), Report> {
        let mut notes = Notes::default();
        let settings = self.events.as_ref().and_then(|(listen, token)| {
            Some(EventsSettings { listen: *listen, token: fetch(token, source, env, &mut notes)? })
        });
        notes.settle(settings, source)
    }

    pub fn mcp(&self, source: &Source, env: Env<'_>) -> Result<(Option<McpSettings>, Vec<Problem>), Report> {
        let mut notes = Notes::default();
        let settings = self.mcp.as_ref().map(|(listen, written)| {
            let mut tokens: BTreeMap<String, String> = BTreeMap::new();
            let endpoint = |(name, written): (&String, &WrittenEndpoint)| {
                let line = written.token.as_ref();
                if let Some(line) = line.filter(|_| listen.is_none()) {
                    let what = "nothing listens, so no token is needed";
                    notes.warnings.add(
                        &line.span,
                        &line.path,
                        what,
                        format!("write mcp.listen = {MCP}, or remove it"),
                    );
                }
                let token = line.and_then(|token| fetch(token, source, env, &mut notes));
                if let Some((line, token)) = line.zip(token.as_ref())
                    && let Some(other) = tokens.insert(token.expose().to_owned(), name.clone())
                {
                    let what = format!(
                        "endpoint {other} has the same token, and whoever has it may call the tools of both"
                    );
                    notes.problems.add(&line.span, &line.path, what, "make another: `openssl rand -hex 32`");
                }
                let connectors = written.connectors.iter().map(|said| said.value.clone()).collect();
                (name.clone(), McpEndpoint { token, connectors, send: written.send })
            };
            McpSettings { listen: *listen, endpoints: written.iter().map(endpoint).collect() }
        });
        notes.settle(settings, source)
    }

    /// Where an endpoint names a connector that there is not.
    pub fn unknown(&self, known: impl Fn(&str) -> bool, findings: &mut Findings) {
        let endpoints = self.mcp.iter().flat_map(|(_, endpoints)| endpoints.values());
        for said in endpoints.flat_map(|endpoint| &endpoint.connectors).filter(|said| !known(&said.value)) {
            let what = format!("there is no connector or account {:?}", said.value);
            let help =
                "name the endpoint after a connector, or write connectors = [\"occum\"] or [\"occum/work\"]";
            findings.add(&said.span, &said.path, what, help);
        }
    }
}

fn endpoint(name: &str, node: &Node<'_>, listens: bool, findings: &mut Findings) -> WrittenEndpoint {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter);
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(fits) {
        let what =
            format!("an endpoint's name has 1 to {MAX_NAME_CHARS} characters of a-z, 0-9, '-' and '_'");
        node.wrong(findings, what, "it becomes part of a URL: /mcp/<name>");
    }
    let mut written =
        WrittenEndpoint { token: None, connectors: vec![node.said(name.to_owned())], send: true };
    let Some(mut fields) = node.table(findings, "a table with a token") else { return written };
    let token = match listens {
        true => fields.required("token", TOKEN, node, findings),
        false => fields.take("token"),
    };
    written.token = token.and_then(|node| SecretLine::read(TOKEN, &node, findings));
    if let Some(node) = fields.take("connectors") {
        let nodes = node.list(findings, CONNECTORS);
        let said =
            |node: &Node<'_>| Some(node.said(node.text(findings, "\"occum\" or \"occum/work\"")?.to_owned()));
        written.connectors = nodes.iter().filter_map(said).collect();
        if nodes.is_empty() {
            node.wrong(findings, "it offers nobody's tools", format!("write {CONNECTORS}"));
        }
    }
    if let Some(node) = fields.take("send") {
        written.send = node.boolean(findings).unwrap_or(true);
    }
    fields.refuse_others(findings);
    written
}

fn fetch(line: &SecretLine, source: &Source, env: Env<'_>, notes: &mut Notes) -> Option<Secret> {
    let token = notes.secret(line, source, env)?;
    let visible = token.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if !visible || token.expose().len() < LEAST_TOKEN {
        let what = format!("a token has at least {LEAST_TOKEN} characters, all of them visible ASCII");
        notes.problems.add(&line.span, &line.path, what, "make one, such as with `openssl rand -hex 32`");
        return None;
    }
    Some(token)
}
