//! The doors for others on this machine: tools for agents, and the stream of what connectors publish.
use super::Sets;
use anyhow::Context;
use board::{Board, Stream};
use config::{EventsSettings, McpSettings};
use mcp::{Endpoint, Server};
use tracing::info;

/// Closed when dropped.
pub struct Doors {
    _tools: Option<Server>,
    _events: Option<Stream>,
}

pub async fn open(
    mcp: Option<McpSettings>,
    sets: &Sets,
    events: Option<EventsSettings>,
    board: &Board,
) -> anyhow::Result<Doors> {
    Ok(Doors { _tools: tools(mcp, sets).await?, _events: stream(events, board).await? })
}

async fn tools(settings: Option<McpSettings>, sets: &Sets) -> anyhow::Result<Option<Server>> {
    let Some(McpSettings { listen: Some(address), endpoints }) = settings else { return Ok(None) };
    let endpoint = |(name, endpoint): (String, config::McpEndpoint)| {
        Some(Endpoint { token: endpoint.token?, toolset: sets.get(&name)?, name })
    };
    let endpoints: Vec<Endpoint> = endpoints.into_iter().filter_map(endpoint).collect();
    let names: Vec<String> = endpoints.iter().map(|endpoint| endpoint.name.clone()).collect();
    let server = Server::listen(address, endpoints, mcp::Limits::default()).await;
    let server = server.with_context(|| format!("cannot listen at {address} (mcp.listen)"))?;
    for name in names {
        info!("tools at http://{}/mcp/{name}", server.address());
    }
    Ok(Some(server))
}

async fn stream(settings: Option<EventsSettings>, board: &Board) -> anyhow::Result<Option<Stream>> {
    let Some(EventsSettings { listen, token }) = settings else { return Ok(None) };
    let stream = Stream::listen(listen, token, board.clone(), board::Limits::default()).await;
    let stream = stream.with_context(|| format!("cannot listen at {listen} (events.listen)"))?;
    info!("what connectors publish at http://{}/events and /state", stream.address());
    Ok(Some(stream))
}
