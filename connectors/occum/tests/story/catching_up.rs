use crate::platform::Platform;
use crate::setup::*;

const MS: Duration = Duration::from_millis(1);

/// A platform with one channel, and the connector through with its past.
fn connected() -> (Platform, FakeHost, Driver<Occum>) {
    let platform = Platform::new(&[CHANNEL]);
    let host = platform.host(MS);
    let occum = logged_in(&host);
    (platform, host, occum)
}

fn texts(host: &FakeHost) -> Vec<String> {
    host.dispatched().into_iter().map(|inbound| inbound.text).collect()
}

/// Handed over as a socket does it.
fn brings(occum: &Driver<Occum>, frame: String) {
    let handled = occum.receives("events", frame);
    occum.pass(Duration::from_secs(1));
    assert_eq!(handled.answer(), Disposition::Done);
}

#[test]
fn what_was_said_while_we_were_away_comes_first_and_once_and_in_order() {
    let (platform, host, occum) = connected();
    brings(&occum, platform.say(CHANNEL, "0"));
    let missed: Vec<_> = ["1", "2", "3"].map(|text| platform.say(CHANNEL, text)).into();
    log_in(&occum);
    // Of what comes live meanwhile one is in the page too, and one came before already.
    assert_eq!(occum.receives("events", missed[2].clone()).answer(), Disposition::Done);
    assert_eq!(occum.receives("events", platform.say(CHANNEL, "4")).answer(), Disposition::Done);
    assert_eq!(texts(&host), ["0"], "live events wait");
    catch_up(&host, &occum);
    brings(&occum, platform.say(CHANNEL, "5"));
    assert_eq!(texts(&host), ["0", "1", "2", "3", "4", "5"]);
    assert!(host.logs().contains(&format!("info: caught up channel={CHANNEL} messages=4")));
}

#[test]
fn what_only_the_socket_knew_yet_comes_after_the_history() {
    let (platform, host, occum) = connected();
    platform.say(CHANNEL, "1");
    log_in(&occum);
    // Not in the history yet: a platform may be slower there.
    occum.receives("events", said("ev_ahead", "2")).answer();
    catch_up(&host, &occum);
    assert_eq!(texts(&host), ["1", "2"]);
    assert_eq!(host.kept(CURSOR), Some(b"\"ev_ahead\"".to_vec()));
}

#[test]
fn a_long_gap_is_worked_off_page_by_page() {
    let (platform, host, occum) = connected();
    brings(&occum, platform.say(CHANNEL, "before"));
    host.forget();
    let all: Vec<_> = (0..250).map(|n| n.to_string()).collect();
    all.iter().for_each(|text| drop(platform.say(CHANNEL, text)));
    host.slow_dispatch(MS * 100);
    log_in(&occum);
    catch_up(&host, &occum);
    assert_eq!(texts(&host), all);
    assert!(host.calls().iter().filter(|call| matches!(call, Call::Once { .. })).count() > 3, "in steps");
    assert_eq!(asked(&host, "GET").iter().filter(|url| url.contains("limit=100&after=")).count(), 5);
}

#[test]
fn more_than_can_wait_is_still_handled_once_and_in_order() {
    let (platform, host, occum) = connected();
    log_in(&occum);
    let all: Vec<_> = (0..1500).map(|n| n.to_string()).collect();
    for text in &all {
        occum.receives("events", platform.say(CHANNEL, text)).answer();
    }
    catch_up(&host, &occum);
    assert_eq!(texts(&host), all);
}

#[test]
fn at_the_first_start_nothing_old_is_handled_and_nothing_new_is_lost() {
    let platform = Platform::new(&[CHANNEL]);
    platform.say(CHANNEL, "old");
    let host = platform.host(MS);
    let occum = Driver::<Occum>::start(&host, json!({})).unwrap();
    platform.say(CHANNEL, "before the login");
    occum.kill();
    let occum = start(&host);
    log_in(&occum);
    catch_up(&host, &occum);
    assert_eq!(texts(&host), ["before the login"]);
}

#[test]
fn when_the_first_look_fails_the_login_looks_again() {
    let platform = Platform::new(&[CHANNEL]);
    platform.say(CHANNEL, "old");
    let host = platform.host(MS);
    host.on("GET */channels").answer(500, json!({}));
    let occum = start(&host);
    log_in(&occum);
    occum.receives("events", platform.say(CHANNEL, "new")).answer();
    catch_up(&host, &occum);
    assert_eq!(texts(&host), ["new"]);
    assert!(host.kept("begun").is_some());
}

