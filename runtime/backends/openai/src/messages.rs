//! The request's body: what was said so far, as the model gets to see it.
use crate::options::Checked;
use bytes::Bytes;
use ports::agent::{Message, Question};
use serde::Serialize;
use serde_json::{Map, Value};

/// For an answer that was interrupted after a part of it was posted. The model sees that part as its own last words.
const GO_ON: &str = "Your answer was cut off by a technical failure, and the reader has seen all of it up to there. \
    Go on exactly where it stopped, in the middle of a word if it stopped there. Do not repeat any of it, do not begin \
    anew, do not mention the interruption.";

pub(crate) fn request(options: &Checked, question: &Question<'_>) -> Bytes {
    let mut messages = Vec::new();
    messages.extend(options.system.as_deref().map(|system| Said::new("system", system)));
    // An empty one says nothing, and some servers refuse it.
    let turns = question.memory.iter().filter(|turn| !turn.text.is_empty());
    messages
        .extend(turns.map(|turn| Said::new(if turn.from_agent { "assistant" } else { "user" }, &turn.text)));
    let text = asked(question.message);
    messages.push(Said::new("user", &text));
    if !question.said.is_empty() {
        messages.push(Said::new("assistant", question.said));
        messages.push(Said::new("user", GO_ON));
    }
    let body = Request { model: &options.model, messages, stream: true, extra: &options.extra };
    // Strings and JSON values with string keys: there is nothing that JSON could not say.
    Bytes::from(serde_json::to_vec(&body).expect("a request of strings is JSON"))
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: Vec<Said<'a>>,
    stream: bool,
    #[serde(flatten)]
    extra: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct Said<'a> {
    role: &'static str,
    content: &'a str,
}

impl<'a> Said<'a> {
    fn new(role: &'static str, content: &'a str) -> Self {
        Self { role, content }
    }
}

/// In a group, `label: text`, or the model could not tell who speaks. Both are untrusted: the label is kept on its one
/// line, so that nobody's name looks like somebody else's words.
fn asked(message: &Message) -> String {
    let name = |name: &str| name.replace(char::is_control, " ").trim().to_owned();
    let label = Some(name(&message.sender_label)).filter(|label| !label.is_empty());
    match message.in_group {
        true => format!("{}: {}", label.unwrap_or_else(|| name(&message.sender_id)), message.text),
        false => message.text.clone(),
    }
}
