//! The ways in which what was sent comes back.

/// Names one way. What a request carried is: its path, the raw query and each decoded value in it, every header value
/// (of `Basic` also what it hides), the raw body and each decoded string in it (JSON or form).
///
/// In the body unless said otherwise, one `name=value` a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Echo {
    /// As it came.
    Plain,
    /// In a JSON object, escaping no more than is needed (RFC 8259 7).
    JsonEscaped,
    /// In a JSON object, with `\/` as PHP writes it and all that is not ASCII as `\uXXXX`.
    JsonSlashes,
    /// In a JSON object, every character as `\uXXXX`.
    JsonUnicode,
    /// All but the unreserved of RFC 3986 as `%2F`.
    Percent,
    /// The same as `%2f`.
    PercentLower,
    /// application/x-www-form-urlencoded, as WHATWG has it: a space is `+`.
    Form,
    /// RFC 4648 4, padded.
    Base64,
    /// RFC 4648 5, without padding, as in a JWT.
    Base64Url,
    /// Base64, in both alphabets, of a JSON text with the value at each of the three alignments.
    Base64OfJson,
    HexLower,
    HexUpper,
    /// With `&amp;` `&lt;` `&gt;` `&quot;` and `&#39;`.
    Html,
    /// As response headers `X-Echo-<n>`, where legal.
    InHeader,
    /// As cookies, where a header line may have it; RFC 6265 asks clients to take more than it allows servers.
    InSetCookie,
    /// After the status, where legal.
    InStatusLine,
    /// 302 to `/landed` of the same origin, percent-encoded in the query.
    InLocation,
    /// 302 to another origin (`https://other.example`), percent-encoded in path and query.
    InForeignLocation(String),
    /// Compressed, though nobody asked for it, and behind spaces.
    Gzip,
    /// Cut into chunks of five bytes, so that one is in the middle of every value.
    Chunked,
    /// As trailers `X-Echo-<n>` of a chunked body, where legal.
    Trailers,
    /// The parts of a plain body that the request's Range asks for, as 206: one alone or several in
    /// multipart/byteranges. Without a Range: plain.
    Ranges,
    /// Plain with its length, in writes of five bytes.
    SplitFrames,
}

impl Echo {
    /// All of them. `foreign` is the other origin.
    pub fn all(foreign: &str) -> Vec<Self> {
        use Echo::*;
        vec![
            Plain,
            JsonEscaped,
            JsonSlashes,
            JsonUnicode,
            Percent,
            PercentLower,
            Form,
            Base64,
            Base64Url,
            Base64OfJson,
            HexLower,
            HexUpper,
            Html,
            InHeader,
            InSetCookie,
            InStatusLine,
            InLocation,
            InForeignLocation(foreign.to_owned()),
            Gzip,
            Chunked,
            Trailers,
            Ranges,
            SplitFrames,
        ]
    }

    /// Those that make sense in a message: the text alone tells them apart from `Plain`.
    pub fn spellings() -> Vec<Self> {
        let html = |echo: &Self| *echo == Self::Html;
        let mut all = Self::all("");
        let last = all.iter().position(html).map_or(all.len(), |at| at + 1);
        all.truncate(last);
        all
    }
}

/// What comes back over a WebSocket: how it is spelled, and as what it is sent.
///
/// The spelled message alone, without a name; the JSON spellings are a JSON string. `Chunked` and `SplitFrames` send
/// text and binary in fragments of five bytes, `Gzip` compresses a binary one; what else is about HTTP is plain here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnFrame {
    Nothing,
    Text(Echo),
    Binary(Echo),
    /// A close with code 4001 and up to 123 bytes of it as the reason.
    Close(Echo),
    /// Pings of up to 125 bytes each.
    Ping(Echo),
}
