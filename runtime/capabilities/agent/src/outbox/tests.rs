use super::*;
use crate::recovery::recover;
use ::journal::Sqlite;
use ports::mailbox::{Capacity, Letter as Posted, Queue, queue};
use tempfile::TempDir;

struct Bench {
    outbox: Outbox,
    queue: Queue<Event>,
    journal: Arc<Sqlite>,
    id: InstanceId,
    _listed: Listed,
    _folder: TempDir,
}

async fn bench() -> Bench {
    let folder = TempDir::new().unwrap();
    let journal = Arc::new(Sqlite::open(folder.path(), Arc::new(epoch_ms)).unwrap());
    let id = InstanceId::new("default", "test", "one").unwrap();
    let (post, queue) = queue(Default::default());
    let outbox = Outbox::new(journal.clone());
    let mailbox = post.room(|event| event, Capacity { events: 8, bytes: 4096 });
    let listed = outbox.list(id.clone(), mailbox, true, Vec::new());
    Bench { outbox, queue, journal, id, _listed: listed, _folder: folder }
}

impl Bench {
    fn send(&self, to: &str, text: &str) -> tokio::task::JoinHandle<Result<Receipt, SendError>> {
        let (outbox, id, to, text) = (self.outbox.clone(), self.id.clone(), to.to_owned(), text.to_owned());
        tokio::spawn(async move { outbox.send(&id, to, text).await })
    }

    async fn next(&mut self) -> (Posted<Event>, Sending) {
        let letter = self.queue.next().await.unwrap();
        let Event::Outbound(sending) = letter.event.clone() else { panic!() };
        (letter, sending)
    }
}

#[tokio::test]
async fn a_sender_waits_over_a_retry_for_the_receipt_and_nothing_stays_on_disk() {
    let mut bench = bench().await;
    let sent = bench.send("channel", "hi");
    let (letter, sending) = bench.next().await;
    assert_eq!((&*sending.message.to, &*sending.message.text), ("channel", "hi"));
    assert_eq!(bench.journal.open(&bench.id).await.unwrap().letters.len(), 1, "on disk before it is told");
    assert_eq!(sending.clone().judge(Err(OutboundError::Retry(5))), Disposition::Retry(5));
    let receipt = WitReceipt { message_id: Some("m1".into()) };
    assert_eq!(sending.judge(Ok(receipt)), Disposition::Done);
    letter.done();
    assert_eq!(sent.await.unwrap(), Ok(Receipt { message_id: Some("m1".into()) }));
    assert!(bench.journal.open(&bench.id).await.unwrap().letters.is_empty());
}

#[tokio::test]
async fn to_one_place_in_order_and_one_place_holds_up_no_other() {
    let mut bench = bench().await;
    let _first = bench.send("a", "1");
    let (first, _) = bench.next().await;
    let _second = bench.send("a", "2");
    let _other = bench.send("b", "3");
    let (other, sending) = bench.next().await;
    assert_eq!(sending.message.text, "3", "the second to a waits for the first");
    other.done();
    first.done();
    assert_eq!(bench.next().await.1.message.text, "2");
}

#[tokio::test]
async fn what_was_not_answered_for_comes_again_as_a_repeat() {
    let mut bench = bench().await;
    let _sent = bench.send("a", "1");
    let _held = bench.next().await;
    let recovered = recover(bench.journal.open(&bench.id).await.unwrap());
    let [sent] = &recovered.outbound[..] else { panic!() };
    assert_eq!((&*sent.message.text, sent.past.attempts, recovered.setbacks.len()), ("1", 1, 1));
}