#[test]
fn the_very_first_message_of_a_channel_is_not_lost() {
    let (platform, host, occum) = connected();
    assert_eq!(host.kept(CURSOR), Some(b"null".to_vec()));
    platform.say(CHANNEL, "first");
    occum.kill();
    let occum = start(&host);
    log_in(&occum);
    catch_up(&host, &occum);
    assert_eq!(texts(&host), ["first"]);
}

#[test]
fn a_cursor_that_the_platform_forgot_is_replaced_by_the_newest() {
    let (platform, host, occum) = connected();
    brings(&occum, platform.say(CHANNEL, "0"));
    platform.forget(CHANNEL);
    platform.say(CHANNEL, "lost");
    host.forget();
    log_in(&occum);
    occum.receives("events", platform.say(CHANNEL, "1")).answer();
    catch_up(&host, &occum);
    assert_eq!(texts(&host), ["1"]);
    let warning = "warn: the platform does not know where we were; going on with the newest";
    assert!(host.logs().iter().any(|line| line.starts_with(warning)), "{:?}", host.logs());
}

#[test]
fn a_busy_agent_gets_everything_later_and_in_order() {
    let (platform, host, occum) = connected();
    host.fail_dispatch(agent::Error::Quota);
    brings(&occum, platform.say(CHANNEL, "1"));
    brings(&occum, platform.say(CHANNEL, "2"));
    host.forget();
    occum.receives("events", platform.say(CHANNEL, "3")).answer();
    host.fail_dispatch(agent::Error::Unavailable("restarting".into()));
    catch_up(&host, &occum);
    assert_eq!(texts(&host), ["1", "1", "2", "3"]);
    brings(&occum, platform.say(CHANNEL, "4"));
    assert_eq!(texts(&host).last().unwrap(), "4");
    assert_eq!(host.ticket(&host.dispatched()[0].key).unwrap().0, "ticket-1");
}

#[test]
fn a_new_instance_on_an_open_socket_finds_what_the_old_one_had_waiting() {
    let (platform, host, occum) = connected();
    log_in(&occum);
    assert_eq!(occum.receives("events", platform.say(CHANNEL, "1")).answer(), Disposition::Done);
    occum.kill();
    let occum = Driver::<Occum>::start(&host, json!({})).unwrap();
    fire(&host, &occum);
    assert_eq!(texts(&host), ["1"]);
    let live = occum.receives("events", platform.say(CHANNEL, "2"));
    occum.pass(MS * 10);
    assert_eq!((live.answer(), texts(&host)), (Disposition::Done, vec!["1".to_owned(), "2".to_owned()]));
}

#[test]
fn a_platform_that_fails_is_asked_again_and_the_other_channels_go_on() {
    let platform = Platform::new(&[CHANNEL, CONTROL]);
    let host = platform.host(MS);
    let occum = logged_in(&host);
    platform.say(CHANNEL, "here");
    platform.say(CONTROL, "there");
    host.on(&format!("GET */{CHANNEL}/events*"))
        .answer(503, json!({}))
        .answer(500, json!({}))
        .with(|_| Err(http::Error::TooLarge("answer".into(), Sent::Maybe)));
    occum.opens("events");
    occum.receives("events", platform.auth_ok());
    occum.pass(MS * 10);
    fire(&host, &occum);
    assert_eq!(texts(&host), ["there"]);
    fire(&host, &occum);
    host.on(&format!("GET */{CHANNEL}/events*"))
        .answer(200, json!([event("ev_x", "here")]))
        .answer(200, json!([]));
    catch_up(&host, &occum);
    assert_eq!(texts(&host), ["there", "here"]);
    let delays = host.calls().into_iter().filter_map(|call| match call {
        Call::Once { delay, .. } if delay >= Duration::from_millis(900) => Some(delay),
        _ => None,
    });
    assert_eq!(delays.collect::<Vec<_>>().len(), 2, "with growing patience");
}

#[test]
fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let (_, host, occum) = connected();
    let too_large = || http::Error::TooLarge("answer".into(), Sent::Maybe);
    host.on("GET */events*")
        .fail(too_large())
        .answer(200, json!([event("ev_x", "long")]))
        .answer(200, json!([]));
    log_in(&occum);
    catch_up(&host, &occum);
    assert_eq!(texts(&host), ["long"]);
    let pages: Vec<_> = asked(&host, "GET").into_iter().filter(|url| url.contains("events")).collect();
    assert!(pages[0].ends_with("limit=100") && pages[1].ends_with("limit=10"), "{pages:?}");
}
