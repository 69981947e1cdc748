use super::*;
use crate::Echo;
use crate::bindings::exports::connector::runtime::agent_handler::{Delta, FailureClass, Reply};
use crate::kept::Kept;
use crate::recovery::{Recovered, recover};
use ::journal::Sqlite;
use futures::FutureExt;
use futures::future::BoxFuture;
use ports::agent::{Failed, Question, Say};
use ports::mailbox::{Capacity, Letter, Queue, Settled, queue};
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tempfile::TempDir;

/// One instance, its journal on a real disk, and the end of its mailbox.
struct Bench {
    desk: Desk,
    queue: Queue<Event>,
    journal: Arc<Sqlite>,
    folder: TempDir,
}

impl Bench {
    async fn new(backend: impl Backend, most: usize) -> Self {
        let folder = TempDir::new().unwrap();
        Self::in_folder(folder, backend, most).await
    }

    async fn in_folder(folder: TempDir, backend: impl Backend, most: usize) -> Self {
        let journal = Arc::new(Sqlite::open(folder.path(), Arc::new(epoch_ms)).unwrap());
        let id = InstanceId::new("default", "test", "one").unwrap();
        let Recovered { jobs, .. } = recover(journal.open(&id).await.unwrap());
        let (post, queue) = queue(Default::default());
        let mailbox = post.room(|event| event, Capacity { events: 16, bytes: 1 << 20 });
        let desk = Desk::new(
            id,
            Arc::new(backend),
            journal.clone(),
            mailbox,
            Most { open: most, per_minute: 1_000_000 },
            jobs,
        );
        desk.begin();
        Self { desk, queue, journal, folder }
    }

    /// As after a crash: what was in memory is gone.
    async fn again(self, backend: impl Backend) -> Self {
        let Self { desk, queue, journal, folder } = self;
        let weak = Arc::downgrade(&desk.inner);
        drop((desk, queue));
        while weak.upgrade().is_some() {
            tokio::task::yield_now().await;
        }
        drop(journal);
        Self::in_folder(folder, backend, 8).await
    }

    async fn say(&self, key: &str, conversation: &str, text: &str) -> Result<Accepted, Refused> {
        self.desk.accept(arrival(key, conversation, text, Duration::from_secs(600))).await
    }

    /// The next reply that is no delta, not yet answered.
    async fn letter(&mut self) -> (Letter<Event>, Reply) {
        loop {
            let letter = self.queue.next().await.unwrap();
            let Event::Reply { reply, .. } = letter.event.clone() else { panic!("not a reply") };
            if !matches!(reply.reply, Reply::Delta(_)) {
                return (letter, reply.reply.clone());
            }
            letter.settle(Settled::Done);
        }
    }

    /// The same, answered `done`.
    async fn next(&mut self) -> Reply {
        let (letter, reply) = self.letter().await;
        letter.settle(Settled::Done);
        reply
    }

    async fn next_but_started(&mut self) -> Reply {
        match self.next().await {
            Reply::Started => self.next().await,
            other => other,
        }
    }

    async fn is_closed(&self) -> bool {
        self.journal.open(&self.desk.inner.id).await.unwrap() == Default::default()
    }
}

fn arrival(key: &str, conversation: &str, text: &str, patience: Duration) -> Arrival {
    let message = Message {
        instance: InstanceId::new("default", "test", "one").unwrap(),
        ticket: String::new(),
        conversation: conversation.into(),
        sender_id: "user:1".into(),
        sender_label: "User #1".into(),
        sender_is_owner: false,
        to: "channel".into(),
        in_group: false,
        sent_at_ms: 0,
        meta: Vec::new(),
        text: text.into(),
    };
    Arrival { key: key.into(), message, context: vec![7], progress: true, patience, past: Past::default() }
}

fn block(text: &str) -> Reply {
    Reply::Block(text.into())
}

