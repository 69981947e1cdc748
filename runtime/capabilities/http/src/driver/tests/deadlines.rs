//! On a paused clock with far ends in memory: time passes only when both sides wait for it.
use super::far::in_memory;
use super::*;
use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval};

const ORIGIN: &str = "http://api.test";

/// The error must be a time-out of 5 s with this `sent`, and the far end must find its connection closed.
async fn times_out<F: Future<Output = ()> + Send + 'static>(
    request: Request,
    expected: Sent,
    script: impl Fn(Peer, mpsc::UnboundedSender<()>) -> F + Send + Sync + 'static,
) {
    let (gone, mut is_gone) = mpsc::unbounded_channel();
    let dial = in_memory(move |peer| script(peer, gone.clone()));
    let client = client(dial, &[ORIGIN]);
    let begin = Instant::now();
    let error = client.fetch(Request { timeout: Duration::from_secs(5), ..request }).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { sent } if sent == expected), "{error:?}");
    assert_eq!(begin.elapsed().as_secs(), 5);
    is_gone.recv().await.unwrap();
    assert_eq!(client.counts().failures, [("timeout", 1)].into());
}

#[tokio::test(start_paused = true)]
async fn a_silent_far_end_ends_with_the_deadline() {
    times_out(get("http://api.test/"), Sent::Maybe, async |mut peer, gone| {
        peer.gone().await;
        gone.send(()).unwrap();
    })
    .await;
}

async fn drip(mut peer: Peer, begin: &str, drop: &str, gone: mpsc::UnboundedSender<()>) {
    peer.request().await;
    peer.say(begin).await;
    let mut ticks = interval(Duration::from_millis(100));
    loop {
        tokio::select! {
            _ = peer.gone() => break,
            _ = ticks.tick() => {}
        }
        peer.say(drop).await;
    }
    gone.send(()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_dripping_head_ends_with_the_deadline() {
    times_out(get("http://api.test/"), Sent::Maybe, async |peer, gone| {
        drip(peer, "HTTP/1.1 200 OK\r\n", "a: b\r\n", gone).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn endless_interim_answers_end_with_the_deadline() {
    times_out(get("http://api.test/"), Sent::Maybe, async |peer, gone| {
        drip(peer, "", "HTTP/1.1 103 Early Hints\r\n\r\n", gone).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_dripping_body_ends_with_the_deadline() {
    times_out(get("http://api.test/"), Sent::Maybe, async |peer, gone| {
        drip(peer, "HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n", "x", gone).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_far_end_that_never_reads_ends_with_the_deadline() {
    times_out(post("http://api.test/", &"x".repeat(4 << 20)), Sent::Maybe, async |mut peer, gone| {
        tokio::time::sleep(Duration::from_secs(6)).await;
        peer.gone().await;
        gone.send(()).unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_never_ends_was_not_sent() {
    let client = client(Scripted(|_: &_| futures::future::pending().boxed()), &[ORIGIN]);
    let error = client.fetch(get("http://api.test/")).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { sent: Sent::No }), "{error:?}");
    assert_eq!(client.counts().connections, 0);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_turn_waits_within_its_own_time_and_was_not_sent() {
    let limits = Limits { in_flight: 1, waiting: 1, ..Limits::default() };
    let dial = in_memory(async |mut peer| peer.gone().await);
    let client = client_with(dial, &[ORIGIN], Vault::default(), limits);
    let first = client.fetch(get("http://api.test/"));
    let waiting = client.fetch(Request { timeout: Duration::from_secs(3), ..get("http://api.test/") });
    let one_too_many = client.fetch(get("http://api.test/"));
    let (first, waiting, one_too_many) = tokio::join!(first, waiting, one_too_many);
    assert!(matches!(first, Err(FetchError::Timeout { sent: Sent::Maybe })), "{first:?}");
    assert!(matches!(waiting, Err(FetchError::Timeout { sent: Sent::No })), "{waiting:?}");
    assert!(matches!(one_too_many, Err(FetchError::Quota { limit: 2, .. })), "{one_too_many:?}");
}

#[tokio::test(start_paused = true)]
async fn a_turn_comes_back_when_its_request_has_ended() {
    let limits = Limits { in_flight: 1, ..Limits::default() };
    let client = client_with(in_memory(Peer::echo), &[ORIGIN], Vault::default(), limits);
    let fetches = (0..10).map(|_| client.fetch(get("http://api.test/")));
    for answer in futures::future::join_all(fetches).await {
        assert_eq!(answer.unwrap().status, 200);
    }
    assert_eq!(client.counts().connections, 1);
}

#[tokio::test(start_paused = true)]
async fn after_close_nobody_gets_in_and_who_is_on_the_wire_goes_on() {
    let limits = Limits { in_flight: 1, ..Limits::default() };
    let (asked, mut was_asked) = mpsc::unbounded_channel();
    let dial = in_memory(move |mut peer| {
        let asked = asked.clone();
        async move {
            peer.request().await;
            let (answer, may_answer) = tokio::sync::oneshot::channel::<()>();
            asked.send(answer).unwrap();
            let _ = may_answer.await;
            peer.answer("200 OK", "").await;
        }
    });
    let client = client_with(dial, &[ORIGIN], Vault::default(), limits);
    let close = async {
        let answer = was_asked.recv().await.unwrap();
        client.close();
        assert!(matches!(client.fetch(get("http://api.test/")).await, Err(FetchError::Closed)));
        drop(answer);
    };
    let (first, waiting) = (client.fetch(get("http://api.test/")), client.fetch(get("http://api.test/")));
    let (first, waiting, ()) = tokio::join!(first, waiting, close);
    assert_eq!(first.unwrap().status, 200);
    assert!(matches!(waiting, Err(FetchError::Closed)), "{waiting:?}");
}
