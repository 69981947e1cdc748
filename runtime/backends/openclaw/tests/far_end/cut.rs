//! A connection that is lost: at each stage of a message, and one that is open and dead.
use super::support::{Heard, House, message, see_through};
use futures::FutureExt;
use futures::future::join_all;
use platforms::openclaw::scripted::{Settings, Step};
use std::time::Duration;

const CODES: [u16; 3] = [1012, 1006, 4000];

/// The message is asked for again until it has its one answer; also how often it had none.
async fn cut_with(code: u16, steps: Vec<Step>) -> usize {
    let house = House::new().await;
    let with_code = |step| if step == Step::Cut(0) { Step::Cut(code) } else { step };
    let is_held = steps.contains(&Step::Hold);
    house.gateway.next_run(steps.into_iter().map(with_code));
    let (message, mut heard) = (message("hello"), Heard::default());
    let releasing = async {
        if is_held {
            house.gateway.asked("chat.history", 1).await;
            house.gateway.release();
        }
    };
    let ((missed, outcome), ()) = tokio::join!(see_through(&house.backend, &message, &mut heard), releasing);
    assert_eq!((heard.text(), outcome), ("the answer", Ok(())), "{code}");
    let twice = house.gateway.record(|record| record.submitted_twice().len());
    assert_eq!((twice, house.gateway.prompted(1).await.len()), (0, 1), "{code}");
    missed
}

async fn each_code(steps: impl IntoIterator<Item = Step>) {
    let steps: Vec<Step> = steps.into_iter().collect();
    let missed = join_all(CODES.map(|code| cut_with(code, steps.clone()))).await;
    assert!(missed.iter().all(|missed| *missed >= 1), "each was told that it is not available: {missed:?}");
}

const CUT: Step = Step::Cut(0);

#[tokio::test]
async fn before_it_was_accepted() {
    each_code([CUT, Step::Accept, Step::Row, Step::delta("the"), Step::last("the answer")]).await;
}

#[tokio::test]
async fn after_it_was_accepted() {
    each_code([Step::Accept, CUT, Step::Row, Step::delta("the"), Step::last("the answer")]).await;
}

#[tokio::test]
async fn while_it_waits_for_its_turn() {
    each_code([Step::Accept, CUT, Step::Hold, Step::Row, Step::last("the answer")]).await;
}

#[tokio::test]
async fn after_its_row_was_written() {
    each_code([Step::Accept, Step::Row, CUT, Step::delta("the"), Step::last("the answer")]).await;
}

#[tokio::test]
async fn in_the_middle_of_its_answer() {
    each_code([Step::delta("the"), CUT, Step::delta(" answer"), Step::last("the answer")]).await;
}

#[tokio::test]
async fn in_the_middle_of_its_answer_which_goes_on_when_we_are_back() {
    let steps = [Step::delta("the"), CUT, Step::Hold, Step::delta(" answer"), Step::last("the answer")];
    each_code(steps).await;
}

#[tokio::test]
async fn what_was_heard_before_the_end_counts_however_slowly_it_is_said() {
    for code in CODES {
        let house = House::new().await;
        house.gateway.next_run([Step::delta("the"), Step::Hold, Step::last("the answer"), Step::Cut(code)]);
        let gateway = house.gateway.clone();
        let mut heard = Heard::then_slowly(move |_| {
            let gateway = gateway.clone();
            async move {
                // While this piece is said, everything else happens.
                gateway.release();
                gateway.alone().await;
                Ok(())
            }
            .boxed()
        });
        let (missed, outcome) = see_through(&house.backend, &message("hello"), &mut heard).await;
        assert_eq!((heard.text(), outcome, missed), ("the answer", Ok(()), 0), "{code}");
    }
}

#[tokio::test]
async fn a_piece_that_is_being_said_is_not_broken_off() {
    let house = House::new().await;
    house.gateway.next_run([Step::delta("the"), Step::Hold, Step::last("the answer")]);
    let (gateway, said) = (house.gateway.clone(), std::sync::Arc::new(std::sync::Mutex::new(vec![])));
    let told = said.clone();
    let mut first = true;
    let mut heard = Heard::then_slowly(move |text| {
        let (gateway, told, text) = (gateway.clone(), told.clone(), text.to_owned());
        let cut = std::mem::take(&mut first);
        async move {
            if cut {
                gateway.cut(1012);
                gateway.connected(2).await;
                gateway.release();
            }
            told.lock().unwrap().push(text);
            Ok(())
        }
        .boxed()
    });
    let (missed, outcome) = see_through(&house.backend, &message("hello"), &mut heard).await;
    assert_eq!((heard.text(), outcome, missed), ("the answer", Ok(()), 1));
    assert_eq!(said.lock().unwrap().first().map(String::as_str), Some("the"), "it was said to its end");
}

#[tokio::test]
async fn a_restart_that_is_announced_loses_nothing() {
    let house = House::new().await;
    house.gateway.next_run([Step::delta("the"), Step::Hold, Step::last("the answer")]);
    let gateway = house.gateway.clone();
    let mut first = true;
    let mut heard = Heard::then(move |_| {
        if std::mem::take(&mut first) {
            gateway.announce_restart();
            gateway.release();
        }
    });
    let (_, outcome) = see_through(&house.backend, &message("hello"), &mut heard).await;
    assert_eq!((heard.text(), outcome), ("the answer", Ok(())));
    assert!(house.gateway.record(|record| record.submitted_twice().is_empty()));
}

#[tokio::test]
async fn a_connection_that_fell_silent_is_given_up_for_another() {
    let settings = Settings { tick: Duration::from_secs(1), ..Settings::default() };
    let house = House::with(settings, |options| options).await;
    house.gateway.connected(1).await;
    house.gateway.stop_ticking();
    house.gateway.connected(2).await;
}

#[tokio::test]
async fn a_gap_among_the_events_loses_nothing() {
    let (heard, outcome) =
        House::met([Step::delta("the"), Step::GapInSeq, Step::delta(" answer"), Step::last("the answer")])
            .await;
    assert_eq!((heard.text(), outcome), ("the answer", Ok(())));
}
