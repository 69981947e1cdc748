//! The socket: wanted, opened, logged in, closed.

use crate::channel::ChannelId;
use crate::config::Base;
use crate::{Occum, TOKEN, format};
use sdk::status::{self, State};
use sdk::websocket::{self, Backoff, CloseReason, FirstFrame, Options, Ping};
use sdk::{Disposition, Fill, JsonTest, StartError, log, secrets, timers};
use std::time::Duration;

const NAME: &str = "events";

/// Wants the socket, or says why not: without a token there is nothing to do, and no reason to fail.
pub(crate) fn subscribe(base: &Base) -> Result<(), StartError> {
    if !secrets::exists(TOKEN) {
        log::warn!("no secret agentToken is configured: idle");
        status::report(State::Idle, Some("configure the secret agentToken"));
        return Ok(());
    }
    // NB: no status here. A new instance may find its socket open, and nobody would report it connected again.
    Ok(websocket::subscribe(NAME, &base.socket, options())?)
}

/// Logging in and keeping alive are declared: the host does both without waking us.
fn options() -> Options {
    Options {
        first_frame: Some(FirstFrame { text: format::AUTH.into(), fills: vec![Fill::json(TOKEN, "/token")] }),
        ready: Some(JsonTest::new("/type", "auth_ok")),
        ping: Some(Ping {
            every: Duration::from_secs(30),
            text: format::PING.into(),
            answer: JsonTest::new("/type", "pong"),
            within: Duration::from_secs(10),
        }),
        backoff: Some(Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) }),
        ..Options::default()
    }
}

impl Occum {
    pub(crate) async fn opened(&self, connection: u64) -> Disposition {
        status::report(State::Connecting, Some("authenticating"));
        log::debug!("connected, authenticating", connection = connection);
        if self.memory.with(|memory| memory.agent_id().is_none() || memory.control_channel().is_none())
            && let Err(error) = self.identify().await
        {
            log::warn!("could not find out who we are: {error}");
        }
        Disposition::Done
    }

    /// Asks the platform who we are, and remembers it.
    pub(crate) async fn identify(&self) -> Result<(), crate::api::Error> {
        let me = self.api.me().await?;
        let (agent, control) = (show(me.id.as_ref()), show(me.control_channel_id.as_ref()));
        log::info!("identified", agent = agent, control_channel = control);
        self.memory.with(|memory| memory.learn(me.id, me.control_channel_id));
        Ok(())
    }

    /// From here on events come live, after those that are to be made good.
    pub(crate) async fn logged_in(&self, agent_id: Option<String>, channels: Vec<ChannelId>) -> Disposition {
        log::info!("logged in", agent = show(agent_id.as_ref()), channels = channels.len());
        self.memory.with(|memory| memory.learn(agent_id, None));
        status::report(State::Connected, None);
        let gone = self.lanes.with(|lanes| lanes.log_in(channels, timers::monotonic()));
        self.arm();
        self.forget(gone).await;
        self.all_have_begun().await;
        Disposition::Done
    }
}

/// A bad token stays bad: no reconnecting until somebody changes it and the instance starts anew.
pub(crate) fn refused(message: &str) -> Disposition {
    log::error!("the platform refused the token", answer = format::cut(message, 200));
    status::report(State::Failed, Some("the platform refused the token: set the secret agentToken anew"));
    if let Err(error) = websocket::close(NAME) {
        log::debug!("closing: {error}");
    }
    Disposition::Done
}

pub(crate) fn closed(reason: &CloseReason, reconnect_in: Option<Duration>) -> Disposition {
    let reason = match reason {
        CloseReason::Peer(Some(code), _) => format!("closed by the platform with {code}"),
        CloseReason::Peer(None, _) => "closed by the platform".to_owned(),
        CloseReason::Refused(status) => format!("the platform refused the socket with {status}"),
        CloseReason::Unreachable(why) => format!("unreachable: {why}"),
        CloseReason::Silent => "no pong in time".to_owned(),
        CloseReason::Slow => "we were too slow".to_owned(),
        CloseReason::TooLarge => "a frame was too large".to_owned(),
        CloseReason::Protocol(what) => format!("protocol broken: {what}"),
        CloseReason::Asked => "asked to reconnect".to_owned(),
        CloseReason::Denied(what) => format!("not granted: {what}"),
    };
    match reconnect_in {
        Some(delay) => {
            log::info!("disconnected: {reason}", reconnect_in_ms = delay.as_millis());
            status::report(State::Connecting, Some(&reason));
        }
        None => {
            log::error!("disconnected for good: {reason}");
            status::report(State::Failed, Some(&reason));
        }
    }
    Disposition::Done
}

fn show(id: Option<&impl ToString>) -> String {
    id.map_or_else(|| "unknown".to_owned(), ToString::to_string)
}
