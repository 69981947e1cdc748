//! A gateway that crashes and comes back: what it forgot, what it goes on with, and what it gave up.
use super::support::{Heard, House, RUN, SESSION, ask, ask_into, message, see_through, unavailable};
use backend_openclaw::{Options, Timeouts};
use platforms::openclaw::scripted::{Recovery, Settings, Step};
use ports::agent::{Backend, Failed, Question};
use std::time::Duration;

/// The names under which the message was handed over, in order.
fn names(house: &House) -> Vec<String> {
    let asked = house.gateway.record(|record| record.asked("agent"));
    asked.iter().map(|request| request.params["idempotencyKey"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_answer_that_was_finished_before_is_in_the_history() {
    let house = House::new().await;
    house.gateway.next_run([Step::delta("the"), Step::Cut(1006), Step::last("the answer")]);
    unavailable(ask(&house.backend, &message("hello")).await.1);
    house.gateway.ended(1).await;
    house.gateway.kill().await.unwrap();
    house.gateway.revive().await.unwrap();
    let mut heard = Heard::default();
    let outcome = ask_into(&house.backend, &message("hello"), true, &mut heard).await;
    assert_eq!((heard.text(), outcome, names(&house)), ("the answer", Ok(()), vec![RUN.to_owned()]));
}

#[tokio::test]
async fn an_answer_that_was_interrupted_goes_on_under_another_name() {
    let house = House::new().await;
    house.gateway.next_run([Step::delta("half"), Step::Silence]);
    let (message, mut heard) = (message("hello"), Heard::default());
    let crash = async {
        house.gateway.prompted(1).await;
        house.gateway.kill().await.unwrap();
        house.gateway.next_run([Step::delta("half and"), Step::Hold, Step::last("half and whole")]);
        house.gateway.revive().await.unwrap();
        house.gateway.asked("chat.history", 1).await;
        house.gateway.resume();
        house.gateway.release();
    };
    let ((missed, outcome), ()) = tokio::join!(see_through(&house.backend, &message, &mut heard), crash);
    assert_eq!((heard.text(), outcome), ("half and whole", Ok(())));
    assert!(missed >= 1 && names(&house) == [RUN], "{missed} {:?}", names(&house));
}

#[tokio::test]
async fn a_message_that_never_began_is_handed_over_under_its_next_name() {
    for before_row in [vec![Step::Accept, Step::Silence], vec![Step::Silence, Step::Accept]] {
        let house = House::new().await;
        house.gateway.next_run(before_row.into_iter().chain([Step::Row, Step::last("never")]));
        let (message, mut heard) = (message("hello"), Heard::default());
        let crash = async {
            house.gateway.asked("agent", 1).await;
            house.gateway.kill().await.unwrap();
            house.gateway.revive().await.unwrap();
        };
        let ((_, outcome), ()) = tokio::join!(see_through(&house.backend, &message, &mut heard), crash);
        assert_eq!((heard.text(), outcome), ("echo: From Ada: hello", Ok(())));
        assert_eq!(names(&house), [RUN.to_owned(), format!("{RUN}-1")]);
        assert_eq!(house.gateway.prompted(1).await.len(), 1);
    }
}

/// Loses a message before its row, and comes back.
async fn gave_up() -> House {
    let house = House::new().await;
    house.gateway.next_run([Step::Accept, Step::Silence, Step::Row]);
    let asked = message("hello");
    let crash = async {
        house.gateway.asked("agent", 1).await;
        house.gateway.kill().await.unwrap();
        house.gateway.revive().await.unwrap();
    };
    let ((_, outcome), ()) = tokio::join!(ask(&house.backend, &asked), crash);
    unavailable(outcome);
    house
}

#[tokio::test]
async fn who_does_not_know_that_it_was_given_up_learns_it_from_the_refusal() {
    let house = gave_up().await;
    let (heard, outcome) = ask(&house.backend, &message("hello")).await;
    assert_eq!((heard.text(), outcome), ("echo: From Ada: hello", Ok(())));
    assert_eq!(names(&house), [RUN.to_owned(), RUN.to_owned(), format!("{RUN}-1")]);
}

#[tokio::test]
async fn a_message_is_let_go_under_the_name_it_has_by_then() {
    let house = gave_up().await;
    house.gateway.next_run([Step::Silence]);
    let (asked, mut heard) = (message("hello"), Heard::default());
    let question = Question { message: &asked, memory: &[], said: "", repeated: true };
    tokio::select! {
        outcome = house.backend.answer(question, &mut heard) => panic!("{outcome:?}"),
        _ = house.gateway.prompted(1) => {}
    }
    house.backend.abort(&asked).await;
    assert_eq!(house.gateway.asked("chat.abort", 1).await[0].params["runId"], format!("{RUN}-1"));
    house.gateway.ended(1).await;
}

#[tokio::test]
async fn a_message_that_is_never_gone_on_with_fails_and_is_not_handed_over_again() {
    let settings = Settings { recovery: Recovery::Never, ..Settings::default() };
    let house = House::with(settings, |options| Options {
        timeouts: Timeouts { resume: Duration::from_millis(200), ..options.timeouts },
        ..options
    })
    .await;
    house.gateway.next_run([Step::delta("half"), Step::Silence]);
    let (message, mut heard) = (message("hello"), Heard::default());
    let crash = async {
        house.gateway.prompted(1).await;
        house.gateway.kill().await.unwrap();
        house.gateway.revive().await.unwrap();
    };
    let ((_, outcome), ()) = tokio::join!(see_through(&house.backend, &message, &mut heard), crash);
    assert!(matches!(&outcome, Err(Failed::Agent(why)) if why.contains("did not go on")), "{outcome:?}");
    assert_eq!(names(&house), [RUN]);
}

#[tokio::test]
async fn a_gateway_that_is_down_is_said_so_and_answers_when_it_is_back() {
    let house = House::with(Settings::default(), |options| Options {
        timeouts: Timeouts { patience: Duration::from_millis(200), ..options.timeouts },
        ..options
    })
    .await;
    house.gateway.connected(1).await;
    house.gateway.kill().await.unwrap();
    super::support::stands(&house.backend, "away").await;
    let (why, _) = unavailable(ask(&house.backend, &message("hello")).await.1);
    assert!(why.contains("no connection to the gateway"), "{why}");
    house.gateway.revive().await.unwrap();
    let mut heard = Heard::default();
    let (_, outcome) = see_through(&house.backend, &message("hello"), &mut heard).await;
    assert_eq!((heard.text(), outcome), ("echo: From Ada: hello", Ok(())));
    assert_eq!(house.gateway.rows(SESSION).len(), 2);
}
