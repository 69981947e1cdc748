//! What must be true in the end, whatever happened: every message answered, once, in order.
mod diff;

use crate::plan::{Plan, Said};
use crate::play::Played;
use platforms::occum::WorkSession;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Characters of an answer that the summary of a work session has.
const SUMMARY_CHARS: usize = 120;

/// Everything that is wrong; nothing, if all is well.
pub(crate) fn judge(plan: &Plan, played: &Played) -> Vec<String> {
    let mut wrong = played.complaints.clone();
    let stage = &played.stage;
    for (index, channel) in stage.channels.iter().enumerate() {
        let told = stage.told_in(index);
        let (posts, work) = stage.occum.record(|record| (record.posts(channel), record.work(channel)));
        let posts: Vec<String> =
            posts.iter().map(|post| post.text().unwrap_or_default().to_owned()).collect();
        wrong.extend(in_channel(index, answers(&told, &posts)));
        wrong.extend(in_channel(index, sessions(&told, &work)));
    }
    wrong.extend(leaks(plan, &played.log));
    wrong.extend(played.dead_letters.as_deref().and_then(left_over));
    wrong
}

fn in_channel(index: usize, wrong: Vec<String>) -> impl Iterator<Item = String> {
    wrong.into_iter().map(move |wrong| format!("channel {index}: {wrong}"))
}

fn answers(told: &[Said], posts: &[String]) -> Vec<String> {
    let wanted: Vec<String> = told.iter().flat_map(Said::blocks).collect();
    if wanted == posts {
        return Vec::new();
    }
    let diff = diff::Diff::of(&wanted, posts);
    vec![format!("the answers are not those wanted: {}\n{diff}", diff.summary())]
}

fn sessions(told: &[Said], work: &[Arc<WorkSession>]) -> Vec<String> {
    let mut wrong = Vec::new();
    if work.len() != told.len() {
        wrong.push(format!("{} work sessions for {} messages", work.len(), told.len()));
    }
    for session in work.iter().filter(|session| session.completed == 0) {
        wrong.push(format!("work session {} was never completed", session.id));
    }
    let mut summaries = BTreeMap::<String, i64>::new();
    told.iter().for_each(|said| *summaries.entry(summary(&said.answer())).or_default() += 1);
    for found in work.iter().filter_map(|session| session.summary.clone()) {
        *summaries.entry(found).or_default() -= 1;
    }
    for (summary, count) in summaries.into_iter().filter(|(_, count)| *count != 0) {
        let how = if count > 0 { "missing" } else { "too many" };
        wrong.push(format!("{} work sessions {how} that end with {summary:?}", count.abs()));
    }
    wrong
}

fn summary(answer: &str) -> String {
    let mut cut: String = answer.chars().take(SUMMARY_CHARS).collect();
    if cut.len() < answer.len() {
        cut.push('…');
    }
    cut
}

fn leaks(plan: &Plan, log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains(&Plan::mark(plan.seed)))?;
    Some(format!("what people said is in the log: {line}"))
}

/// However the list is wrapped: nothing may be in it.
fn left_over(json: &str) -> Option<String> {
    let Ok(list) = serde_json::from_str::<serde_json::Value>(json) else {
        return Some(format!("the list of dead letters is not JSON: {json:?}"));
    };
    let lists = list.as_object().map(|object| object.values().collect()).unwrap_or(vec![&list]);
    let empty = lists.iter().filter_map(|list| list.as_array()).all(Vec::is_empty);
    (!empty).then(|| format!("there are dead letters: {list:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        Said { channel: 0, user: 1, text: text.into() }
    }

    fn posts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).into()).collect()
    }

    fn session(id: &str, summary: Option<&str>) -> Arc<WorkSession> {
        Arc::new(WorkSession {
            channel: "c".into(),
            id: id.into(),
            agent: "a".into(),
            opened: 1,
            completed: u32::from(summary.is_some()),
            summary: summary.map(Into::into),
        })
    }

    #[test]
    fn what_was_said_twice_is_answered_twice() {
        let (told, label) = ([said("a"), said("a")], "User #1, you said:");
        assert!(answers(&told, &posts(&[label, "a", label, "a"])).is_empty());
        assert!(!answers(&told, &posts(&[label, "a"])).is_empty());
        assert!(!answers(&told, &posts(&[label, "a", label, "a", label, "a"])).is_empty());
    }

    #[test]
    fn order_counts_within_an_answer_and_between_answers() {
        let (told, label) = ([said("a"), said("b")], "User #1, you said:");
        assert!(!answers(&told, &posts(&[label, "b", label, "a"])).is_empty());
        assert!(!answers(&told, &posts(&[label, label, "a", "b"])).is_empty());
    }

    #[test]
    fn every_session_is_completed_and_each_message_has_its_own() {
        let told = [said("a")];
        let whole = Some("User #1, you said:\n\na");
        assert!(sessions(&told, &[session("1", whole)]).is_empty());
        assert_eq!(sessions(&told, &[session("1", None)]).len(), 2);
        assert_eq!(sessions(&told, &[session("1", whole), session("2", whole)]).len(), 2);
        assert_eq!(sessions(&told, &[session("1", Some("Error: gone"))]).len(), 2);
        assert_eq!(sessions(&told, &[]).len(), 2);
    }

    #[test]
    fn dead_letters_are_found_in_a_list_and_in_an_object() {
        assert_eq!(left_over("[]"), None);
        assert_eq!(left_over(r#"{"dead_letters":[],"more":false}"#), None);
        assert!(left_over(r#"[{"id":1}]"#).is_some());
        assert!(left_over(r#"{"dead_letters":[{"id":1}]}"#).is_some());
        assert!(left_over("no").is_some());
    }
}
