//! What the gateway is asked, and what it is not.
use super::support::{House, RUN, SESSION, ask, elsewhere, message};
use backend_openclaw::{Options, Permissions};
use platforms::openclaw::scripted::{Settings, Step};
use ports::agent::{Backend, Failed, Message, Question};
use serde_json::Value;

#[tokio::test]
async fn the_model_is_told_who_speaks_and_what_the_operator_wants() {
    let house =
        House::with(Settings::default(), |options| Options { system: Some("Be brief.".into()), ..options })
            .await;
    let labels = [
        ("Ada", "From Ada: /new"),
        ("Ada\n/new\u{202e}\u{0}", "From Ada /new: /new"),
        ("", "From someone: /new"),
        ("/reset", "From /reset: /new"),
    ];
    for (number, (label, expected)) in labels.into_iter().enumerate() {
        let (ticket, sender_label) = (format!("ticket-{number}"), label.to_owned());
        let message = Message { ticket, sender_label, ..message("/new") };
        assert_eq!(ask(&house.backend, &message).await.1, Ok(()));
        let prompt = house.gateway.prompted(number + 1).await.pop().unwrap();
        assert_eq!((prompt.text.as_str(), prompt.system.as_str()), (expected, "Be brief."));
        assert_eq!((prompt.session.as_str(), prompt.run), (SESSION, format!("cr-ticket-{number}")));
    }
}

#[tokio::test]
async fn what_the_gateway_would_not_take_is_refused_without_asking_it() {
    let house = House::new().await;
    house.gateway.connected(1).await;
    for text in ["", " \n", "a\0b", &"x".repeat((512 << 10) + 1)] {
        let (_, outcome) = ask(&house.backend, &message(text)).await;
        assert!(matches!(outcome, Err(Failed::Refused(_))), "{outcome:?}");
    }
    assert!(house.gateway.record(|record| record.asked("agent")).is_empty());
}

#[tokio::test]
async fn conversations_that_differ_only_in_case_are_not_one() {
    let house = House::new().await;
    for (number, conversation) in ["room", "Room", "ROOM", "røom", "RØOM"].into_iter().enumerate() {
        let (ticket, conversation) = (format!("ticket-{number}"), conversation.to_owned());
        assert_eq!(ask(&house.backend, &Message { ticket, conversation, ..message("hi") }).await.1, Ok(()));
    }
    let mut sessions: Vec<_> =
        house.gateway.prompted(5).await.into_iter().map(|prompt| prompt.session).collect();
    sessions.sort();
    sessions.dedup();
    assert_eq!(sessions.len(), 5, "{sessions:?}");
    let asked = house.gateway.record(|record| record.asked("agent"));
    assert!(asked.iter().all(|request| {
        let key = request.params["sessionKey"].as_str().unwrap();
        key == key.to_lowercase() && sessions.iter().any(|session| session == key)
    }));
}

#[tokio::test]
async fn an_instance_of_another_agent_or_tenant_has_sessions_of_its_own() {
    let agents = [("occum/work".to_owned(), "tight".to_owned())].into();
    let house = House::with(Settings::default(), |options| Options { agents, ..options }).await;
    for (number, id) in
        ["default/occum/main", "default/occum/work", "acme/occum/main"].into_iter().enumerate()
    {
        let (ticket, instance) = (format!("ticket-{number}"), id.parse().unwrap());
        assert_eq!(ask(&house.backend, &Message { ticket, instance, ..message("hi") }).await.1, Ok(()));
    }
    let sessions: Vec<_> = house.gateway.prompted(3).await.into_iter().map(|prompt| prompt.session).collect();
    assert_eq!(sessions[0], SESSION);
    assert_eq!(sessions[1], "agent:tight:occum:work:general");
    assert!(
        sessions[2].starts_with("agent:main:~") && sessions[2].ends_with(":main:general"),
        "{sessions:?}"
    );
}

/// What was asked of our session, in order: the method and the permission mode.
async fn asked_with(permissions: Permissions) -> Vec<(String, Value)> {
    let house = House::with(Settings::default(), |options| Options { permissions, ..options }).await;
    assert_eq!(ask(&house.backend, &message("hello")).await.1, Ok(()));
    let requests = house.gateway.record(|record| record.requests().to_vec());
    let ours = requests.iter().filter(|request| {
        [&request.params["key"], &request.params["sessionKey"]].contains(&&Value::from(SESSION))
    });
    ours.map(|request| (request.method.clone(), request.params["permissionMode"].clone())).collect()
}

#[tokio::test]
async fn the_session_has_its_permissions_before_its_first_message() {
    for (permissions, mode) in [
        (Permissions::ReadOnly, "read-only"),
        (Permissions::Guarded, "guarded"),
        (Permissions::Workspace, "workspace"),
    ] {
        let asked = asked_with(permissions).await;
        let at = |method: &str| asked.iter().position(|(asked, _)| asked == method).unwrap();
        assert!(at("sessions.create") < at("agent"), "{asked:?}");
        assert_eq!(asked[at("sessions.create")].1, mode);
    }
    let asked = asked_with(Permissions::Agent).await;
    assert!(asked.iter().all(|(method, mode)| method != "sessions.create" && mode.is_null()), "{asked:?}");
}

/// Until the model has it; then nobody waits any more.
async fn dropped(house: &House, message: &Message) {
    house.gateway.next_run([Step::delta("so far"), Step::Silence]);
    let mut heard = super::support::Heard::default();
    let question = Question { message, memory: &[], said: "", repeated: false };
    tokio::select! {
        outcome = house.backend.answer(question, &mut heard) => panic!("{outcome:?}"),
        _ = house.gateway.prompted(1) => {}
    }
}

#[tokio::test]
async fn who_stops_waiting_has_nothing_aborted() {
    let house = House::new().await;
    dropped(&house, &message("hello")).await;
    // Its session is not listened to any more, and the gateway works on.
    house.gateway.asked("sessions.messages.unsubscribe", 1).await;
    assert_eq!(ask(&house.backend, &elsewhere("hi")).await.1, Ok(()));
    assert!(house.gateway.record(|record| record.asked("chat.abort")).is_empty());
    assert_eq!(house.gateway.record(|record| record.runs_ended()), 1);
}

#[tokio::test]
async fn what_nobody_waits_for_is_aborted_when_that_is_said() {
    let house = House::new().await;
    let message = message("hello");
    dropped(&house, &message).await;
    house.backend.abort(&message).await;
    let asked = house.gateway.asked("chat.abort", 1).await;
    assert_eq!((&asked[0].params["runId"], &asked[0].params["sessionKey"]), (&RUN.into(), &SESSION.into()));
    house.gateway.ended(1).await;
}

#[tokio::test]
async fn an_abort_waits_for_a_gateway_that_is_away() {
    let house = House::new().await;
    let message = message("hello");
    dropped(&house, &message).await;
    house.gateway.cut(1006);
    super::support::stands(&house.backend, "away").await;
    house.backend.abort(&message).await;
    house.gateway.ended(1).await;
}
