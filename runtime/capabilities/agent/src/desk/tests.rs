use super::*;
use crate::Echo;
use futures::FutureExt;
use futures::future::BoxFuture;
use ports::mailbox::{Capacity, Queue, Settled, queue};
use std::time::Duration;

fn desk(backend: impl Backend, most: usize) -> (Desk, Queue<Event>) {
    let (post, queue) = queue();
    let mailbox = post.room(|event| event, Capacity { events: 16, bytes: 1 << 20 });
    (Desk::new(InstanceId::new("default", "test", "one").unwrap(), Arc::new(backend), mailbox, most), queue)
}

fn say(desk: &Desk, key: &str, conversation: &str, text: &str) -> Result<Accepted, Full> {
    desk.accept(key.into(), |instance, ticket| Job {
        message: Message {
            instance: instance.clone(),
            ticket,
            conversation: conversation.into(),
            sender_id: "user:1".into(),
            sender_label: "User #1".into(),
            sender_is_owner: false,
            to: "channel".into(),
            in_group: false,
            sent_at_ms: 0,
            meta: Vec::new(),
            text: text.into(),
        },
        context: vec![7],
        deadline: Instant::now() + Duration::from_secs(10),
    })
}

/// The next reply, answered `done`.
async fn next(queue: &mut Queue<Event>) -> (String, Reply) {
    let letter = queue.next().await.unwrap();
    let Event::Reply { reply, .. } = letter.event.clone() else { panic!("not a reply") };
    letter.settle(Settled::Done);
    (reply.conversation.clone(), reply.reply.clone())
}

#[tokio::test]
async fn echo_answers_in_two_blocks_in_order() {
    let (desk, mut queue) = desk(Echo, 8);
    say(&desk, "1", "c", "hello").unwrap();
    let mut seen = Vec::new();
    loop {
        let (_, reply) = next(&mut queue).await;
        let last = matches!(reply, Reply::Final(_));
        if !matches!(reply, Reply::Delta(_)) {
            seen.push(reply);
        }
        if last {
            break;
        }
    }
    let blocks = [Reply::Block("User #1, you said:".into()), Reply::Block("hello".into())];
    assert_eq!(seen[0], Reply::Started);
    assert_eq!(seen[1..3], blocks);
    assert_eq!(seen[3], Reply::Final("User #1, you said:\n\nhello".into()));
    let turns: Vec<_> = desk.history("c", 10).into_iter().map(|turn| turn.from_agent).collect();
    assert_eq!(turns, [false, true]);
}

#[tokio::test]
async fn the_same_key_is_a_duplicate_with_the_same_ticket() {
    let (desk, _queue) = desk(Echo, 8);
    let Ok(Accepted::New(ticket)) = say(&desk, "1", "c", "a") else { panic!() };
    assert_eq!(say(&desk, "1", "c", "a"), Ok(Accepted::Duplicate(ticket)));
}

#[tokio::test]
async fn the_next_reply_waits_until_the_last_was_answered() {
    let (desk, mut queue) = desk(Echo, 8);
    say(&desk, "1", "c", "a").unwrap();
    let first = queue.next().await.unwrap();
    assert!(queue.next().now_or_never().is_none());
    tokio::task::yield_now().await;
    assert!(queue.next().now_or_never().is_none());
    first.settle(Settled::Done);
    queue.next().await.unwrap();
}

/// Never answers.
struct Silent;

impl Backend for Silent {
    fn answer<'a>(&'a self, _: &'a Message, _: &'a mut Say) -> BoxFuture<'a, Result<(), Failed>> {
        std::future::pending().boxed()
    }
}

#[tokio::test]
async fn conversations_go_side_by_side_and_one_waits_in_itself() {
    let (desk, mut queue) = desk(Silent, 8);
    let Ok(Accepted::New(first)) = say(&desk, "1", "a", "x") else { panic!() };
    say(&desk, "2", "a", "y").unwrap();
    say(&desk, "3", "b", "z").unwrap();
    let mut began = [next(&mut queue).await.0, next(&mut queue).await.0];
    began.sort();
    assert_eq!(began, ["a", "b"]);
    assert!(queue.next().now_or_never().is_none(), "the second of a waits");
    assert!(desk.abort(&first) && !desk.abort("nobody"));
    assert_eq!(next(&mut queue).await, ("a".into(), Reply::Aborted));
    assert_eq!(next(&mut queue).await, ("a".into(), Reply::Started));
}

#[tokio::test]
async fn one_too_many_is_refused_and_not_taken_for_a_duplicate_later() {
    let (desk, _queue) = desk(Silent, 1);
    say(&desk, "1", "a", "x").unwrap();
    assert_eq!(say(&desk, "2", "b", "x"), Err(Full));
    assert_eq!(say(&desk, "2", "b", "x"), Err(Full));
}

#[tokio::test]
async fn aborted_comes_after_the_reply_that_was_under_way() {
    let (desk, mut queue) = desk(Echo, 8);
    let Ok(Accepted::New(ticket)) = say(&desk, "1", "c", "a") else { panic!() };
    let started = queue.next().await.unwrap();
    assert!(desk.abort(&ticket));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(queue.next().now_or_never().is_none(), "nothing while the last is not answered");
    started.settle(Settled::Done);
    assert_eq!(next(&mut queue).await.1, Reply::Aborted);
}

struct Broken;

impl Backend for Broken {
    fn answer<'a>(&'a self, _: &'a Message, _: &'a mut Say) -> BoxFuture<'a, Result<(), Failed>> {
        async { Err(Failed::Agent("out of order".into())) }.boxed()
    }
}

#[tokio::test]
async fn a_failure_is_told_and_the_conversation_goes_on() {
    let (desk, mut queue) = desk(Broken, 8);
    say(&desk, "1", "a", "x").unwrap();
    say(&desk, "2", "a", "y").unwrap();
    for _ in 0..2 {
        assert_eq!(next(&mut queue).await.1, Reply::Started);
        assert!(
            matches!(next(&mut queue).await.1, Reply::Failed(failure) if failure.message == "out of order")
        );
    }
}

#[tokio::test]
async fn the_end_of_the_instance_ends_its_work() {
    let (desk, queue) = desk(Silent, 8);
    say(&desk, "1", "a", "x").unwrap();
    let weak = Arc::downgrade(&desk.inner);
    drop((desk, queue));
    while weak.upgrade().is_some() {
        tokio::task::yield_now().await;
    }
}
