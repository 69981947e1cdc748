use crate::gateway::*;

/// Answers the login with this recorded refusal.
fn refused(host: &FakeHost, center: &Center, code: &str) {
    let login = login(host, center);
    host.forget();
    answer_with(center, &login, &recorded::refusal(code));
}

fn close(center: &Center, code: u16, reason: &str) {
    let again = Some(Duration::from_secs(1));
    center.closes(NAME, CloseReason::Peer(Some(code), reason.into()), again).answer();
}

#[test]
fn a_device_that_waits_for_approval_says_which_command_approves_it_and_tries_every_ten_seconds() {
    let host = host();
    let center = start(&host);
    for _ in 0..3 {
        refused(&host, &center, "PAIRING_REQUIRED");
        assert!(!host.is_subscribed(NAME));
        assert!(told(&host, "timer redial after 10s"), "{:?}", host.story());
        fire(&center, "redial", 10);
        assert!(host.is_subscribed(NAME));
    }
    let host = self::host();
    let center = start(&host);
    refused(&host, &center, "PAIRING_REQUIRED");
    let [status] = &statuses(&host)[..] else { panic!() };
    assert!(status.starts_with("status failed: "), "{status}");
    assert!(status.ends_with("openclaw devices approve 7e1f624d-9a1c-4cef-9b05-29a5e654cef6"), "{status}");
    assert_eq!(shown(&host, "gateway")["state"], "failed");
    fire(&center, "redial", 10);
    let_in(&host, &center);
    assert_eq!(statuses(&host), ["status connected"]);
}

#[test]
fn a_failure_is_not_taken_back_by_dialling_again() {
    let host = host();
    let center = start(&host);
    refused(&host, &center, "PAIRING_REQUIRED");
    fire(&center, "redial", 10);
    host.forget();
    center.opens(NAME).answer();
    assert_eq!(statuses(&host), [""; 0]);
}

#[test]
fn a_wrong_token_ends_it_and_says_which_secret_to_set() {
    let host = host();
    let center = start(&host);
    refused(&host, &center, "AUTH_TOKEN_MISMATCH");
    let [status] = &statuses(&host)[..] else { panic!() };
    assert!(
        status.starts_with("status failed: ") && status.contains("set the secret gatewayToken"),
        "{status}"
    );
    assert!(!host.is_subscribed(NAME) && !host.has_timer("redial"));
}

#[test]
fn a_device_token_that_no_longer_counts_is_dropped_for_the_shared_one() {
    for code in ["AUTH_DEVICE_TOKEN_MISMATCH", "AUTH_SCOPE_MISMATCH"] {
        let host = host();
        let center = connected(&host);
        close(&center, 4001, "device removed");
        refused(&host, &center, code);
        assert!(told(&host, "reconnect gateway"), "{code}: {:?}", host.story());
        close(&center, 1008, "unauthorized: device token mismatch");
        assert!(!host.has_timer("redial") && host.is_subscribed(NAME), "its close is no other verdict");
        // Another instance knows it too.
        center.kill();
        let center = start(&host);
        assert_eq!(login(&host, &center)["params"]["auth"], json!({ "token": "" }));
        answer_with(&center, &sent(&host)[0], &recorded::hello("another-token"));
        close(&center, 1012, "service restart");
        assert_eq!(login(&host, &center)["params"]["auth"], json!({ "deviceToken": "" }));
    }
}

#[test]
fn a_hello_without_the_scope_to_read_is_a_failure() {
    let host = host();
    let center = start(&host);
    let login = login(&host, &center);
    host.forget();
    answer_with(&center, &login, &recorded::hello_without_scopes());
    let [status] = &statuses(&host)[..] else { panic!() };
    assert!(status.starts_with("status failed: ") && status.contains("operator.read"), "{status}");
    assert_eq!(sent(&host).len(), 0, "nothing can be asked");
    assert!(told(&host, "timer redial after 60s"));
}

#[test]
fn a_gateway_that_names_a_time_gets_it() {
    for (code, time) in [("startup-sidecars", "500ms"), ("AUTH_RATE_LIMITED", "4.934s")] {
        let host = host();
        let center = start(&host);
        refused(&host, &center, code);
        assert!(told(&host, &format!("timer redial after {time}")), "{:?}", host.story());
    }
}

#[test]
fn what_only_somebody_else_can_change_is_tried_again_seldom() {
    for code in ["PROTOCOL_MISMATCH", "DEVICE_AUTH_SIGNATURE_INVALID", "DEVICE_IDENTITY_REQUIRED"] {
        let host = host();
        let center = start(&host);
        refused(&host, &center, code);
        assert!(statuses(&host)[0].starts_with("status failed: the gateway refuses us: "), "{code}");
        assert!(told(&host, "timer redial after 60s"), "{code}");
    }
}

#[test]
fn what_may_pass_is_left_to_the_hosts_back_off() {
    let host = host();
    let center = connected(&host);
    for (code, reason) in
        [(1012, "service restart"), (1008, "slow consumer"), (1006, ""), (1001, ""), (4001, "x")]
    {
        close(&center, code, reason);
        assert!(host.is_subscribed(NAME) && !host.has_timer("redial"), "{code} {reason}");
        let_in(&host, &center);
    }
    assert!(command(&center).contains("reconnects: 5"));
    center.closes(NAME, CloseReason::Refused(403), None).answer();
    assert!(statuses(&host).pop().unwrap().contains("refused the socket with 403"));
}

#[test]
fn a_login_that_can_not_be_signed_says_what_to_grant() {
    let host = host();
    let center = start(&host);
    center.opens(NAME).answer();
    host.fail_crypto(sdk::crypto::Error::Denied("secret \"gatewayToken\"".into()));
    hear(&center, &recorded::challenge());
    let status = statuses(&host).pop().unwrap();
    assert!(status.contains("could not sign the login: not granted: secret"), "{status}");
    assert!(host.has_timer("redial"));
}
