//! Handlers begin in order and overlap; what they answer decides what becomes of the event.
use crate::orders::Orders;
use crate::setup::{self, Component, Result};
use workbench::Runtime;

async fn imp(more: &str) -> anyhow::Result<(Orders, Runtime)> {
    let orders = Orders::listen().await?;
    let script = setup::script(&[Component::Imp], orders.config(more)?).await?;
    let runtime = Runtime::ready(script).await?;
    Ok((orders, runtime))
}

#[tokio::test(flavor = "multi_thread")]
async fn handlers_begin_in_order_and_end_when_they_are_done() -> Result {
    let (orders, runtime) = imp("").await?;
    let mut line = orders.line().await?;
    line.order(&["a wait 600", "b wait 300", "c", "d wait 50"]).await?;
    assert_eq!(
        line.answers(4).await?,
        ["c 3", "d 4", "b 2", "a 1"],
        "the number is the place in which it began"
    );
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_orders_begin_in_order() -> Result {
    let (orders, runtime) = imp("").await?;
    let mut line = orders.line().await?;
    let texts: Vec<String> = (1..=1000).map(|n| format!("{n} wait {}", n % 7)).collect();
    line.order(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let answers = line.answers(1000).await?;
    assert!(
        answers.iter().all(|answer| answer.split_once(' ').is_some_and(|(id, place)| id == place)),
        "{answers:?}"
    );
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_blocks_keeps_its_order_too() -> Result {
    let (orders, runtime) = imp("").await?;
    let mut line = orders.line().await?;
    line.order(&["1 block 100", "2", "3", "4", "5", "6"]).await?;
    assert_eq!(line.answers(6).await?, ["1 1", "2 2", "3 3", "4 4", "5 5", "6 6"]);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_in_flight_makes_a_guest_sequential() -> Result {
    let orders = Orders::listen().await?;
    let config = orders.config("")? + "limits = { max_in_flight = 1 }\n";
    let runtime = Runtime::ready(setup::script(&[Component::Imp], config).await?).await?;
    let mut line = orders.line().await?;
    line.order(&["a wait 200", "b"]).await?;
    assert_eq!(line.answers(2).await?, ["a 1", "b 2"]);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_comes_again_and_a_rejected_event_does_not() -> Result {
    let (orders, runtime) = imp("").await?;
    let mut line = orders.line().await?;
    line.order(&["a retry 3", "b reject", "c"]).await?;
    assert_eq!(line.answers(2).await?, ["c 3", "a 6"], "a began as first, fourth, fifth and sixth");
    let status = runtime.status().await?;
    let health = setup::health(&status, "default/imp/default");
    assert_eq!((&health["retried"], &health["rejected"]), (&3.into(), &1.into()));
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_keeps_the_socket_and_brings_the_events_back() -> Result {
    let (orders, runtime) = imp("").await?;
    let mut line = orders.line().await?;
    line.order(&["a wait 200", "b once", "c"]).await?;
    let mut answers = line.answers(3).await?;
    answers.sort();
    let ids: Vec<_> = answers.iter().filter_map(|answer| answer.split(' ').next()).collect();
    assert_eq!(ids, ["a", "b", "c"], "on the same connection");
    assert!(!orders.another().await, "the socket was dialled once");
    let status = runtime.status().await?;
    let health = setup::health(&status, "default/imp/default");
    assert_eq!(health["restarts"], 1);
    assert_eq!(health["poison"], 0);
    assert_eq!(health["last_failure"]["cause"], "panicked");
    assert!(
        health["last_failure"]["door"].as_str().is_some_and(|door| door.starts_with("websocket")),
        "{health}"
    );
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_kills_twice_is_set_aside_and_the_others_go_on() -> Result {
    let (orders, runtime) = imp("").await?;
    let mut line = orders.line().await?;
    line.order(&["bad panic", "a", "b"]).await?;
    let mut answers = line.answers(2).await?;
    answers.sort();
    assert!(answers[0].starts_with("a ") && answers[1].starts_with("b "), "{answers:?}");
    let status = runtime
        .status_until("poison", |status| setup::health(status, "default/imp/default")["poison"] == 1)
        .await?;
    assert_eq!(setup::health(&status, "default/imp/default")["restarts"], 2);
    assert!(runtime.log().contains("told to"), "the panic's text is in the log");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_sleeps_is_woken_by_the_next_event() -> Result {
    let orders = Orders::listen().await?;
    let config = orders.config("")? + "limits = { idle_seconds = 1 }\n";
    let runtime = Runtime::ready(setup::script(&[Component::Imp], config).await?).await?;
    let mut line = orders.line().await?;
    line.order(&["a", "b"]).await?;
    assert_eq!(line.answers(2).await?, ["a 1", "b 2"]);
    runtime
        .status_until("asleep", |status| setup::health(status, "default/imp/default")["state"] == "asleep")
        .await?;
    line.order(&["c"]).await?;
    assert_eq!(line.answer().await?, "c 1", "a new instance counts from one");
    assert!(!orders.another().await, "the socket was dialled once");
    assert!(runtime.log().contains("stopped in order"), "stop was called");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_fire_again_and_again() -> Result {
    let (orders, runtime) = imp(", every_ms = 100").await?;
    let mut line = orders.line().await?;
    assert_eq!(line.answers(3).await?, ["fired tick", "fired tick", "fired tick"]);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_does_not_keep_a_retry_from_coming_back() -> Result {
    let (orders, runtime) = imp("").await?;
    let mut line = orders.line().await?;
    let mut texts = vec!["x retry 1".to_owned()];
    texts.extend((0..5000).map(|n| n.to_string()));
    line.order(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let answers = line.answers(5001).await?;
    let at = answers.iter().position(|answer| answer.starts_with("x "));
    assert!(at.is_some_and(|at| at < 4000), "{at:?}");
    runtime.stop().await?;
    Ok(())
}
