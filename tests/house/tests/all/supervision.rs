//! What the operator sees of instances and does with them.
use crate::orders::{Line, Orders};
use crate::setup::{self, Component, Result, health, instance};
use anyhow::Context;
use platforms::openai::{Api, Stream};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;
use workbench::{Home, Runtime};

const IMP: &str = "default/imp/default";
const TRAPPER: &str = "default/trapper/default";
const PATIENCE: Duration = Duration::from_secs(60);

/// A socket that lasts: one of a life that was restarted at once may still wait to be accepted.
async fn latest(orders: &Orders) -> anyhow::Result<Line> {
    for _ in 0..5 {
        if let Ok(line) = orders.line().await {
            return Ok(line);
        }
    }
    orders.line().await
}

async fn told(runtime: &Runtime, arguments: &[&str]) -> anyhow::Result<(bool, String)> {
    let output = runtime.ask(arguments).await?;
    Ok((output.status.success(), String::from_utf8([output.stdout, output.stderr].concat())?))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_failing_is_quarantined_until_the_operator_or_time_lets_it_try_again() -> Result {
    let orders = Orders::listen().await?;
    let config = format!(
        "[connectors.trapper.accounts.default]\nconfig = {{ url = \"{}\" }}\n\
         grants = {{ private = [\"127.0.0.0/8\"] }}\nlimits = {{ failures = 3 }}\n",
        orders.url()?
    );
    let runtime = Runtime::ready(setup::script(&[Component::Trapper], config).await?).await?;
    let mut line = orders.line().await?;
    let quarantined = |status: &Value| health(status, TRAPPER)["state"] == "quarantined";
    let status = runtime.status_until("quarantined", quarantined).await?;
    let seen = health(&status, TRAPPER);
    assert_eq!(
        (&seen["failures"], &seen["restarts"], &seen["quarantines"]),
        (&3.into(), &2.into(), &1.into())
    );
    assert_eq!(seen["last_failure"]["class"], "panic");
    assert!(seen["last_failure"]["said"].as_str().is_some_and(|said| said.contains("panicked at")), "{seen}");
    assert!(!seen["last_failure"]["trace"].as_array().context("a trace")?.is_empty(), "{seen}");
    assert!(seen["next_start_in_ms"].as_u64().is_some_and(|ms| ms > 500_000), "ten minutes: {seen}");
    assert_eq!(seen["memory_bytes"], 0);
    assert_eq!(instance(&status, TRAPPER)["rooms"], json!({}), "nothing is open");
    assert!(line.answer().await.is_err(), "its socket is closed");
    let (_, table) = told(&runtime, &["status"]).await?;
    for part in ["quarantined", "panic", "it wrote:", "limits it came up against: failures 1", "9 min"] {
        assert!(table.contains(part), "{part:?} is not in\n{table}");
    }
    assert_eq!(
        told(&runtime, &["restart", "trapper"]).await?,
        (true, format!("{TRAPPER} is started anew\n"))
    );
    let again = |status: &Value| health(status, TRAPPER)["quarantines"] == 2;
    let status = runtime.status_until("quarantined again", again).await?;
    assert_eq!(health(&status, TRAPPER)["failures"], 6, "an operator's restart counts anew");
    assert!(told(&runtime, &["pause", "trapper"]).await?.0, "and stays so");
    let paused = |status: &Value| health(status, TRAPPER)["state"] == "paused";
    runtime.status_until("paused", paused).await?;
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_closes_everything_and_what_was_accepted_goes_on_after_it() -> Result {
    let (orders, api) = (Orders::listen().await?, Api::start().await?);
    api.stop_listening().await?;
    let agent = format!(
        "[agent]\nbackend = \"openai\"\nbase_url = \"{}\"\nmodel = \"{}\"\napi_key = {{ env = \"AGENT_KEY\" }}\n",
        api.base_url(),
        api.model()
    );
    let mut script = setup::script(&[Component::Imp], orders.config("")? + &agent).await?;
    script.environment.push(("AGENT_KEY".into(), api.key().into()));
    let runtime = Runtime::ready(script).await?;
    let mut line = orders.line().await?;
    for nth in 0..5 {
        let arguments =
            json!({ "key": format!("k{nth}"), "conversation": "c", "text": format!("hello {nth}") });
        assert!(runtime.call("imp", "imp_dispatch", &arguments).await?["new"].is_string());
    }
    assert_eq!(told(&runtime, &["pause", "imp"]).await?, (true, format!("{IMP} is paused\n")));
    assert!(line.answer().await.is_err(), "its socket is closed");
    let status = runtime.status().await?;
    assert_eq!(
        (&health(&status, IMP)["state"], &health(&status, IMP)["memory_bytes"]),
        (&"paused".into(), &0.into())
    );
    assert_eq!(status["instances_alive"], 0);
    let (done, said) = told(&runtime, &["call", "imp", "/echo", "x"]).await?;
    assert!(!done && said.contains("no instance default/imp/default is running"), "{said}");
    assert!(!orders.another().await, "and nobody dials");
    api.always(Stream::echo());
    api.listen_again().await?;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(api.record(|record| record.requests_count()), 0, "nobody asks while it is paused");
    // More than once, and soon after each other: no life may find what another still works on.
    for wish in ["resume", "restart", "restart"] {
        assert!(told(&runtime, &[wish, "imp"]).await?.0, "{wish}");
    }
    let mut line = latest(&orders).await?;
    let mut seen: Vec<String> = Vec::new();
    let told = |seen: &[String], nth: usize| {
        seen.iter().any(|it| it.contains(" block ") && it.contains(&format!("hello {nth}")))
    };
    while !(0..5).all(|nth| told(&seen, nth)) || !seen.last().is_some_and(|it| it.contains(" final ")) {
        match line.answer().await {
            Ok(answer) => seen.push(answer),
            // Of the life before the last.
            Err(_) => line = latest(&orders).await?,
        }
    }
    let order: Vec<usize> =
        (0..5).filter_map(|nth| seen.iter().position(|it| it.contains(&format!("hello {nth}")))).collect();
    assert!(order.is_sorted(), "in their order: {seen:?}");
    let closed = |status: &Value| instance(status, IMP)["rooms"]["agent"]["open"] == 0;
    runtime.status_until("nothing open", closed).await?;
    let status = runtime.status().await?;
    assert_eq!(health(&status, IMP)["failures"], 0);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_shown_and_followed() -> Result {
    let orders = Orders::listen().await?;
    let runtime = Runtime::ready(setup::script(&[Component::Imp], orders.config("")?).await?).await?;
    let mut line = orders.line().await?;
    line.order(&["a print 41"]).await?;
    line.answer().await?;
    let (_, shown) = told(&runtime, &["logs", "imp", "-n", "100"]).await?;
    assert!(shown.contains("default/imp/default printed 41"), "{shown}");
    assert!(!shown.contains("runtime itself"), "{shown}");
    let mut following = Command::new(&runtime.home().script().binary)
        .args(["logs", "-f", "imp", "-n", "1", "--state", "state"])
        .current_dir(runtime.folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(following.stdout.take().context("piped")?).lines();
    let first = timeout(PATIENCE, lines.next_line()).await??.context("a line")?;
    assert!(first.contains("printed 41"), "{first}");
    line.order(&["b print 42", "c print 43"]).await?;
    for wanted in ["printed 42", "printed 43"] {
        let next = timeout(PATIENCE, lines.next_line()).await??.context("a line")?;
        assert!(next.contains(wanted), "{next}");
    }
    let (done, said) = told(&runtime, &["logs", "pim"]).await?;
    assert!(
        !done && said.contains("no instance \"pim\" is running; there is: default/imp/default"),
        "{said}"
    );
    runtime.stop().await?;
    let end = timeout(PATIENCE, following.wait_with_output()).await??;
    assert!(String::from_utf8(end.stderr)?.contains("the runtime has ended"));
    Ok(())
}

/// Head and body.
async fn get(address: &str, request: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await??;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_health_are_told_on_loopback() -> Result {
    let orders = Orders::listen().await?;
    let config = format!("{}[telemetry]\nlisten = \"127.0.0.1:0\"\n", orders.config("")?);
    let mut runtime = Runtime::ready(setup::script(&[Component::Imp], config).await?).await?;
    let said = runtime.said("metrics and health at http://").await?;
    let address =
        said.split("http://").nth(1).and_then(|rest| rest.split('"').next()).context("an address")?;
    let mut line = orders.line().await?;
    line.order(&["a panic", "b echo"]).await?;
    while !line.answer().await?.starts_with("b ") {}
    let ask =
        |path: &str, host: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let metrics = get(address, &ask("/metrics", address)).await?;
    let own = "tenant=\"default\",connector=\"imp\",account=\"default\"";
    for wanted in [
        "HTTP/1.1 200 OK".to_owned(),
        format!("connector_failures_total{{{own},class=\"panic\"}} 2\n"),
        format!("connector_events_poison_total{{{own}}} 1\n"),
        format!("connector_state{{{own},state=\"running\"}} 1\n"),
        format!("connector_sockets_open{{{own}}} 1\n"),
        "# TYPE connector_cpu_seconds_total counter\n".to_owned(),
    ] {
        assert!(metrics.contains(&wanted), "{wanted:?} is not in\n{metrics}");
    }
    let healthy = get(address, &ask("/healthz", "localhost")).await?;
    assert!(healthy.starts_with("HTTP/1.1 200") && healthy.contains("\"running\":1"), "{healthy}");
    let foreign = get(address, &ask("/metrics", "evil.example:80")).await?;
    assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_error_that_nobody_reads_holds_nobody_up() -> Result {
    let orders = Orders::listen().await?;
    let config = orders.config("")? + "limits = { log_lines_per_10s = 10000 }\n";
    let home = Home::new(setup::script(&[Component::Imp], config).await?)?;
    let mut runtime = Command::new(&home.script().binary)
        .args(["run", setup::APPROVED, "--config", "runtime.toml", "--state", "state"])
        .args(&home.script().components)
        .current_dir(home.folder())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut line = orders.line().await?;
    // A pipe holds 64 KiB, and of what waits for it there is a bound of some megabytes.
    for nth in 0..3000 {
        line.order(&[&format!("{nth} bytes 4000")]).await?;
        line.answer().await?;
    }
    let ask = |arguments: &'static [&'static str]| {
        Command::new(&home.script().binary).args(arguments).current_dir(home.folder()).output()
    };
    let status = timeout(PATIENCE, ask(&["status", "--json", "--state", "state"])).await??;
    let status: Value = serde_json::from_slice(&status.stdout)?;
    assert!(status["log_lines_lost"].as_u64() > Some(0), "{status}");
    assert_eq!(health(&status, IMP)["failures"], 0);
    let pid = runtime.id().context("it lives")?.to_string();
    Command::new("kill").args(["-s", "INT", &pid]).status().await?;
    let ended = timeout(PATIENCE, runtime.wait()).await??;
    assert!(ended.success(), "{ended}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_falls_silent_is_found_dead_by_its_ping() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    setup::chat(&occum, &agent, "hello", 1).await?;
    occum.silence();
    // The connection stays open all the time; only nothing comes over it any more.
    let socket = |status: &Value| {
        let sockets = instance(status, "default/occum/default")["rooms"]["websocket"].clone();
        sockets.as_object().and_then(|all| all.values().next().cloned()).unwrap_or_default()
    };
    let found = loop {
        let status = runtime.status_until("a socket", |status| !socket(status).is_null()).await?;
        if socket(&status)["last_error"].as_str().is_some_and(|why| why.contains("silent")) {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(health(&found, "default/occum/default")["failures"], 0, "that is not the connector's fault");
    occum.speak();
    setup::chat(&occum, &agent, "are you there?", 2).await?;
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_has_nothing_left_is_not_blamed_on_connectors() -> Result {
    let mut config = String::new();
    for nth in 0..24 {
        config += &format!("[connectors.imp.accounts.a{nth}]\nlimits = {{ failures = 2 }}\n");
    }
    let home = Home::new(setup::script(&[Component::Imp], config).await?)?;
    // Address space for some twenty memories, 4 GiB each.
    let mut runtime = Command::new("prlimit")
        .arg("--as=90000000000")
        .arg(&home.script().binary)
        .args(["run", setup::APPROVED, "--config", "runtime.toml", "--state", "state"])
        .args(&home.script().components)
        .current_dir(home.folder())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let begun = std::time::Instant::now();
    loop {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "nobody ever lacked memory");
        tokio::time::sleep(Duration::from_millis(200)).await;
        let asked = Command::new(&home.script().binary)
            .args(["status", "--json", "--state", "state"])
            .current_dir(home.folder())
            .output()
            .await?;
        let Ok(status) = serde_json::from_slice::<Value>(&asked.stdout) else { continue };
        let all = status["instances"].as_array().context("instances")?;
        let lacking: Vec<&Value> =
            all.iter().filter(|it| it["health"]["failures"].as_u64() > Some(2)).collect();
        if lacking.is_empty() {
            continue;
        }
        for it in &lacking {
            assert_eq!(it["health"]["last_failure"]["class"], "machine", "{it}");
            assert_ne!(it["health"]["state"], "quarantined", "{it}");
        }
        assert!(all.iter().any(|it| it["health"]["state"] == "running"), "{status}");
        break;
    }
    let pid = runtime.id().context("it lives")?.to_string();
    Command::new("kill").args(["-s", "INT", &pid]).status().await?;
    assert!(timeout(PATIENCE, runtime.wait()).await??.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_takes_long_to_compile_keeps_nobody_waiting() -> Result {
    let folder = tempfile::TempDir::new()?;
    let bomb = folder.path().join("bomb.wasm");
    let make = adversaries::CASES.iter().find(|(name, _)| *name == "deep_loops").context("the bomb")?.1;
    std::fs::write(&bomb, make()?)?;
    // However long the honest ones take beside whatever else this machine does.
    let config = "[compiler]\nseconds = 3000\nat_once = 2\nothers_wait_seconds = 0\n\
                  [connectors.deep-loops.accounts.default]\n[connectors.imp.accounts.default]\n\
                  [connectors.trapper.accounts.default]\nconfig = { url = \"ws://127.0.0.1:1/\" }\n\
                  grants = { private = [\"127.0.0.0/8\"] }\n";
    let mut script = setup::script(&[Component::Trapper], config).await?;
    script.components.push(bomb);
    script.components.extend(setup::script(&[Component::Imp], "").await?.components);
    let runtime = Home::new(script)?.start()?;
    let begun = std::time::Instant::now();
    let status = loop {
        anyhow::ensure!(begun.elapsed() < 5 * PATIENCE, "they wait for the bomb: {}", runtime.log());
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Until the first is ready there is nobody to ask.
        let Ok(status) = runtime.status().await else { continue };
        // Whoever was not ready in that second has joined.
        if health(&status, IMP)["state"] == "running" && !health(&status, TRAPPER).is_null() {
            break status;
        }
    };
    assert!(status["preparing"].to_string().contains("bomb.wasm"), "{status}");
    let (_, table) = told(&runtime, &["status"]).await?;
    assert!(table.contains("bomb.wasm is still being prepared"), "{table}");
    assert!(runtime.stop().await?.status.success(), "and nobody waits for it at the end");
    Ok(())
}
