use super::far::in_memory;
use super::*;
use futures::FutureExt;
use ports::dial::Stream;
use std::sync::Mutex;
use tokio::sync::mpsc;

#[tokio::test]
async fn two_requests_share_one_connection() {
    let far = Far::echo().await;
    let client = client(Plain, &[&far.origin()]);
    for _ in 0..2 {
        assert_eq!(client.fetch(get(&far.url("/a"))).await.unwrap().status, 200);
    }
    assert_eq!((far.accepted(), client.counts().connections), (1, 1));
}

#[tokio::test]
async fn two_instances_never_share_a_connection() {
    let far = Far::echo().await;
    for _ in 0..2 {
        client(Plain, &[&far.origin()]).fetch(get(&far.url("/a"))).await.unwrap();
    }
    assert_eq!(far.accepted(), 2);
}

#[tokio::test]
async fn a_request_on_an_idle_connection_that_was_closed_goes_again_on_a_new_one() {
    let ends = Arc::new(Mutex::new(Vec::new()));
    let dial = {
        let ends = ends.clone();
        Scripted(move |_: &_| {
            let (near, far) = tokio::io::duplex(64 << 10);
            ends.lock().unwrap().push(Peer(Box::new(far)));
            futures::future::ready(Ok(Box::new(near) as Stream)).boxed()
        })
    };
    let client = client(dial, &["http://api.test"]);
    let far_end = async || {
        let next = || ends.lock().unwrap().pop();
        let mut peer = loop {
            match next() {
                Some(peer) => break peer,
                None => tokio::task::yield_now().await,
            }
        };
        let request = peer.request().await.unwrap();
        peer.answer("200 OK", "").await;
        Ok::<_, FetchError>((peer, request))
    };
    let (_, (peer, _)) = tokio::try_join!(client.fetch(get("http://api.test/1")), far_end()).unwrap();

    // One thread, and nothing awaited in between: the pool still takes the connection for a good one.
    drop(peer);
    let second = client.fetch(post("http://api.test/2", "once"));
    let (_, (_peer, request)) = tokio::try_join!(second, far_end()).unwrap();
    assert!(request.starts_with("POST /2 ") && request.ends_with("once"), "{request}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_after_a_while() {
    let (gone, mut is_gone) = mpsc::unbounded_channel();
    let dial = in_memory(move |mut peer| {
        let gone = gone.clone();
        async move {
            peer.request().await;
            peer.answer("200 OK", "").await;
            peer.gone().await;
            gone.send(()).unwrap();
        }
    });
    let client = client(dial, &["http://api.test"]);
    client.fetch(get("http://api.test/")).await.unwrap();
    let begin = tokio::time::Instant::now();
    is_gone.recv().await.unwrap();
    assert!((30..=61).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn dropping_the_client_closes_its_connections() {
    let (gone, mut is_gone) = mpsc::unbounded_channel();
    let far = Far::start(move |mut peer| {
        let gone = gone.clone();
        async move {
            peer.request().await;
            peer.answer("200 OK", "").await;
            peer.gone().await;
            gone.send(()).unwrap();
        }
    })
    .await;
    let client = client(Plain, &[&far.origin()]);
    client.fetch(get(&far.url("/"))).await.unwrap();
    drop(client);
    is_gone.recv().await.unwrap();
}

#[tokio::test]
async fn idle_connections_at_many_names_do_not_use_up_the_sockets() {
    let limits = Limits { in_flight: 2, connections: 5, ..Limits::default() };
    let client = client_with(in_memory(Peer::echo), &["http://*.api.test"], Vault::default(), limits);
    for name in 0..40 {
        client.fetch(get(&format!("http://n{name}.api.test/"))).await.unwrap();
        assert!(client.counts().connections <= 5);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_free_socket_a_request_waits_for_one() {
    let limits = Limits { in_flight: 2, connections: 1, ..Limits::default() };
    let dial = in_memory(async |mut peer| {
        peer.request().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        peer.answer("200 OK", "").await;
        peer.gone().await;
    });
    let client = client_with(dial, &["http://*.api.test"], Vault::default(), limits);
    let first = client.fetch(get("http://a.api.test/"));
    let second = client.fetch(get("http://b.api.test/"));
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.unwrap().status, second.unwrap().status), (200, 200));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_socket_waits_within_its_own_time_and_was_not_sent() {
    let limits = Limits { in_flight: 2, connections: 1, ..Limits::default() };
    let dial = in_memory(async |mut peer| peer.gone().await);
    let client = client_with(dial, &["http://*.api.test"], Vault::default(), limits);
    let first = client.fetch(get("http://a.api.test/"));
    let second = client.fetch(Request { timeout: Duration::from_secs(3), ..get("http://b.api.test/") });
    tokio::select! {
        biased;
        _ = first => unreachable!("never answered"),
        said = second => assert!(matches!(said, Err(FetchError::Timeout { sent: Sent::No })), "{said:?}"),
    }
}
