//! A streamed answer as a story wants it: its pieces, its pace, and how it ends.

use std::time::Duration;

use super::reply::error_body;

/// `Stream::of(["Hel", "lo"])`: these deltas, `finish_reason: "stop"`, `[DONE]`. Everything else is said on top.
#[derive(Debug, Clone)]
pub struct Stream {
    /// None: an echo of the user's last message.
    pub(super) pieces: Option<Vec<String>>,
    pub(super) gap: Duration,
    pub(super) held: bool,
    pub(super) finish: String,
    pub(super) end: End,
    pub(super) tool: Option<String>,
    pub(super) crlf: bool,
    pub(super) pings: bool,
    pub(super) usage: bool,
    pub(super) chunk_bytes: Option<usize>,
    pub(super) content_type: String,
}

/// What comes after the pieces.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// `finish_reason` and `[DONE]`, as it should be.
    Whole,
    OnlyDone,
    /// `finish_reason`, then silence.
    NeverDone,
    Hang,
    /// The body ends as a body should, and the answer does not.
    Early,
    CutShort,
    Reset,
    /// These bytes, then the body's proper end.
    Raw(Vec<u8>),
}

impl Stream {
    pub fn of<T: Into<String>>(pieces: impl IntoIterator<Item = T>) -> Self {
        Self { pieces: Some(pieces.into_iter().map(Into::into).collect()), ..Self::echo() }
    }

    /// `You said: ` and the user's last message, word by word.
    pub fn echo() -> Self {
        Self {
            pieces: None,
            gap: Duration::ZERO,
            held: false,
            finish: "stop".into(),
            end: End::Whole,
            tool: None,
            crlf: false,
            pings: false,
            usage: false,
            chunk_bytes: None,
            content_type: "text/event-stream; charset=utf-8".into(),
        }
    }

    /// A pause after each piece.
    pub fn gap(self, gap: Duration) -> Self {
        Self { gap, ..self }
    }

    /// After the pieces and before the end, wait for `Api::release`.
    pub fn held(self) -> Self {
        Self { held: true, ..self }
    }

    /// Another `finish_reason`: `length`, `content_filter`, …
    pub fn finishing(self, reason: &str) -> Self {
        Self { finish: reason.into(), ..self }
    }

    /// The model wants a tool called instead of saying more; `finish_reason` is `tool_calls`.
    pub fn calling(self, tool: &str) -> Self {
        Self { tool: Some(tool.into()), ..self.finishing("tool_calls") }
    }

    /// `[DONE]` without a `finish_reason` before it, as some compatible servers do.
    pub fn only_done(self) -> Self {
        Self { end: End::OnlyDone, ..self }
    }

    /// `finish_reason`, then neither `[DONE]` nor an end: the connection stays open.
    pub fn never_done(self) -> Self {
        Self { end: End::NeverDone, ..self }
    }

    /// After the pieces nothing more, on a connection that stays open.
    pub fn hanging(self) -> Self {
        Self { end: End::Hang, ..self }
    }

    /// The body ends properly after the pieces, without `finish_reason` or `[DONE]`.
    pub fn ending_early(self) -> Self {
        Self { end: End::Early, ..self }
    }

    /// After the pieces half a chunk, then the end of the connection.
    pub fn cut_short(self) -> Self {
        Self { end: End::CutShort, ..self }
    }

    /// After the pieces the connection is reset. What was written has arrived by then.
    pub fn reset(self) -> Self {
        Self { end: End::Reset, ..self }
    }

    /// After the pieces these bytes as they are: garbage, a line without end.
    pub fn then_raw(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { end: End::Raw(bytes.into()), ..self }
    }

    /// After the pieces an error in the midst of the stream, as an event.
    pub fn then_error(self, message: &str, kind: &str, code: Option<&str>) -> Self {
        let event = format!("data: {}\n\n", error_body(message, kind, code));
        self.then_raw(event)
    }

    /// Lines end in CR LF.
    pub fn with_crlf(self) -> Self {
        Self { crlf: true, ..self }
    }

    /// A comment line before each event, as servers keep connections alive.
    pub fn with_pings(self) -> Self {
        Self { pings: true, ..self }
    }

    /// The chunk with `usage` and without choices, though nobody asked for it.
    pub fn with_usage(self) -> Self {
        Self { usage: true, ..self }
    }

    /// HTTP chunks of so many bytes, wherever that cuts: inside a line, inside a character.
    pub fn in_chunks_of(self, bytes: usize) -> Self {
        Self { chunk_bytes: Some(bytes.max(1)), ..self }
    }

    /// Say that it is something else.
    pub fn content_type(self, content_type: &str) -> Self {
        Self { content_type: content_type.into(), ..self }
    }
}
