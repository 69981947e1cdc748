//! What a plan may ask for, and what of it goes over the wire.
use super::*;
use ports::secret::FillError;

fn refused(change: impl FnOnce(&mut Plan)) -> PlanError {
    let plain = Plan {
        url: url("wss://far.test/ws"),
        headers: vec![],
        fills: vec![],
        subprotocols: vec![],
        first_frame: None,
        ping: None,
        ready: None,
        backoff: Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) },
        max_message_bytes: DEFAULT_MESSAGE_BYTES,
    };
    plain.check().unwrap();
    with(plain, change).check().unwrap_err()
}

#[test]
fn headers_of_the_host_and_of_the_next_hop_are_refused() {
    for name in [
        "Host",
        "connection",
        "UPGRADE",
        "Sec-WebSocket-Key",
        "sec-websocket-protocol",
        "Sec-WebSocket-Extensions",
        "Transfer-Encoding",
        "content-length",
        "TE",
        "Trailer",
        "keep-alive",
        "Proxy-Authorization",
    ] {
        let host = PlanError::HostHeader(name.into());
        assert_eq!(refused(|plan| plan.headers.push((name.into(), "x".into()))), host);
        assert_eq!(refused(|plan| plan.fills.push(fill(At::Header(name.into())))), host);
    }
}

#[test]
fn line_ends_and_nul_are_refused_wherever_a_plan_has_text() {
    for bad in ["a\r\nX-Evil: 1", "a\n", "a\0", "a\rb"] {
        assert_eq!(
            refused(|plan| plan.headers.push((bad.into(), "x".into()))),
            PlanError::HeaderName(bad.into())
        );
        assert_eq!(
            refused(|plan| plan.headers.push(("x-a".into(), bad.into()))),
            PlanError::HeaderValue("x-a".into())
        );
        assert_eq!(refused(|plan| plan.subprotocols.push(bad.into())), PlanError::Subprotocol(bad.into()));
    }
    for bad in ["", "a b", "a,b", "ä"] {
        assert_eq!(refused(|plan| plan.subprotocols.push(bad.into())), PlanError::Subprotocol(bad.into()));
    }
    let twice = || vec!["a".to_owned(), "a".to_owned()];
    assert_eq!(refused(|plan| plan.subprotocols = twice()), PlanError::Subprotocol("a".into()));
}

#[test]
fn a_plan_that_could_not_work_says_why() {
    let first = |text: &str, at| {
        let first_frame = Some(FirstFrame { text: text.into(), fills: vec![fill(at)] });
        refused(|plan| plan.first_frame = first_frame)
    };
    assert!(matches!(first("{}", At::Json("/token".into())), PlanError::FillPointer { .. }));
    assert!(matches!(first("hello", At::Json("/token".into())), PlanError::FillPointer { .. }));
    assert!(matches!(first("{}", At::Query("k".into())), PlanError::FillPlace { .. }));
    assert_eq!(first("{}", At::Json("token".into())), PlanError::Pointer("token".into()));
    assert!(matches!(refused(|plan| plan.fills.push(token())), PlanError::FillPlace { .. }));
    assert!(matches!(refused(|plan| plan.url = url("https://far.test/")), PlanError::Scheme { .. }));
    assert_eq!(refused(|plan| plan.max_message_bytes = MAX_MESSAGE_BYTES + 1), PlanError::MessageLimit);
    assert_eq!(refused(|plan| plan.max_message_bytes = 0), PlanError::MessageLimit);
    assert_eq!(refused(|plan| plan.backoff.first = Duration::ZERO), PlanError::Backoff);
    assert_eq!(refused(|plan| plan.backoff.first = Duration::from_secs(61)), PlanError::Backoff);
    assert_eq!(refused(|plan| plan.ready = Some(is("type", "x"))), PlanError::Pointer("type".into()));
    let many = |plan: &mut Plan| plan.headers = vec![("x-a".into(), "b".into()); 33];
    assert_eq!(refused(many), PlanError::TooManyHeaders);
}

#[tokio::test]
async fn the_first_frame_arrives_filled_and_before_anything_else() {
    let far = Far::loopback().await;
    let login = r#"{"type":"login","token":""}"#;
    let first_frame = Some(FirstFrame { text: login.into(), fills: vec![token()] });
    let mut near = Near::open(with(plan(&far), |plan| plan.first_frame = first_frame), &far);
    assert_eq!(near.say("too early").await, Err(SendError::NotOpen));
    let mut peer = far.accept().await;
    assert_eq!(near.opened().await, 1);
    near.say("hello").await.unwrap();
    let first: serde_json::Value = serde_json::from_str(&peer.text().await).unwrap();
    assert_eq!(first, serde_json::json!({"type": "login", "token": SECRET}));
    assert_eq!(peer.text().await, "hello");
}