#[tokio::test]
async fn echo_answers_in_two_blocks_in_order_and_nothing_stays_open() {
    let mut bench = Bench::new(Echo, 8).await;
    bench.say("1", "c", "hello").await.unwrap();
    assert_eq!(bench.next().await, Reply::Started);
    assert_eq!(bench.next().await, block("User #1, you said:"));
    assert_eq!(bench.next().await, block("hello"));
    assert!(!bench.is_closed().await);
    assert_eq!(bench.next().await, Reply::Final("User #1, you said:\n\nhello".into()));
    assert!(bench.is_closed().await);
    let turns = bench.journal.turns(&bench.desk.inner.id, "c", 10).await.unwrap();
    let turns: Vec<_> = turns.iter().map(|turn| (turn.from_agent, &*turn.text)).collect();
    assert_eq!(turns, [(false, "hello"), (true, "User #1, you said:\n\nhello")]);
}

#[tokio::test]
async fn the_same_key_is_a_duplicate_with_the_same_ticket_in_the_next_process_too() {
    let mut bench = Bench::new(Echo, 8).await;
    let Ok(Accepted::New(ticket)) = bench.say("1", "c", "a").await else { panic!() };
    assert_eq!(bench.say("1", "c", "a").await, Ok(Accepted::Duplicate(ticket.clone())));
    while !matches!(bench.next().await, Reply::Final(_)) {}
    let bench = bench.again(Echo).await;
    assert_eq!(bench.say("1", "c", "a").await, Ok(Accepted::Duplicate(ticket)));
}

#[tokio::test]
async fn what_was_accepted_is_answered_by_the_next_process_in_the_same_order() {
    let bench = Bench::new(Silent, 8).await;
    for (key, text) in [("1", "first"), ("2", "second")] {
        bench.say(key, "c", text).await.unwrap();
    }
    let mut bench = bench.again(Echo).await;
    for text in ["first", "second"] {
        assert_eq!(bench.next().await, Reply::Started);
        assert_eq!(bench.next().await, block("User #1, you said:"));
        assert_eq!(bench.next().await, block(text));
        assert!(matches!(bench.next().await, Reply::Final(_)));
    }
}

#[tokio::test]
async fn a_reply_that_was_under_way_comes_again_as_a_repeat_and_the_answer_goes_on() {
    let mut bench = Bench::new(Echo, 8).await;
    bench.say("1", "c", "hello").await.unwrap();
    assert_eq!(bench.next().await, Reply::Started);
    assert_eq!(bench.next().await, block("User #1, you said:"));
    let (second, reply) = bench.letter().await;
    assert_eq!((reply, second.past.attempts), (block("hello"), 0));
    let Event::Reply { sequence, .. } = second.event.clone() else { panic!() };
    drop(second);
    let mut bench = bench.again(Echo).await;
    // The first was answered, so it does not come again; the second may have been posted.
    let (letter, reply) = bench.letter().await;
    let Event::Reply { sequence: repeated, .. } = letter.event.clone() else { panic!() };
    assert_eq!((reply, letter.past.attempts, repeated), (block("hello"), 1, sequence));
    letter.settle(Settled::Done);
    assert!(matches!(bench.next().await, Reply::Final(_)));
    assert!(bench.is_closed().await);
}

/// Says one paragraph and breaks off, the first time.
struct Breaks(AtomicBool);

impl Backend for Breaks {
    fn name(&self) -> &'static str {
        "breaks"
    }

    fn answer<'a>(
        &'a self,
        question: Question<'a>,
        say: &'a mut dyn Say,
    ) -> BoxFuture<'a, Result<(), Failed>> {
        async move {
            if self.0.swap(false, Relaxed) {
                say.append("one\n\ntw").await?;
                let retry_after = Some(Duration::from_millis(1));
                return Err(Failed::Unavailable { why: "broke off".into(), retry_after });
            }
            assert_eq!(question.said, "one\n\n", "what became a block was said");
            say.append("two").await?;
            Ok(())
        }
        .boxed()
    }
}

