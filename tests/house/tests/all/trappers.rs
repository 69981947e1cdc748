//! A bad connector beside a good one.
use crate::orders::Orders;
use crate::setup::{self, Component, Result, chat, health};
use workbench::Runtime;

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_traps_in_every_handler_is_not_noticed_by_its_neighbour() -> Result {
    let (occum, agent) = setup::platform().await?;
    let orders = Orders::listen().await?;
    let config = format!(
        "{}[connectors.trapper.accounts.default]\nconfig = {{ url = \"{}\" }}\n\
         grants = {{ private = [\"127.0.0.0/8\"] }}\n",
        setup::occum_config(&occum),
        orders.url()?
    );
    let mut script = setup::script(&[Component::Occum, Component::Trapper], config).await?;
    script.environment.push(("OCCUM_TOKEN".into(), agent.token.clone()));
    let runtime = Runtime::ready(script).await?;
    occum.connected(1).await;
    let _line = orders.line().await?;
    for nth in 1..=20 {
        chat(&occum, &agent, &format!("message {nth}"), nth).await?;
    }
    let trapper = "default/trapper/default";
    let status =
        runtime.status_until("poison", |status| health(status, trapper)["poison"].as_u64() > Some(0)).await?;
    let failure = &health(&status, trapper)["last_failure"];
    assert_eq!(failure["cause"], "panicked", "{failure}");
    let door = failure["door"].as_str().unwrap_or_default();
    assert!(door.starts_with("websocket on-") || door.starts_with("timers on-fire, event"), "{door}");
    assert_eq!(health(&status, "default/occum/default")["restarts"], 0);
    assert_eq!(occum.record(|record| record.posts(&agent.control_channel).len()), 40);
    let table = runtime.ask(&["status"]).await?;
    let table = String::from_utf8(table.stdout)?;
    assert!(table.contains("panicked") && table.contains("default/occum/default"), "{table}");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_kills_the_instance_is_told_and_not_repeated() -> Result {
    let orders = Orders::listen().await?;
    let config = format!(
        "[connectors.trapper.accounts.default]\nconfig = {{ url = \"{}\" }}\n\
         grants = {{ private = [\"127.0.0.0/8\"] }}\n",
        orders.url()?
    );
    let runtime = Runtime::ready(setup::script(&[Component::Trapper], config).await?).await?;
    let output = runtime.ask(&["call", "trapper", "trapper_trap"]).await?;
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr)?;
    assert!(said.contains("the instance died in the call"), "{said}");
    runtime.stop().await?;
    Ok(())
}
