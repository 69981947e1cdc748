//! The events of one completion, as text.

use serde_json::{Value, json};

/// Makes chunks that share what all chunks of one completion share.
pub(super) struct Events<'a> {
    pub(super) number: u64,
    pub(super) model: &'a str,
    pub(super) crlf: bool,
    pub(super) pings: bool,
    /// Whether the request asked for usage: then each chunk has the key.
    pub(super) usage: bool,
}

impl Events<'_> {
    /// The first: a role and no text.
    pub(super) fn role(&self) -> String {
        self.choice(json!({ "role": "assistant", "content": "", "refusal": null }), None)
    }

    pub(super) fn piece(&self, text: &str) -> String {
        self.choice(json!({ "content": text }), None)
    }

    pub(super) fn tool_call(&self, name: &str) -> String {
        let function = json!({ "name": name, "arguments": "{}" });
        let call = json!({ "index": 0, "id": "call_1", "type": "function", "function": function });
        self.choice(json!({ "tool_calls": [call] }), None)
    }

    pub(super) fn finish(&self, reason: &str) -> String {
        self.choice(json!({}), Some(reason))
    }

    pub(super) fn usage(&self) -> String {
        let mut chunk = self.chunk(json!([]));
        chunk["usage"] = json!({ "prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12 });
        self.event(&chunk.to_string())
    }

    pub(super) fn done(&self) -> String {
        self.event("[DONE]")
    }

    fn choice(&self, delta: Value, finish_reason: Option<&str>) -> String {
        let choice = json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason });
        self.event(&self.chunk(json!([choice])).to_string())
    }

    fn chunk(&self, choices: Value) -> Value {
        let mut chunk = json!({
            "id": format!("chatcmpl-{}", self.number),
            "object": "chat.completion.chunk",
            "created": 1_700_000_000 + self.number,
            "model": self.model,
            "system_fingerprint": "fp_far_end",
            "choices": choices,
        });
        if self.usage {
            chunk["usage"] = Value::Null;
        }
        chunk
    }

    fn event(&self, data: &str) -> String {
        let end = if self.crlf { "\r\n" } else { "\n" };
        let ping = if self.pings { format!(": ping{end}{end}") } else { String::new() };
        format!("{ping}data: {data}{end}{end}")
    }
}