#[tokio::test]
async fn an_agent_that_breaks_off_goes_on_after_the_last_block() {
    let mut bench = Bench::new(Breaks(true.into()), 8).await;
    bench.say("1", "c", "x").await.unwrap();
    assert_eq!(bench.next().await, Reply::Started);
    assert_eq!(bench.next().await, block("one"));
    let replaced = loop {
        let letter = bench.queue.next().await.unwrap();
        let Event::Reply { reply, .. } = letter.event.clone() else { panic!() };
        letter.settle(Settled::Done);
        match &reply.reply {
            Reply::Delta(Delta::Replace(text)) => break text.clone(),
            Reply::Delta(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(replaced, "one\n\n");
    assert_eq!(bench.next().await, block("two"));
    assert_eq!(bench.next().await, Reply::Final("one\n\ntwo".into()));
}

/// Says this, then again and again that it is all different.
struct Begins(&'static str, Vec<&'static str>);

impl Backend for Begins {
    fn name(&self) -> &'static str {
        "begins"
    }

    fn answer<'a>(&'a self, _: Question<'a>, say: &'a mut dyn Say) -> BoxFuture<'a, Result<(), Failed>> {
        async move {
            say.append(self.0).await?;
            for whole in &self.1 {
                say.replace(whole).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

#[tokio::test]
async fn an_answer_that_begins_anew_posts_nothing_twice_and_loses_nothing() {
    for (first, then, blocks) in [
        ("one\n\ntw", vec!["one\n\ntwo"], vec!["one", "two"]),
        ("one\n\ntw", vec!["one\n\nthree\n\nfour"], vec!["one", "three", "four"]),
        ("one\n\ntw", vec!["uno\n\ndos"], vec!["one", "uno", "dos"]),
        ("not yet a block", vec!["other"], vec!["other"]),
        ("one\n\n", vec!["one\n\n"], vec!["one"]),
        ("one\n\n", vec!["one"], vec!["one"]),
        ("one\n\ntwo", vec!["", "o", "one", "one\n\nt", "one\n\nthree"], vec!["one", "three"]),
        (
            "one\n\ntwo",
            vec!["", "u", "uno\n\ndo", "uno\n\ndos\n\n", "uno\n\ndos\n\ntres"],
            vec!["one", "uno", "dos", "tres"],
        ),
        (
            "one\n\n",
            vec!["uno\n\ndos", "ein\n\nzwei", "ein\n\nzwei\n\ndrei"],
            vec!["one", "uno", "ein", "zwei", "drei"],
        ),
    ] {
        let mut bench = Bench::new(Begins(first, then.clone()), 8).await;
        bench.say("1", "c", "x").await.unwrap();
        assert_eq!(bench.next().await, Reply::Started);
        for text in &blocks {
            assert_eq!(bench.next().await, block(text), "{first:?}, {then:?}");
        }
        let Reply::Final(whole) = bench.next().await else { panic!("{first:?}, {then:?}") };
        let said: Vec<&str> = whole.split("\n\n").filter(|it| !it.is_empty()).collect();
        assert_eq!(said, blocks, "the whole answer is what was posted");
    }
}

/// Begins anew and then hangs, in the first process; has the whole answer in the second.
struct Crashes(bool);

impl Backend for Crashes {
    fn name(&self) -> &'static str {
        "crashes"
    }

    fn answer<'a>(&'a self, _: Question<'a>, say: &'a mut dyn Say) -> BoxFuture<'a, Result<(), Failed>> {
        async move {
            if self.0 {
                return Ok(say.replace("uno\n\ndos").await?);
            }
            say.append("one\n\nx").await?;
            say.replace("uno\n\ndo").await?;
            std::future::pending().await
        }
        .boxed()
    }
}

#[tokio::test]
async fn an_answer_that_began_anew_goes_on_after_a_crash_where_it_stood() {
    let mut bench = Bench::new(Crashes(false), 8).await;
    bench.say("1", "c", "x").await.unwrap();
    assert_eq!(bench.next_but_started().await, block("one"));
    assert_eq!(bench.next().await, block("uno"));
    let mut bench = bench.again(Crashes(true)).await;
    let mut told = Vec::new();
    loop {
        match bench.next_but_started().await {
            Reply::Final(whole) => break assert_eq!(whole, "one\n\nuno\n\ndos"),
            other => told.push(other),
        }
    }
    // The last of the first process comes again, as nobody knows whether it was told.
    assert_eq!(told.last(), Some(&block("dos")));
    assert!(
        told.iter().filter(|it| **it == block("uno")).count() <= 1 && !told.contains(&block("one")),
        "{told:?}"
    );
}

/// What it was asked, and what was let go.
#[derive(Default)]
struct Notes {
    repeated: Mutex<Vec<bool>>,
    let_go: Mutex<Vec<String>>,
}

struct Noting(Arc<Notes>);

impl Backend for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    fn answer<'a>(&'a self, question: Question<'a>, _: &'a mut dyn Say) -> BoxFuture<'a, Result<(), Failed>> {
        let count = {
            let mut repeated = self.0.repeated.lock().unwrap();
            repeated.push(question.repeated);
            repeated.len()
        };
        async move {
            if count > 1 {
                std::future::pending::<()>().await;
            }
            let retry_after = Some(Duration::from_millis(1));
            Err(Failed::Unavailable { why: "not now".into(), retry_after })
        }
        .boxed()
    }

    fn abort<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, ()> {
        self.0.let_go.lock().unwrap().push(message.ticket.clone());
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_backend_hears_that_it_may_have_had_the_message_and_that_nobody_waits_for_it() {
    let notes = Arc::new(Notes::default());
    let asked = |notes: &Notes| notes.repeated.lock().unwrap().clone();
    let mut bench = Bench::new(Noting(notes.clone()), 8).await;
    let Ok(Accepted::New(ticket)) = bench.say("1", "c", "x").await else { panic!() };
    assert_eq!(bench.next().await, Reply::Started);
    while asked(&notes).len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(asked(&notes), [false, true]);
    // The end of a process is no abort.
    let mut bench = bench.again(Noting(notes.clone())).await;
    while asked(&notes).len() < 3 {
        let _ = tokio::time::timeout(Duration::from_millis(1), bench.next()).await;
    }
    assert_eq!(asked(&notes), [false, true, true]);
    assert!(notes.let_go.lock().unwrap().is_empty());
    assert!(bench.desk.abort(&ticket));
    assert_eq!(bench.next_but_started().await, Reply::Aborted);
    while notes.let_go.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(*notes.let_go.lock().unwrap(), [ticket]);
}

/// Not there until it is.
struct Away(Arc<AtomicBool>);

impl Backend for Away {
    fn name(&self) -> &'static str {
        "away"
    }

    fn answer<'a>(
        &'a self,
        question: Question<'a>,
        say: &'a mut dyn Say,
    ) -> BoxFuture<'a, Result<(), Failed>> {
        match self.0.load(Relaxed) {
            true => Echo.answer_static(question.message.text.clone(), say),
            false => {
                let retry_after = Some(Duration::from_millis(5));
                async move { Err(Failed::Unavailable { why: "nobody at home".into(), retry_after }) }.boxed()
            }
        }
    }
}

