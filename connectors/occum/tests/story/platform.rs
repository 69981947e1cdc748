//! A platform that remembers, for stories with deaths in them.

use crate::setup::*;
use sdk::http::{Error, Request, Response};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Clones are the same platform.
#[derive(Clone, Default)]
pub(crate) struct Platform(Rc<World>);

#[derive(Default)]
struct World {
    /// Events by channel, in their order; and how many of the first are forgotten.
    channels: RefCell<BTreeMap<String, Vec<Value>>>,
    /// What a session heard, in its order.
    sessions: RefCell<BTreeMap<String, Vec<String>>>,
    made: Cell<u64>,
    /// Answers that are lost from now on, to requests whose URL ends like this.
    losing: RefCell<Vec<&'static str>>,
}

impl Platform {
    pub(crate) fn new(channels: &[&str]) -> Self {
        let platform = Self::default();
        for channel in channels {
            platform.0.channels.borrow_mut().insert((*channel).to_owned(), Vec::new());
        }
        platform
    }

    /// A host that reaches it; each request takes so long.
    pub(crate) fn host(&self, time: Duration) -> FakeHost {
        let host = FakeHost::new();
        host.secret("agentToken");
        let world = self.0.clone();
        host.on("*").wait(time).with(move |request| world.answer(request));
        host
    }

    /// A user says something; the event's frame.
    pub(crate) fn say(&self, channel: &str, text: &str) -> String {
        self.0.publish(channel, json!({ "user": "42" }), text).to_string()
    }

    pub(crate) fn say_as_us(&self, channel: &str, text: &str) {
        self.0.publish(channel, json!({ "agent": "a1" }), text);
    }

    pub(crate) fn add_channel(&self, channel: &str) {
        self.0.channels.borrow_mut().insert(channel.to_owned(), Vec::new());
    }

    /// Serves a request, for scripts that do it later.
    pub(crate) fn answer(&self, request: &Request) -> Result<Response, Error> {
        self.0.answer(request)
    }

    /// The first event is gone.
    pub(crate) fn forget_oldest(&self, channel: &str) {
        self.0.channels.borrow_mut().get_mut(channel).unwrap().remove(0);
    }

    /// The events up to here are gone.
    pub(crate) fn forget(&self, channel: &str) {
        self.0.channels.borrow_mut().get_mut(channel).unwrap().clear();
    }

    /// The next request whose URL ends so is served, and its answer lost.
    pub(crate) fn lose_answer(&self, end: &'static str) {
        self.0.losing.borrow_mut().push(end);
    }

    /// What we posted in a channel.
    pub(crate) fn posts(&self, channel: &str) -> Vec<String> {
        let channels = self.0.channels.borrow();
        let ours = channels[channel].iter().filter(|event| event["senderAgentId"] == "a1");
        ours.map(|event| event["body"]["text"].as_str().unwrap().to_owned()).collect()
    }

    /// How many events a channel has.
    pub(crate) fn happened(&self, channel: &str) -> usize {
        self.0.channels.borrow()[channel].len()
    }

    /// The frames of a channel from this place on, as a socket would bring them.
    pub(crate) fn frames(&self, channel: &str, from: usize) -> Vec<String> {
        self.0.channels.borrow()[channel][from..].iter().map(ToString::to_string).collect()
    }

    /// What each session heard.
    pub(crate) fn sessions(&self) -> Vec<Vec<String>> {
        self.0.sessions.borrow().values().cloned().collect()
    }

    pub(crate) fn auth_ok(&self) -> String {
        let channels = self.0.channels.borrow();
        let channels: Vec<_> = channels.keys().map(String::as_str).collect();
        auth_ok_with(Some("a1"), &channels)
    }
}

impl World {
    fn publish(&self, channel: &str, sender: Value, text: &str) -> Value {
        self.made.set(self.made.get() + 1);
        // Opaque: their order says nothing.
        let id = format!("ev_{}_{}", (self.made.get() * 7919) % 1000, self.made.get());
        let event = event_in(channel, &id, sender, text);
        self.channels.borrow_mut().get_mut(channel).unwrap().push(event.clone());
        event
    }

    fn answer(&self, request: &Request) -> Result<Response, Error> {
        let (status, body) = self.serve(request);
        let mut losing = self.losing.borrow_mut();
        if let Some(at) = losing.iter().position(|end| request.url.ends_with(end)) {
            losing.remove(at);
            return Err(Error::Broken("lost".into(), Sent::Maybe));
        }
        Ok(Response { status, headers: vec![], body: body.to_string().into(), url: String::new() })
    }

    fn serve(&self, request: &Request) -> (u16, Value) {
        let url = request.url.strip_prefix(API).unwrap();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let path: Vec<_> = path.split('/').skip(1).collect();
        match path[..] {
            ["agents", "me"] => (200, json!({ "id": "a1", "controlChannelId": CONTROL })),
            ["channels"] => {
                let ids = self.channels.borrow().keys().map(|id| json!({ "id": id })).collect();
                (200, Value::Array(ids))
            }
            ["channels", channel, ..] if !self.channels.borrow().contains_key(channel) => (404, json!({})),
            ["channels", channel, "events"] => self.events(channel, query),
            ["channels", channel, "messages"] => {
                let text = body(request)["text"].as_str().unwrap().to_owned();
                (201, self.publish(channel, json!({ "agent": "a1" }), &text))
            }
            ["channels", _, "work"] => {
                let session = body(request)["sessionId"].as_str().unwrap().to_owned();
                self.sessions.borrow_mut().entry(session).or_default().push("begun".into());
                (201, json!({}))
            }
            ["channels", _, "work", session, "complete"] => match self.sessions.borrow_mut().get_mut(session)
            {
                Some(heard) => {
                    heard.push("completed".into());
                    (200, json!({}))
                }
                None => (404, json!({})),
            },
            _ => panic!("{url}"),
        }
    }

    fn events(&self, channel: &str, query: &str) -> (u16, Value) {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let pairs: BTreeMap<_, _> = pairs.collect();
        let limit: usize = pairs.get("limit").map_or(20, |limit| limit.parse().unwrap());
        let channels = self.channels.borrow();
        let all = &channels[channel];
        match pairs.get("after") {
            None => (200, all[all.len().saturating_sub(limit)..].into()),
            Some(after) => match all.iter().position(|event| event["id"] == **after) {
                Some(at) => (200, all[at + 1..].iter().take(limit).cloned().collect()),
                None => (404, json!({})),
            },
        }
    }
}
