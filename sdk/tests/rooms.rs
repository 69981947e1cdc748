//! A connector that uses every room, on the fake host: each call reaches the host, each event the connector.

use sdk::agent::{self, Accepted, Inbound, Outbound, OutboundError, Reply, Ticket, Turn};
use sdk::http::{self, Request};
use sdk::store::Change;
use sdk::testing::{Driver, FakeHost};
use sdk::websocket::{self, CloseReason, Frame};
use sdk::{
    Connector, Descriptor, Disposition, Event, Fill, Instance, StartError, State, StopReason, log, secrets,
    status, store, timers, tools,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Writes down what it is given, and does as told by frames.
struct Everyone {
    entered: State<Vec<String>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    greeting: String,
}

impl Everyone {
    fn enters(&self, what: impl Into<String>) {
        self.entered.with(|entered| entered.push(what.into()));
    }

    fn entered(&self) -> Vec<String> {
        self.entered.with(|entered| entered.clone())
    }
}

impl Connector for Everyone {
    type Config = Config;

    fn describe() -> Descriptor {
        Descriptor::new("everyone", "Everyone", "1.0.0")
    }

    async fn start(instance: Instance, config: Config) -> Result<Self, StartError> {
        log::info!("starting", account = instance.account, greeting = config.greeting);
        status::report(status::State::Connecting, secrets::exists("key").then_some("with a key"));
        timers::subscribe("tick", Duration::from_secs(1))?;
        websocket::subscribe("line", "wss://a.example/", websocket::Options::default())?;
        timers::sleep(Duration::from_secs(5)).await?;
        Ok(Self { entered: State::default() })
    }

    async fn stop(&self, reason: StopReason) {
        self.enters(format!("{reason:?}"));
    }
}

impl websocket::Handler for Everyone {
    async fn on_open(&self, _: Event, name: String, connection: u64, _: Option<String>) -> Disposition {
        self.enters(format!("{name} open {connection}"));
        Disposition::Done
    }

    async fn on_message(&self, event: Event, name: String, frame: Frame) -> Disposition {
        let Frame::Text(order) = frame else { return Disposition::Reject("binary".into()) };
        self.enters(format!("{order} {}", event.attempt));
        match order.as_str() {
            "sleep" => timers::sleep(Duration::from_secs(1)).await.unwrap(),
            "send" => {
                let fills = vec![Fill::json("key", "/token")];
                websocket::send_filled(&name, "{\"token\":\"\"}", fills).await.unwrap();
            }
            "fetch" => {
                let answer = Request::get("https://a.example/x").bearer("key").send().await;
                self.enters(format!("{:?}", answer.map(|answer| answer.status)));
            }
            "count" => {
                let count = store::get_json::<u32>("count").await.unwrap().unwrap_or(0);
                let changes = vec![Change::set_json("count", &(count + 1)).unwrap(), Change::delete("old")];
                let answer = store::commit(changes).await.map(drop);
                self.enters(format!("{count} {answer:?}"));
            }
            "swap" => {
                let version = store::get("count").await.unwrap().map(|entry| entry.version);
                store::compare_and_swap("count", version, "7").await.unwrap();
                let stale = store::compare_and_swap("count", version, "8").await;
                self.enters(format!("{stale:?} {:?}", store::list("c", None, 9).await));
            }
            "dispatch" => {
                let inbound = Inbound { key: "k".into(), conversation: "c".into(), ..Inbound::default() };
                let ticket = match agent::dispatch(inbound).await.unwrap() {
                    Accepted::New(ticket) => ticket,
                    Accepted::Duplicate(_) => return Disposition::Reject("duplicate".into()),
                };
                agent::abort(&ticket).await.unwrap();
                self.enters(format!("{} turns", agent::history("c", 1).await.unwrap().len()));
            }
            _ => return Disposition::Retry(Duration::from_millis(10)),
        }
        Disposition::Done
    }

    async fn on_close(
        &self,
        _: Event,
        name: String,
        _: CloseReason,
        reconnect_in: Option<Duration>,
    ) -> Disposition {
        self.enters(format!("{name} closed {reconnect_in:?}"));
        Disposition::Done
    }
}

impl timers::Handler for Everyone {
    async fn on_fire(&self, _: Event, name: String) -> Disposition {
        self.enters(format!("{name} at {:?}", timers::monotonic()));
        Disposition::Done
    }
}

impl agent::Handler for Everyone {
    async fn on_reply(&self, _: Event, reply: agent::ReplyEvent) -> Disposition {
        self.enters(format!("{} {:?}", reply.ticket, reply.reply));
        Disposition::Done
    }
}

impl tools::Handler for Everyone {
    async fn call(&self, _: Event, name: String, arguments: tools::Arguments) -> Result<Value, tools::Error> {
        let arguments: Vec<u32> = arguments.parse()?;
        Ok(json!({ name: arguments.iter().sum::<u32>() }))
    }
}

sdk::connector!(Everyone: websocket, timers, agent, tools);

fn started(host: &FakeHost) -> Driver<Everyone> {
    let everyone = Driver::start(host, json!({ "greeting": "hi" })).unwrap();
    host.forget();
    everyone
}

#[test]
fn starting_reaches_the_host_and_may_wait() {
    let host = FakeHost::new();
    host.secret("key");
    Driver::<Everyone>::start(&host, json!({ "greeting": "hi" })).unwrap();
    assert_eq!(host.logs(), ["info: starting account=default greeting=hi"]);
    assert_eq!(
        host.story(),
        ["status connecting: with a key", "timer tick every 1s", "subscribe line wss://a.example/"]
    );
}

#[test]
fn a_configuration_of_another_shape_is_refused_with_its_place() {
    let Err(StartError::Configuration(how)) =
        Driver::<Everyone>::start(&FakeHost::new(), json!({ "greetin": "" }))
    else {
        panic!()
    };
    assert!(how.contains("greetin"), "{how}");
}

#[test]
fn a_denied_subscription_is_an_error_of_the_configuration() {
    let host = FakeHost::new();
    host.fail_subscribe(websocket::Error::Denied("wss://a.example".into()));
    let Err(error) = Driver::<Everyone>::start(&host, json!({ "greeting": "" })) else { panic!() };
    assert_eq!(error, StartError::Configuration("not granted: wss://a.example".into()));
}

#[test]
fn handlers_of_all_rooms_overlap_and_begin_in_order() {
    let host = FakeHost::new();
    let everyone = started(&host);
    everyone.opens("line").answer();
    let sleeper = everyone.receives("line", "sleep");
    everyone.fires("tick").answer();
    let inbound = Inbound { key: "k".into(), ..Inbound::default() };
    everyone.replies(&inbound, Reply::Started).answer();
    assert_eq!(sleeper.poll(), None);
    everyone.pass(Duration::from_millis(999));
    assert_eq!(sleeper.poll(), None);
    everyone.pass(Duration::from_millis(1));
    assert_eq!(sleeper.answer(), Disposition::Done);
    everyone.closes("line", CloseReason::Silent, None).answer();
    everyone.stop(StopReason::Upgrade).answer();
    assert_eq!(
        everyone.connector().entered(),
        ["line open 1", "sleep 1", "tick at 5s", "unknown Started", "line closed None", "Upgrade"]
    );
}

#[test]
fn secrets_go_by_name() {
    let host = FakeHost::new();
    host.on("GET */x").answer(204, json!(null));
    let everyone = started(&host);
    everyone.receives("line", "send").answer();
    everyone.receives("line", "fetch").answer();
    assert_eq!(host.story(), ["line < {\"token\":\"\"}", "GET https://a.example/x"]);
    assert_eq!(host.requests()[0].fills, [Fill::bearer("key")]);
    assert_eq!(everyone.connector().entered()[2], "Ok(204)");
}

#[test]
fn what_is_stored_is_there_after_a_death() {
    let host = FakeHost::new();
    host.keep("old", "x");
    let everyone = started(&host);
    everyone.receives("line", "count").answer();
    assert_eq!(host.story(), ["read count", "commit count=1 -old"]);
    assert_eq!((host.kept("count"), host.kept("old")), (Some(b"1".to_vec()), None));
    everyone.kill();
    let everyone = started(&host);
    everyone.receives("line", "count").answer();
    everyone.receives("line", "swap").answer();
    let entered = everyone.connector().entered();
    assert_eq!(entered[1], "1 Ok(())");
    assert_eq!(entered[3], "Err(Conflict(\"count\")) Ok([\"count\"])");
}

#[test]
fn a_commit_that_a_death_interrupts_is_not_made() {
    let host = FakeHost::new();
    host.slow_store(Duration::from_millis(4));
    let everyone = started(&host);
    assert_eq!(everyone.receives("line", "count").poll(), None);
    everyone.kill();
    let everyone = started(&host);
    everyone.pass(Duration::from_millis(4));
    assert_eq!(host.kept("count"), None);
}

#[test]
fn a_failure_of_the_store_is_the_next_answer() {
    let host = FakeHost::new();
    let everyone = started(&host);
    host.fail_commit(store::Error::Quota("keys".into()));
    everyone.receives("line", "count").answer();
    everyone.receives("line", "count").answer();
    let entered = everyone.connector().entered();
    assert_eq!((&*entered[1], &*entered[3]), ("0 Err(Quota(\"keys\"))", "0 Ok(())"));
    assert_eq!(host.kept("count"), Some(b"1".to_vec()));
}

#[test]
fn the_fake_agent_knows_duplicates_and_history() {
    let host = FakeHost::new();
    host.history("c", vec![Turn { from_agent: false, text: "a".into(), at_ms: 1 }; 3]);
    let everyone = started(&host);
    assert_eq!(everyone.receives("line", "dispatch").answer(), Disposition::Done);
    assert_eq!(everyone.receives("line", "dispatch").answer(), Disposition::Reject("duplicate".into()));
    assert_eq!(host.story(), ["dispatch k of c", "abort ticket-1", "history c 1", "dispatch k of c"]);
    assert_eq!(host.ticket("k"), Some(Ticket("ticket-1".into())));
    assert_eq!(everyone.connector().entered()[1], "1 turns");
}

#[test]
fn a_repeat_says_so_once() {
    let everyone = started(&FakeHost::new());
    let answer = everyone.attempt(3).receives("line", "again").answer();
    assert_eq!(answer, Disposition::Retry(Duration::from_millis(10)));
    everyone.receives("line", "again").answer();
    assert_eq!(everyone.connector().entered(), ["again 3", "again 1"]);
}

#[test]
fn answers_of_the_platform_come_in_turn_and_in_time() {
    let host = FakeHost::new();
    let error = http::Error::Unreachable("dns".into());
    host.on("GET *").wait(Duration::from_secs(2)).answer(503, json!({})).fail(error);
    let everyone = started(&host);
    let slow = everyone.receives("line", "fetch");
    assert_eq!(slow.poll(), None);
    everyone.receives("line", "fetch").answer();
    everyone.pass(Duration::from_secs(2));
    slow.answer();
    let entered = everyone.connector().entered();
    assert_eq!(entered[2..], ["Err(Unreachable(\"dns\"))", "Ok(503)"]);
}

#[test]
fn what_a_connector_does_not_handle_is_answered_for_it() {
    let everyone = started(&FakeHost::new());
    let message = Outbound { id: "o".into(), to: "t".into(), text: "x".into() };
    assert_eq!(
        everyone.says(message).answer(),
        Err(OutboundError::Reject("this connector only answers".into()))
    );
    let answer = everyone.commands("help", "").answer();
    assert_eq!(answer, Err(tools::Error::Failed("no command help".into())));
    assert_eq!(everyone.calls("sum", json!([1, 2])).answer(), Ok(json!({ "sum": 3 })));
    assert!(matches!(everyone.calls("sum", json!({})).answer(), Err(tools::Error::Invalid(_))));
}