impl Echo {
    fn answer_static<'a>(&self, text: String, say: &'a mut dyn Say) -> BoxFuture<'a, Result<(), Failed>> {
        async move { Ok(say.append(&text).await?) }.boxed()
    }
}

#[tokio::test]
async fn a_message_waits_for_an_agent_that_is_away_and_goes_on_when_it_is_back() {
    let there = Arc::new(AtomicBool::new(false));
    let mut bench = Bench::new(Away(there.clone()), 8).await;
    bench.say("1", "c", "x").await.unwrap();
    assert_eq!(bench.next().await, Reply::Started);
    while bench.desk.gauge()()["asked_again"].as_u64() < Some(2) {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.desk.gauge()()["trouble"], "nobody at home");
    there.store(true, Relaxed);
    assert_eq!(bench.next().await, block("x"));
    assert!(matches!(bench.next().await, Reply::Final(_)));
    assert_eq!(bench.desk.gauge()()["trouble"], serde_json::Value::Null);
}

#[tokio::test]
async fn past_its_deadline_a_message_fails_and_is_set_aside() {
    let mut bench = Bench::new(Away(Arc::default()), 8).await;
    let arrival = arrival("1", "c", "x", Duration::from_millis(30));
    bench.desk.accept(arrival).await.unwrap();
    // On a slow machine it may be late before it began.
    let Reply::Failed(failure) = bench.next_but_started().await else { panic!() };
    assert_eq!(failure.class, FailureClass::Deadline);
    let dead = bench.journal.dead(None, 10).await.unwrap();
    let Some(Kept::Message { key, .. }) = crate::kept::read(&dead[0].body) else { panic!() };
    assert_eq!((&*key, &*dead[0].about), ("1", "message of user:1 for the agent"));
    assert!(bench.is_closed().await);
}