#[tokio::test]
async fn the_upgrade_carries_headers_subprotocols_and_secrets() {
    let far = Far::loopback().await;
    let wanted = with(plan(&far), |plan| {
        plan.url = far.url("/ws?a=1");
        plan.headers = vec![("X-Agent".into(), "one".into()), ("Authorization".into(), "none".into())];
        plan.fills = vec![fill(At::Query("key".into())), fill(At::Header("authorization".into()))];
        plan.subprotocols = vec!["chat.v2".into(), "chat.v1".into()];
    });
    let mut near = Near::open(wanted, &far);
    let peer = far.accept().await;
    let headers = peer.request.headers();
    assert_eq!(headers["x-agent"], "one");
    assert_eq!(headers.get_all("authorization").iter().collect::<Vec<_>>(), [SECRET]);
    assert_eq!(headers["host"], far.url("/").authority());
    assert_eq!(headers["sec-websocket-protocol"], "chat.v2, chat.v1");
    assert_eq!(peer.request.uri(), "/ws?a=1&key=s3cret-%22value%22");
    let subprotocol = Some("chat.v2".to_owned());
    assert_eq!(near.event().await, What::Opened { connection: 1, subprotocol });
}

#[tokio::test]
async fn a_url_without_grant_is_never_dialled() {
    let far = Far::pipes();
    let mut near = Near::open(with(plan(&far), |plan| plan.url = far.url("/other?token=abc")), &far);
    let (reason, again) = near.closed().await;
    assert_eq!(again, None);
    assert!(matches!(&reason, CloseReason::Denied(why) if !why.contains("abc") && !why.contains("other")));
    assert_eq!(near.gauge.reading().state, State::Stopped);
    // Another plan is another chance, and the first dial that the far end sees.
    near.socket.plan(plan(&far));
    far.accept().await;
    assert_eq!(near.opened().await, 1);
}

#[tokio::test]
async fn a_secret_that_may_not_go_there_ends_the_dialling_before_the_dial() {
    let far = Far::pipes();
    let first = |text: &str| Some(FirstFrame { text: text.into(), fills: vec![token()] });
    for change in [
        (|plan, _| plan.fills = vec![fill(At::Header("x-other".into()))])
            as fn(&mut Plan, Option<FirstFrame>),
        |plan, first| plan.first_frame = first,
    ] {
        let publishing = first(r#"{"type":"say","token":""}"#);
        let mut near = Near::open(with(plan(&far), |plan| change(plan, publishing)), &far);
        let (reason, again) = near.closed().await;
        assert!(matches!(reason, CloseReason::Denied(_)), "{reason:?}");
        assert_eq!(again, None);
    }
}

#[tokio::test]
async fn a_secret_that_is_echoed_does_not_reach_the_guest() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    peer.say(&format!("you said {SECRET}!")).await;
    assert_eq!(near.text().await, "you said [redacted]!");
    let bytes = [b"\xff\xfe".as_slice(), SECRET.as_bytes(), b"\xe2"].concat();
    peer.raw(&[&[0x82, bytes.len() as u8], bytes.as_slice()].concat()).await;
    let clean = [b"\xff\xfe".as_slice(), b"[redacted]", b"\xe2"].concat();
    assert_eq!(near.event().await, What::Message(Frame::Binary(clean.into())));
    assert_eq!(near.gauge.reading().scrubbed, 2);
    let reason = format!("bad token {SECRET}");
    peer.raw(&[&[0x88, 2 + reason.len() as u8, 0x0f, 0xa4], reason.as_bytes()].concat()).await;
    let (reason, _) = near.closed().await;
    assert_eq!(reason, CloseReason::Peer { code: Some(4004), text: "bad token [redacted]".into() });
}

#[tokio::test]
async fn fills_of_a_sent_frame_are_judged_like_all_others() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    let send = |text: &str, at| {
        let text = Frame::from(text);
        let sender = near.socket.sender();
        async move { patient(sender.send(text, &[fill(at)])).await }
    };
    send(r#"{"type":"login","token":""}"#, At::Json("/token".into())).await.unwrap();
    assert!(peer.text().await.contains("s3cret"));
    let say = send(r#"{"type":"say","token":""}"#, At::Json("/token".into())).await;
    assert!(matches!(say, Err(SendError::Denied(FillError::NotAPlace { .. }))));
    // The second of two keys is the one that is judged and the only one that would be sent.
    let twice = send(r#"{"type":"login","type":"say","token":""}"#, At::Json("/token".into())).await;
    assert!(matches!(twice, Err(SendError::Denied(_))));
    let absent = send(r#"{"type":"login"}"#, At::Json("/token".into())).await;
    assert_eq!(absent, Err(SendError::BadPointer { at: "JSON pointer /token".into() }));
    let header = send("{}", At::Header("authorization".into())).await;
    assert!(matches!(header, Err(SendError::BadPointer { .. })));
    let no_json = send("login", At::Json("/token".into())).await;
    assert!(matches!(no_json, Err(SendError::BadPointer { .. })));
}
