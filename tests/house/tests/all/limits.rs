//! Limits that are on from the first day: each kills its guest, says so, and the guest comes back.
use crate::orders::Orders;
use crate::setup::{self, Component, Result, health};
use workbench::Runtime;

const IMP: &str = "default/imp/default";

/// Gives one order that ends the instance; returns what the status says of it.
async fn cause_of(order: &str, limits: &str) -> anyhow::Result<String> {
    let orders = Orders::listen().await?;
    let config = orders.config("")? + limits;
    let runtime = Runtime::ready(setup::script(&[Component::Imp], config).await?).await?;
    let mut line = orders.line().await?;
    line.order(&["before", order, "after"]).await?;
    // What was in flight at a death comes again, so `before` may be answered more than once.
    while !line.answer().await?.starts_with("after") {}
    let status = runtime.status_until("poison", |status| health(status, IMP)["poison"] == 1).await?;
    runtime.stop().await?;
    Ok(health(&status, IMP)["last_failure"]["cause"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_limited() -> Result {
    assert_eq!(cause_of("x grow", "").await?, "wanted more memory than its limit");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_one_host_call_are_limited() -> Result {
    assert_eq!(cause_of("x bytes 9000000", "").await?, "passed more bytes in one host call than its limit");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stack_is_limited() -> Result {
    assert_eq!(cause_of("x recurse", "").await?, "ran out of stack");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cpu_without_a_turn_is_limited() -> Result {
    assert_eq!(cause_of("x spin", "").await?, "kept the CPU longer than its budget without waiting");
    assert_eq!(cause_of("x spin-calls", "").await?, "kept the CPU longer than its budget without waiting");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handlers_time_is_limited() -> Result {
    let second = "limits = { handler_seconds = 1 }\n";
    // Its host calls answer `timeout` at once, so a loop of them never waits again.
    assert_eq!(cause_of("x stubborn", second).await?, "kept the CPU longer than its budget without waiting");
    // Which of the two watches sees it first is a matter of milliseconds.
    let cause = cause_of("x block 20000", second).await?;
    assert!(cause == "took longer than its time" || cause.starts_with("a call that blocks"), "{cause}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_is_a_trap_and_output_goes_to_the_log() -> Result {
    assert_eq!(cause_of("x exit", "").await?, "called exit with status 1");
    let orders = Orders::listen().await?;
    let mut runtime = Runtime::ready(setup::script(&[Component::Imp], orders.config("")?).await?).await?;
    let mut line = orders.line().await?;
    line.order(&["a print 7", "b log 300"]).await?;
    line.answers(2).await?;
    runtime.said("printed 7").await?;
    runtime.said("log is over its limit").await?;
    assert!(!runtime.log().contains("line 299"));
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_never_returns_is_ended_and_tried_again() -> Result {
    let orders = Orders::listen().await?;
    for (how, cause) in [("spin", "kept the CPU"), ("panic", "panicked"), ("grow", "wanted more memory")] {
        let config = orders.config(&format!(", start = \"{how}\""))?;
        let runtime = Runtime::ready(setup::script(&[Component::Imp], config).await?).await?;
        let status = runtime
            .status_until("restarts", |status| health(status, IMP)["restarts"].as_u64() > Some(0))
            .await?;
        let said = health(&status, IMP)["last_failure"]["cause"].as_str().unwrap_or_default().to_owned();
        assert!(said.starts_with(cause), "{how}: {said}");
        runtime.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_start_refuses_is_not_tried_again() -> Result {
    let orders = Orders::listen().await?;
    let config = orders.config(", start = \"refuse\"")?;
    let runtime = Runtime::ready(setup::script(&[Component::Imp], config).await?).await?;
    let status = runtime.status_until("failed", |status| health(status, IMP)["state"] == "failed").await?;
    let cause = &health(&status, IMP)["last_failure"]["cause"];
    assert_eq!(cause, "start found the configuration wrong: told to refuse");
    assert!(runtime.stop().await?.status.success());
    Ok(())
}