#[tokio::test]
async fn the_deadline_of_one_that_waits_for_its_turn_is_kept_too() {
    let mut bench = Bench::new(Silent, 8).await;
    bench.say("1", "c", "x").await.unwrap();
    assert_eq!(bench.next().await, Reply::Started);
    let second = arrival("2", "c", "y", Duration::from_millis(30));
    let Ok(Accepted::New(ticket)) = bench.desk.accept(second).await else { panic!() };
    let letter = bench.queue.next().await.unwrap();
    let Event::Reply { reply, .. } = letter.event.clone() else { panic!() };
    assert_eq!(reply.ticket, ticket);
    assert!(matches!(&reply.reply, Reply::Failed(failure) if failure.class == FailureClass::Deadline));
}

#[tokio::test]
async fn the_next_reply_waits_until_the_last_was_answered() {
    let mut bench = Bench::new(Echo, 8).await;
    bench.say("1", "c", "a").await.unwrap();
    let (first, _) = bench.letter().await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
        assert!(bench.queue.next().now_or_never().is_none());
    }
    first.settle(Settled::Done);
    bench.queue.next().await.unwrap();
}

/// Never answers.
struct Silent;

impl Backend for Silent {
    fn name(&self) -> &'static str {
        "silent"
    }

    fn answer<'a>(&'a self, _: Question<'a>, _: &'a mut dyn Say) -> BoxFuture<'a, Result<(), Failed>> {
        std::future::pending().boxed()
    }
}

#[tokio::test]
async fn conversations_go_side_by_side_and_one_waits_in_itself() {
    let mut bench = Bench::new(Silent, 8).await;
    let Ok(Accepted::New(first)) = bench.say("1", "a", "x").await else { panic!() };
    bench.say("2", "a", "y").await.unwrap();
    bench.say("3", "b", "z").await.unwrap();
    assert_eq!([bench.next().await, bench.next().await], [Reply::Started, Reply::Started]);
    assert!(bench.queue.next().now_or_never().is_none(), "the second of a waits");
    assert!(bench.desk.abort(&first) && !bench.desk.abort("nobody"));
    assert_eq!(bench.next().await, Reply::Aborted);
    assert_eq!(bench.next().await, Reply::Started);
}

#[tokio::test]
async fn one_too_many_is_refused_and_not_taken_for_a_duplicate_later() {
    let bench = Bench::new(Silent, 1).await;
    bench.say("1", "a", "x").await.unwrap();
    assert_eq!(bench.say("2", "b", "x").await, Err(Refused::Full));
    assert_eq!(bench.say("2", "b", "x").await, Err(Refused::Full));
}

#[tokio::test]
async fn aborted_comes_after_the_reply_that_was_under_way() {
    let mut bench = Bench::new(Echo, 8).await;
    let Ok(Accepted::New(ticket)) = bench.say("1", "c", "a").await else { panic!() };
    let (started, _) = bench.letter().await;
    assert!(bench.desk.abort(&ticket));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(bench.queue.next().now_or_never().is_none(), "nothing while the last is not answered");
    started.settle(Settled::Done);
    assert_eq!(bench.next().await, Reply::Aborted);
    assert!(bench.is_closed().await);
}

struct Broken;

impl Backend for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    fn answer<'a>(&'a self, _: Question<'a>, _: &'a mut dyn Say) -> BoxFuture<'a, Result<(), Failed>> {
        async { Err(Failed::Agent("out of order".into())) }.boxed()
    }
}

