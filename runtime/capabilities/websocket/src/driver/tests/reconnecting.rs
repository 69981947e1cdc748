//! When a connection is dialled again, and when not.
use super::*;
use tokio::net::TcpListener;
use tokio::time::Instant;

const FIRST: Duration = Duration::from_secs(1);

/// Seconds instead of milliseconds; for a paused clock.
fn patient_plan(far: &Far) -> Plan {
    with(plan(far), |plan| plan.backoff = Backoff { first: FIRST, most: 16 * FIRST })
}

async fn delay(near: &mut Near) -> Duration {
    Duration::from_millis(near.closed().await.1.unwrap())
}

#[tokio::test(start_paused = true)]
async fn delays_grow_while_the_platform_fails_and_start_over_when_it_accepts_us() {
    let far = Far::pipes();
    let mut near = Near::open(with(patient_plan(&far), |plan| plan.ready = Some(is("/type", "ready"))), &far);
    for whole in [1, 2, 4, 8, 16, 16] {
        // Open is not accepted: the platform can still throw us out.
        let peer = far.accept().await;
        near.opened().await;
        assert_eq!(near.gauge.reading().state, State::Open);
        drop(peer);
        let told = delay(&mut near).await;
        assert!(told >= whole * FIRST / 2 - FIRST / 100 && told <= whole * FIRST, "{told:?} of {whole} s");
        let seen = near.gauge.reading();
        assert_eq!(seen.state, State::Waiting);
        assert!(seen.next_retry_ms > 0);
    }
    let mut peer = far.accept().await;
    near.opened().await;
    peer.say(r#"{"type":"ready"}"#).await;
    assert_eq!(near.text().await, r#"{"type":"ready"}"#, "the guest sees it too");
    assert_eq!(near.gauge.reading().state, State::Ready);
    drop(peer);
    assert!(delay(&mut near).await <= FIRST);
}

#[tokio::test(start_paused = true)]
async fn the_delay_that_was_told_is_the_delay_that_is_waited() {
    let far = Far::pipes();
    let mut near = Near::open(patient_plan(&far), &far);
    for _ in 0..6 {
        far.refuse(503).await;
        let (reason, again) = near.closed().await;
        assert_eq!(reason, CloseReason::Refused { status: 503 });
        let (told, since) = (Duration::from_millis(again.unwrap()), Instant::now());
        let stream = far.stream().await;
        assert!(since.elapsed().abs_diff(told) < FIRST / 100, "{:?} {told:?}", since.elapsed());
        drop(stream);
        near.closed().await;
    }
    assert_eq!(near.gauge.reading().reconnects, 11);
}

#[tokio::test(start_paused = true)]
async fn bad_credentials_stop_the_dialling_until_somebody_asks() {
    let far = Far::pipes();
    let mut near = Near::open(patient_plan(&far), &far);
    far.refuse(401).await;
    assert_eq!(near.closed().await, (CloseReason::Refused { status: 401 }, None));
    assert_eq!(near.gauge.reading().state, State::Stopped);
    near.socket.plan(patient_plan(&far));
    let nobody = tokio::time::timeout(PATIENCE / 2, far.stream()).await;
    assert!(nobody.is_err(), "the same plan changes nothing");
    near.socket.reconnect();
    far.refuse(403).await;
    assert_eq!(near.closed().await, (CloseReason::Refused { status: 403 }, None));
    near.socket.plan(with(patient_plan(&far), |plan| plan.headers.push(("x-a".into(), "b".into()))));
    assert_eq!(far.accept().await.request.headers()["x-a"], "b");
    assert_eq!(near.opened().await, 1);
}

#[tokio::test]
async fn a_changed_plan_is_used_at_the_next_dial() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let mut first = far.accept().await;
    near.opened().await;
    near.socket.plan(with(plan(&far), |plan| plan.subprotocols.push("v2".into())));
    near.say("still open").await.unwrap();
    assert_eq!(first.text().await, "still open");
    near.socket.reconnect();
    assert_eq!(first.close_code().await, 1000);
    drop(first);
    assert_eq!(near.closed().await.0, CloseReason::Asked);
    assert_eq!(far.accept().await.request.headers()["sec-websocket-protocol"], "v2");
    let subprotocol = Some("v2".to_owned());
    assert_eq!(near.event().await, What::Opened { connection: 2, subprotocol });
}

#[tokio::test(start_paused = true)]
async fn a_connector_that_asks_in_a_loop_dials_no_faster_than_the_first_back_off() {
    let far = Far::pipes();
    let mut near = Near::open(patient_plan(&far), &far);
    let started = Instant::now();
    for connection in 1..=10 {
        let peer = far.accept().await;
        assert_eq!(near.opened().await, connection);
        near.socket.reconnect();
        near.socket.reconnect();
        drop(peer);
        let (reason, _) = near.closed().await;
        assert!(matches!(reason, CloseReason::Asked | CloseReason::Lost(_)), "{reason:?}");
        near.socket.reconnect();
        near.socket.reconnect();
    }
    assert!(started.elapsed() >= 9 * FIRST, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn asking_while_it_waits_ends_the_wait() {
    let far = Far::pipes();
    let slow = Backoff { first: FIRST, most: 40 * FIRST };
    let mut near = Near::open(with(plan(&far), |plan| plan.backoff = slow), &far);
    let mut told = Duration::ZERO;
    while told < 20 * FIRST {
        far.refuse(502).await;
        told = delay(&mut near).await;
    }
    let since = Instant::now();
    near.socket.reconnect();
    far.accept().await;
    near.opened().await;
    assert!(since.elapsed() <= FIRST);
}

#[tokio::test(start_paused = true)]
async fn asking_while_it_dials_starts_over_only_for_another_plan() {
    let far = Far::pipes();
    let mut near = Near::open(patient_plan(&far), &far);
    let stream = far.stream().await;
    near.socket.reconnect();
    let peer = far::upgrade(stream).await;
    assert_eq!(near.opened().await, 1);
    drop(peer);
    near.closed().await;
    let stale = far.stream().await;
    near.socket.plan(with(patient_plan(&far), |plan| plan.subprotocols.push("v2".into())));
    near.socket.reconnect();
    assert_eq!(near.closed().await.0, CloseReason::Asked);
    drop(stale);
    assert_eq!(far.accept().await.request.headers()["sec-websocket-protocol"], "v2");
    assert!(matches!(near.event().await, What::Opened { connection: 2, .. }));
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_never_ends_is_given_up() {
    let far = Far::pipes();
    let mut near = Near::open(plan(&far), &far);
    let mut stream = far.stream().await;
    far::read_head(&mut stream).await;
    let started = Instant::now();
    let (reason, again) = near.closed().await;
    assert!(matches!(reason, CloseReason::Unreachable(_)), "{reason:?}");
    assert_eq!(started.elapsed().as_secs(), 30);
    assert!(again.is_some());
}

#[tokio::test]
async fn a_server_that_comes_back_on_its_port_is_found_again() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let peer = far.accept().await;
    near.opened().await;
    let Far::Loopback(listener) = far else { unreachable!() };
    let address = listener.local_addr().unwrap();
    drop((listener, peer));
    loop {
        let (reason, again) = near.closed().await;
        assert!(again.is_some());
        if matches!(reason, CloseReason::Unreachable(_)) {
            break;
        }
    }
    assert!(near.gauge.reading().last_error.contains("unreachable"));
    let far = Far::Loopback(TcpListener::bind(address).await.unwrap());
    let mut peer = far.accept().await;
    while !matches!(near.event().await, What::Opened { connection: 2, .. }) {}
    near.say("back").await.unwrap();
    assert_eq!(peer.text().await, "back");
}
