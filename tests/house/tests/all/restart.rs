//! What is restarted in the middle comes back by itself.
use crate::setup::{self, Result, chat};

#[tokio::test(flavor = "multi_thread")]
async fn the_far_end_restarted_in_the_middle_is_found_again() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    chat(&occum, &agent, "before", 1).await?;
    occum.stop_listening().await?;
    runtime
        .status_until("waiting", |status| {
            setup::instance(status, "default/occum/default")["rooms"]["websocket"]["events"]["state"]
                == "waiting"
        })
        .await?;
    occum.listen_again().await?;
    occum.connected(2).await;
    let posts = chat(&occum, &agent, "after", 2).await?;
    assert_eq!(posts.last().map(String::as_str), Some("after"));
    let status = runtime.status().await?;
    assert_eq!(setup::health(&status, "default/occum/default")["restarts"], 0, "the guest lived on");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_far_end_that_cuts_every_socket_is_dialled_again() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    occum.sockets().cut().await;
    occum.connected(2).await;
    assert_eq!(chat(&occum, &agent, "hi", 1).await?.len(), 2);
    occum.sockets().close(1012, "restart");
    occum.connected(3).await;
    assert_eq!(chat(&occum, &agent, "hi again", 2).await?.len(), 4);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_start_takes_the_component_from_the_cache() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    assert!(runtime.log().contains(r#""from_cache":false"#), "{}", runtime.log());
    let runtime = runtime.killed_and_started_again().await?;
    assert!(runtime.log().contains(r#""from_cache":true"#), "{}", runtime.log());
    occum.connected(2).await;
    assert_eq!(chat(&occum, &agent, "hi", 1).await?.len(), 2);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once_although_a_handler_is_stuck() -> Result {
    let orders = crate::orders::Orders::listen().await?;
    let script = setup::script(&[setup::Component::Imp], orders.config("")?).await?;
    let mut runtime = workbench::Runtime::ready(script).await?;
    let mut line = orders.line().await?;
    line.order(&["a stubborn"]).await?;
    runtime
        .status_until("in flight", |status| setup::health(status, "default/imp/default")["in_flight"] == 1)
        .await?;
    runtime.signal("INT").await?;
    runtime.said("once more ends at once").await?;
    runtime.signal("INT").await?;
    assert_eq!(runtime.ended().await?.status.code(), Some(130));
    Ok(())
}