#[tokio::test]
async fn a_failure_is_told_and_the_conversation_goes_on() {
    let mut bench = Bench::new(Broken, 8).await;
    bench.say("1", "a", "x").await.unwrap();
    bench.say("2", "a", "y").await.unwrap();
    for _ in 0..2 {
        assert_eq!(bench.next().await, Reply::Started);
        assert!(matches!(bench.next().await, Reply::Failed(failure) if failure.message == "out of order"));
    }
}

struct Bug;

impl Backend for Bug {
    fn name(&self) -> &'static str {
        "bug"
    }

    fn answer<'a>(&'a self, _: Question<'a>, _: &'a mut dyn Say) -> BoxFuture<'a, Result<(), Failed>> {
        async { panic!("a bug") }.boxed()
    }
}

#[tokio::test]
async fn a_backend_that_panics_fails_the_message_and_not_the_conversation() {
    let mut bench = Bench::new(Bug, 8).await;
    bench.say("1", "a", "x").await.unwrap();
    bench.say("2", "a", "y").await.unwrap();
    for _ in 0..2 {
        assert_eq!(bench.next().await, Reply::Started);
        assert!(
            matches!(bench.next().await, Reply::Failed(failure) if failure.class == FailureClass::Runtime)
        );
    }
}

#[tokio::test]
async fn a_rejected_block_is_told_no_more_and_still_a_part_of_the_answer() {
    let mut bench = Bench::new(Echo, 8).await;
    bench.say("1", "c", "hello").await.unwrap();
    assert_eq!(bench.next().await, Reply::Started);
    let (first, _) = bench.letter().await;
    first.settle(Settled::Rejected("no".into()));
    let (second, _) = bench.letter().await;
    drop(second);
    let mut bench = bench.again(Echo).await;
    assert_eq!(bench.next().await, block("hello"), "not the first, which was said, and not all of it anew");
    assert_eq!(bench.next().await, Reply::Final("User #1, you said:\n\nhello".into()));
}

#[tokio::test]
async fn duplicates_behind_a_message_that_waits_are_not_kept_in_memory() {
    let bench = Bench::new(Silent, 8).await;
    bench.say("1", "c", "x").await.unwrap();
    bench.say("2", "c", "y").await.unwrap();
    for _ in 0..20 {
        assert!(matches!(bench.say("2", "c", "y").await, Ok(Accepted::Duplicate(_))));
    }
    assert_eq!(bench.desk.inner.waiting("c"), 1);
}

/// Begins, and breaks off before a block is whole.
struct Stutters;

impl Backend for Stutters {
    fn name(&self) -> &'static str {
        "stutters"
    }

    fn answer<'a>(&'a self, _: Question<'a>, say: &'a mut dyn Say) -> BoxFuture<'a, Result<(), Failed>> {
        async move {
            say.append("er").await?;
            Err(Failed::Unavailable { why: "broke off".into(), retry_after: Some(Duration::from_millis(1)) })
        }
        .boxed()
    }
}

#[tokio::test]
async fn an_agent_that_never_gets_to_a_block_is_not_asked_for_ever() {
    let mut bench = Bench::new(Stutters, 8).await;
    bench.desk.accept(arrival("1", "c", "x", Duration::from_millis(800))).await.unwrap();
    let ended = bench.next_but_started().await;
    assert!(matches!(ended, Reply::Failed(failure) if failure.class == FailureClass::Deadline));
    let dead = bench.journal.dead(None, 10).await.unwrap();
    assert!(dead[0].past.attempts > 1, "its history tells of the attempts");
}

#[tokio::test]
async fn without_progress_only_what_is_to_be_posted_and_the_end_are_told() {
    let mut bench = Bench::new(Echo, 8).await;
    let arrival = Arrival { progress: false, ..arrival("1", "c", "hello", Duration::from_secs(600)) };
    bench.desk.accept(arrival).await.unwrap();
    let mut told = Vec::new();
    while !matches!(told.last(), Some(Reply::Final(_))) {
        let letter = bench.queue.next().await.unwrap();
        let Event::Reply { reply, .. } = letter.event.clone() else { panic!() };
        letter.done();
        told.push(reply.reply.clone());
    }
    assert_eq!(told[..2], [block("User #1, you said:"), block("hello")]);
    assert_eq!(told.len(), 3);
}
