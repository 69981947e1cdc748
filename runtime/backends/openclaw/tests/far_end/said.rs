//! What the agent says, and how it ends.
use super::support::{Heard, House, RUN, ask, ask_into, elsewhere, message, unavailable};
use futures::FutureExt;
use platforms::openclaw::scripted::{Gateway, Step};
use ports::agent::{Failed, Gone, Message};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Lets the run go on at each piece that is heard.
fn releasing(gateway: &Gateway) -> Heard {
    let gateway = gateway.clone();
    Heard::then(move |_| gateway.release())
}

/// What is heard of a run that waits after each step until that was heard.
async fn step_by_step(steps: impl IntoIterator<Item = Step>) -> (Vec<String>, Result<(), Failed>) {
    let house = House::new().await;
    house.gateway.next_run(steps);
    let mut heard = releasing(&house.gateway);
    let outcome = ask_into(&house.backend, &message("hello"), false, &mut heard).await;
    (heard.wholes, outcome)
}

#[tokio::test]
async fn pieces_are_said_as_they_come_and_once() {
    let pieces = [Step::delta("One"), Step::Hold, Step::delta(" two"), Step::Hold, Step::last("One two")];
    // Only what is heard lets the run go on.
    let (heard, outcome) = step_by_step(pieces).await;
    assert_eq!((heard, outcome), (vec!["One".into(), "One two".into()], Ok(())));
}

#[tokio::test]
async fn an_agent_that_begins_again_takes_back_what_it_said() {
    let again = [Step::delta("Draft"), Step::Hold, Step::replace("Dr"), Step::Hold, Step::last("Drama")];
    let (heard, outcome) = step_by_step(again).await;
    assert_eq!((heard, outcome), (vec!["Draft".into(), "Dr".into(), "Drama".into()], Ok(())));
}

#[tokio::test]
async fn a_final_without_a_message_leaves_what_was_said() {
    let (heard, outcome) = step_by_step([Step::delta("All"), Step::Hold, Step::FinalWithoutMessage]).await;
    assert_eq!((heard, outcome), (vec!["All".into()], Ok(())));
    let (heard, outcome) = House::met([Step::FinalWithoutMessage]).await;
    assert_eq!((heard.text(), outcome), ("", Ok(())), "an agent may have nothing to say");
}

#[tokio::test]
async fn a_final_that_differs_is_the_answer() {
    let (heard, outcome) = step_by_step([Step::delta("abc"), Step::Hold, Step::last("xyz")]).await;
    assert_eq!((heard, outcome), (vec!["abc".into(), "xyz".into()], Ok(())));
}

#[tokio::test]
async fn a_run_that_fails_is_told_once_and_the_next_message_is_answered() {
    let house = House::new().await;
    house.gateway.next_run([Step::delta("So "), Step::error("no model"), Step::Silence]);
    let (_, outcome) = ask(&house.backend, &message("hello")).await;
    assert_eq!(outcome, Err(Failed::Agent("no model".into())));
    let next = Message { ticket: "ticket-3".into(), ..message("again") };
    let (heard, outcome) = ask(&house.backend, &next).await;
    assert_eq!((heard.text(), outcome), ("echo: From Ada: again", Ok(())));
}

#[tokio::test]
async fn what_is_no_answer_is_not_said() {
    let side = Step::SideResult { question: "why".into(), text: "because".into() };
    let (heard, outcome) = House::met([Step::Status, side, Step::Status, Step::last("yes")]).await;
    assert_eq!((heard.wholes, outcome), (vec!["yes".into()], Ok(())));
}

#[tokio::test]
async fn a_run_that_somebody_else_aborts_has_failed() {
    let (_, outcome) = House::met([Step::delta("So "), Step::Aborted]).await;
    assert!(matches!(&outcome, Err(Failed::Agent(why)) if why.contains("aborted")), "{outcome:?}");
}

#[tokio::test]
async fn a_busy_gateway_says_when_to_come_back_and_has_the_message_once() {
    let house = House::new().await;
    house.gateway.next_run([Step::RefuseUnavailable { retry_after_ms: 1500 }]);
    let (_, retry_after) = unavailable(ask(&house.backend, &message("hello")).await.1);
    assert_eq!(retry_after, Some(Duration::from_millis(1500)));
    let mut heard = Heard::default();
    let outcome = ask_into(&house.backend, &message("hello"), true, &mut heard).await;
    assert_eq!((heard.text(), outcome), ("echo: From Ada: hello", Ok(())));
    assert_eq!(house.gateway.prompted(1).await.len(), 1);
}

