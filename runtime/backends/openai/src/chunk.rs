//! One event of the stream, read.
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Chunk {
    Delta(Delta),
    /// `[DONE]`
    Done,
    /// An error in the midst of the stream, where there is no status any more to say it.
    Error(Value),
}

/// Of the first choice, and we ask for no more than one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Delta {
    pub(crate) text: String,
    pub(crate) calls_tool: bool,
    pub(crate) finish: Option<Finish>,
    pub(crate) tokens: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    /// `stop`, and whatever else a compatible server calls its ordinary end.
    Stop,
    Length,
    ContentFilter,
    ToolCalls,
    /// Some gateways say so here when the server behind them failed.
    Error,
}

/// Says nothing of what it was: that could be a part of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAChunk;

impl Chunk {
    pub(crate) fn read(data: &[u8]) -> Result<Self, NotAChunk> {
        if data.trim_ascii() == b"[DONE]" {
            return Ok(Self::Done);
        }
        // NB: serde's own error quotes the value it did not expect.
        let raw: Raw = serde_json::from_slice(data).map_err(|_| NotAChunk)?;
        if let Some(error) = raw.error {
            return Ok(Self::Error(error));
        }
        let tokens = raw.usage.and_then(|usage| usage["completion_tokens"].as_u64());
        let choice = raw.choices.unwrap_or_default().into_iter().find(|choice| choice.index == 0);
        let Some(choice) = choice else { return Ok(Self::Delta(Delta { tokens, ..Delta::default() })) };
        let delta = choice.delta.unwrap_or_default();
        Ok(Self::Delta(Delta {
            // A refusal is what the model says to the one who asked, only in another member.
            text: delta.content.or(delta.refusal).unwrap_or_default(),
            calls_tool: delta.tool_calls.is_some_and(|calls| !calls.is_empty())
                || delta.function_call.is_some(),
            finish: choice.finish_reason.as_deref().and_then(finish),
            tokens,
        }))
    }
}

fn finish(reason: &str) -> Option<Finish> {
    match reason {
        // Some servers say it in every chunk that is not the last.
        "" => None,
        "length" => Some(Finish::Length),
        "content_filter" => Some(Finish::ContentFilter),
        "tool_calls" | "function_call" => Some(Finish::ToolCalls),
        "error" => Some(Finish::Error),
        _ => Some(Finish::Stop),
    }
}

#[derive(Deserialize)]
struct Raw {
    choices: Option<Vec<Choice>>,
    error: Option<Value>,
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u64,
    delta: Option<RawDelta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct RawDelta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<IgnoredAny>>,
    function_call: Option<IgnoredAny>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(data: &str) -> Delta {
        match Chunk::read(data.as_bytes()).unwrap() {
            Chunk::Delta(delta) => delta,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_servers_leave_out_or_add_is_tolerated() {
        assert_eq!(delta(r#"{"choices":[],"usage":{"completion_tokens":5}}"#).tokens, Some(5));
        assert_eq!(delta(r#"{"choices":null,"error":null}"#), Delta::default());
        assert_eq!(delta(r#"{"choices":[{"delta":{"content":"a"}}]}"#).text, "a");
        assert_eq!(delta(r#"{"choices":[{"index":1,"delta":{"content":"a"}}]}"#).text, "", "another choice");
        let thinking = r#"{"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"hm"},"finish_reason":""}]}"#;
        assert_eq!(delta(thinking), Delta::default());
        let refusal = r#"{"choices":[{"index":0,"delta":{"refusal":"no"},"finish_reason":"eos"}]}"#;
        assert_eq!((delta(refusal).text.as_str(), delta(refusal).finish), ("no", Some(Finish::Stop)));
        assert_eq!(Chunk::read(b" [DONE] "), Ok(Chunk::Done));
    }

    #[test]
    fn what_is_no_chunk_is_not_quoted() {
        for garbage in ["{", "[DONE", "17", r#"{"choices":"secret words"}"#] {
            assert_eq!(Chunk::read(garbage.as_bytes()), Err(NotAChunk));
        }
        assert_eq!(Chunk::read(b"{\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}"), Err(NotAChunk));
    }
}
