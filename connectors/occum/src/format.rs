//! What we write: bodies, names, summaries. Pure.

use crate::channel::ChannelId;
use crate::parse::Sender;
use sdk::Instance;
use uuid::Uuid;

/// Characters of an answer that a work session's summary shows.
const SUMMARY_CHARS: usize = 120;

/// Characters of an error that a work session's summary shows.
const ERROR_CHARS: usize = 100;

/// The first frame; the host writes the token where it is empty.
pub(crate) const AUTH: &str = r#"{"type":"auth","token":""}"#;

pub(crate) const PING: &str = r#"{"type":"ping"}"#;

/// The work session of an event: the same again when the event is handled again.
pub(crate) fn session(instance: &Instance, event_id: &str) -> String {
    let name = format!("https://occum.net/work/{}/{}/{event_id}", instance.tenant, instance.account);
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

/// Where the place before a message that the agent sends by itself is kept.
pub(crate) fn outbound_key(id: &str) -> String {
    format!("outbound/{}", Uuid::new_v5(&Uuid::NAMESPACE_URL, id.as_bytes()))
}

pub(crate) fn conversation(instance: &Instance, channel: &ChannelId) -> String {
    format!("occum-{}-{channel}", instance.account)
}

pub(crate) fn sender_id(sender: &Sender) -> String {
    match sender {
        Sender::User(id) => format!("user:{id}"),
        Sender::Agent(id) => format!("agent:{id}"),
    }
}

pub(crate) fn sender_label(sender: &Sender) -> String {
    match sender {
        Sender::User(id) => format!("User #{id}"),
        Sender::Agent(id) => format!("Agent {id}"),
    }
}

/// How a work session ended well.
pub(crate) fn summary(answer: &str) -> String {
    let cut = cut(answer, SUMMARY_CHARS);
    match answer {
        "" => "Completed".to_owned(),
        _ if cut.len() < answer.len() => format!("{cut}…"),
        _ => answer.to_owned(),
    }
}

/// How a work session ended badly.
pub(crate) fn failure(message: &str) -> String {
    format!("Error: {}", cut(message, ERROR_CHARS))
}

/// The first so many characters.
pub(crate) fn cut(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(at, _)| &text[..at])
}

/// A query value with everything but unreserved characters escaped.
pub(crate) fn escaped(value: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(account: &str) -> Instance {
        Instance { tenant: "default".into(), connector: "occum".into(), account: account.into() }
    }

    #[test]
    fn a_session_is_the_same_again_and_another_for_another() {
        let session_of = |account, event| session(&instance(account), event);
        assert_eq!(session_of("main", "ev_1"), session_of("main", "ev_1"));
        assert_ne!(session_of("main", "ev_1"), session_of("main", "ev_2"));
        assert_ne!(session_of("main", "ev_1"), session_of("other", "ev_1"));
        assert_eq!(session_of("main", "ev_1").as_bytes()[14], b'5');
    }

    #[test]
    fn a_summary_is_cut_by_characters() {
        assert_eq!(summary(""), "Completed");
        assert_eq!(summary(&"ä".repeat(120)), "ä".repeat(120));
        assert_eq!(summary(&"ä".repeat(121)), format!("{}…", "ä".repeat(120)));
    }

    #[test]
    fn a_failure_is_cut_without_a_mark() {
        assert_eq!(failure("no"), "Error: no");
        assert_eq!(failure(&"ö".repeat(101)), format!("Error: {}", "ö".repeat(100)));
    }

    #[test]
    fn senders_have_an_id_and_a_label() {
        let (user, agent) = (Sender::User("42".into()), Sender::Agent("x".into()));
        assert_eq!((sender_id(&user), sender_label(&user)), ("user:42".into(), "User #42".into()));
        assert_eq!((sender_id(&agent), sender_label(&agent)), ("agent:x".into(), "Agent x".into()));
    }

    #[test]
    fn a_cursor_cannot_add_to_the_query() {
        assert_eq!(escaped("ev_1&limit=9 ä"), "ev_1%26limit%3D9%20%C3%A4");
    }
}
