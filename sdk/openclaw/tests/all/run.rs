//! A run's events, one case at a time.

use openclaw::chat::{Chat, Outcome, Run, Step};

fn delta(text: &str, so_far: &str) -> Chat {
    Chat::Delta { text: Some(text.into()), replace: false, so_far: Some(so_far.into()) }
}

fn bare(text: &str) -> Chat {
    Chat::Delta { text: Some(text.into()), replace: false, so_far: None }
}

fn replace(text: &str) -> Chat {
    Chat::Delta { text: Some(text.into()), replace: true, so_far: Some(text.into()) }
}

fn end(text: Option<&str>) -> Chat {
    Chat::Final { text: text.map(str::to_owned), stop_reason: Some("stop".into()) }
}

fn fold(chats: &[Chat]) -> Vec<Step> {
    let mut run = Run::new();
    chats.iter().flat_map(|chat| run.take(chat)).collect()
}

fn append(text: &str) -> Step {
    Step::Append(text.into())
}

fn answered(text: &str) -> Step {
    Step::Done(Outcome::Answered(text.into()))
}

#[test]
fn deltas_are_said_once_and_the_final_adds_the_rest() {
    let steps =
        fold(&[delta("a", "a"), delta("b", "ab"), delta("b", "ab"), delta("a", "a"), end(Some("abc"))]);
    assert_eq!(steps, [append("a"), append("b"), append("c"), answered("abc")]);
}

#[test]
fn deltas_without_the_accumulated_text_are_appended() {
    assert_eq!(fold(&[bare("a"), bare("a"), end(None)]), [append("a"), append("a"), answered("aa")]);
}

#[test]
fn a_replacement_starts_over() {
    let steps = fold(&[delta("boom", "boom"), replace(""), delta("fine", "fine"), end(Some("fine"))]);
    assert_eq!(steps, [append("boom"), Step::Replace(String::new()), append("fine"), answered("fine")]);
}

#[test]
fn a_lost_replacement_is_made_good() {
    let steps = fold(&[delta("boom", "boom"), delta("x", "fine x")]);
    assert_eq!(steps, [append("boom"), Step::Replace("fine x".into())]);
}

#[test]
fn a_final_that_differs_takes_the_place_of_what_was_said() {
    assert_eq!(
        fold(&[delta("a", "a"), end(Some("b"))]),
        [append("a"), Step::Replace("b".into()), answered("b")]
    );
}

#[test]
fn the_first_end_counts() {
    let failed = |message: &str| Chat::Error { message: message.into(), kind: None };
    let steps = fold(&[failed("first"), failed("second"), end(Some("late")), delta("l", "l")]);
    assert_eq!(steps, [Step::Done(Outcome::Failed { message: "first".into(), kind: None })]);
    assert_eq!(fold(&[end(None), end(Some("late"))]), [Step::Done(Outcome::Silent)]);
    assert_eq!(fold(&[end(Some(""))]), [Step::Done(Outcome::Silent)]);
}

#[test]
fn an_abort_keeps_what_was_said() {
    let aborted =
        |text: Option<&str>| Chat::Aborted { stop_reason: Some("rpc".into()), text: text.map(str::to_owned) };
    let done =
        |text: &str| Step::Done(Outcome::Aborted { stop_reason: Some("rpc".into()), text: text.into() });
    assert_eq!(fold(&[delta("a", "a"), aborted(Some("ab"))]), [append("a"), append("b"), done("ab")]);
    assert_eq!(fold(&[delta("a", "a"), aborted(Some("x"))]), [append("a"), done("a")]);
    assert_eq!(fold(&[aborted(None)]), [done("")]);
}