#[tokio::test]
async fn two_conversations_are_answered_side_by_side() {
    let house = House::new().await;
    house.gateway.next_run([Step::Hold, Step::last("late")]);
    let (here, there) = (message("hello"), elsewhere("hi"));
    let others = async {
        house.gateway.prompted(1).await;
        let (heard, outcome) = ask(&house.backend, &there).await;
        assert_eq!((heard.text(), outcome), ("echo: From Ada: hi", Ok(())));
        house.gateway.release();
    };
    let ((heard, outcome), ()) = tokio::join!(ask(&house.backend, &here), others);
    assert_eq!((heard.text(), outcome), ("late", Ok(())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_of_a_conversation_is_heard_however_soon_it_follows() {
    let house = House::new().await;
    for number in 0..40 {
        let ticket = format!("ticket-{number}");
        house.gateway.next_run([Step::delta("a"), Step::Hold, Step::last("ab")]);
        let mut heard = releasing(&house.gateway);
        let message = Message { ticket, ..message(&format!("message {number}")) };
        let outcome = ask_into(&house.backend, &message, false, &mut heard).await;
        assert_eq!((heard.wholes, outcome), (vec!["a".into(), "ab".into()], Ok(())));
        // One more than there were holds, for the final.
        house.gateway.next_run([Step::Hold, Step::last("between")]);
        let between = Message { ticket: format!("between-{number}"), ..message };
        assert_eq!(ask(&house.backend, &between).await.1, Ok(()));
    }
}

#[tokio::test]
async fn who_takes_its_time_to_hear_stalls_nobody_and_misses_nothing() {
    let house = House::new().await;
    let gate = Arc::new(Semaphore::new(0));
    let numbers: Vec<String> = (0..500).map(|number| format!("{number} ")).collect();
    let pieces = numbers.iter().map(|number| Step::delta(number));
    house.gateway.next_run(pieces.chain([Step::last(&numbers.concat())]));
    let shut = gate.clone();
    let mut slow = Heard::then_slowly(move |_| {
        let shut = shut.clone();
        async move {
            shut.acquire().await.unwrap().forget();
            Ok(())
        }
        .boxed()
    });
    let (here, there) = (message("hello"), elsewhere("hi"));
    let others = async {
        house.gateway.ended(1).await;
        assert_eq!(ask(&house.backend, &there).await.1, Ok(()));
        gate.add_permits(10_000);
    };
    let (outcome, ()) = tokio::join!(ask_into(&house.backend, &here, false, &mut slow), others);
    assert_eq!((slow.text(), outcome), (numbers.concat().as_str(), Ok(())));
}

#[tokio::test]
async fn an_answer_has_at_most_a_mebibyte() {
    let (heard, outcome) = House::met([Step::last(&"x".repeat(1 << 20))]).await;
    assert_eq!((heard.text().len(), outcome), (1 << 20, Ok(())));
    let (heard, outcome) = House::met([Step::last(&"x".repeat((1 << 20) + 1))]).await;
    assert!(matches!(outcome, Err(Failed::Agent(_))), "{outcome:?}");
    assert_eq!(heard.text(), "");
}

#[tokio::test]
async fn a_model_that_does_not_end_is_ended() {
    let house = House::new().await;
    house.gateway.next_run([Step::delta(&"x".repeat((1 << 20) + 1)), Step::Silence]);
    let (_, outcome) = ask(&house.backend, &message("hello")).await;
    assert!(matches!(outcome, Err(Failed::Agent(_))), "{outcome:?}");
    let asked = house.gateway.asked("chat.abort", 1).await;
    assert_eq!(asked[0].params["runId"], RUN);
    house.gateway.ended(1).await;
}

#[tokio::test]
async fn when_the_connector_has_ended_so_does_the_answer() {
    let house = House::new().await;
    house.gateway.next_run([Step::delta("one"), Step::Silence]);
    let mut heard = Heard::then_slowly(|_| Box::pin(std::future::ready(Err(Gone))));
    let outcome = ask_into(&house.backend, &message("hello"), false, &mut heard).await;
    assert_eq!(outcome, Err(Failed::Gone));
}
