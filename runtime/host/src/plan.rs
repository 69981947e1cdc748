//! What is to run: the configuration held against what each component asks for.
use crate::components::Connector;
use config::{
    Account, Agent, Approvals, Config, Egress, EventsSettings, Instance, KeyringSettings, McpSettings,
    Outcome, Problem, Report, Unapproved, Verdict,
};
use contract::CallBounds;
use engine::{Limits, Patience, Walls};
use ports::identity::InstanceId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

#[derive(Default)]
pub struct Plan {
    pub agent: Agent,
    pub egress: Egress,
    pub keyring: KeyringSettings,
    /// Where metrics and health are told, if anywhere.
    pub telemetry: Option<SocketAddr>,
    pub events: Option<EventsSettings>,
    pub mcp: Option<McpSettings>,
    /// With the id of its connector.
    pub ready: Vec<(String, Instance)>,
    pub missing: Vec<Missing>,
    /// Ask for more than the operator approved.
    pub unapproved: Vec<Unapproved>,
    /// The same, of instances that lack something besides.
    pub lacking_too: Vec<Unapproved>,
    pub warnings: Vec<Problem>,
}

/// An instance that lacks something; the others start.
pub struct Missing {
    pub id: InstanceId,
    pub what: Vec<String>,
}

impl Missing {
    /// What was not approved is missing too.
    pub fn of(unapproved: &Unapproved) -> Self {
        Self { id: unapproved.id.clone(), what: vec![unapproved.problem.to_string()] }
    }

    pub fn as_json(&self) -> Value {
        json!({ "instance": self.id.to_string(), "missing": self.what })
    }
}

/// As many connectors that the file names and nobody loaded as components were `refused` may be those: that is a warning.
///
/// # Errors
/// Everything that is wrong; then nothing is to start.
pub fn plan(
    config: &Config,
    connectors: &BTreeMap<String, Connector>,
    refused: usize,
    approvals: &Approvals,
) -> Result<Plan, Report> {
    let loaded: Vec<&str> = connectors.keys().map(String::as_str).collect();
    let mut plan = Plan { telemetry: config.telemetry(), ..Plan::default() };
    let mut problems = Vec::new();
    let unknown = config.unknown_connectors(&loaded);
    match unknown.len() <= refused {
        true => plan.warnings.extend(unknown),
        false => problems.extend(unknown),
    }
    match config.agent(&environment) {
        Ok((agent, warnings)) => {
            plan.agent = agent;
            plan.warnings.extend(warnings);
        }
        Err(Report(wrong)) => problems.extend(wrong),
    }
    match config.egress(&environment) {
        Ok((egress, warnings)) => {
            plan.egress = egress;
            plan.warnings.extend(warnings);
        }
        Err(Report(wrong)) => problems.extend(wrong),
    }
    match config.keyring(&environment) {
        Ok(keyring) => {
            plan.warnings.extend(keyring.warnings.iter().cloned());
            plan.keyring = keyring;
        }
        Err(Report(wrong)) => problems.extend(wrong),
    }
    match config.events(&environment) {
        Ok((events, warnings)) => {
            plan.events = events;
            plan.warnings.extend(warnings);
        }
        Err(Report(wrong)) => problems.extend(wrong),
    }
    match config.mcp(&environment) {
        Ok((mcp, warnings)) => {
            plan.mcp = mcp;
            plan.warnings.extend(warnings);
        }
        Err(Report(wrong)) => problems.extend(wrong),
    }
    let accounts: Vec<String> = connectors.keys().flat_map(|id| names(config, id)).collect();
    let unknown = config.unknown_in_mcp(|name| accounts.iter().any(|account| account == name));
    // One may belong to a component that is not here yet.
    match refused {
        0 => problems.extend(unknown),
        _ => plan.warnings.extend(unknown),
    }
    for (id, connector) in connectors {
        // The descriptor's id was checked, so this has no error.
        for account in config.instances_of(id).unwrap_or_default() {
            problems.extend(judge(&mut plan, connector, &account, approvals));
        }
    }
    if problems.is_empty() { Ok(plan) } else { Err(Report(problems)) }
}

/// As `[mcp]` may name a connector and its accounts.
fn names(config: &Config, id: &str) -> Vec<String> {
    let accounts = config.instances_of(id).unwrap_or_default();
    let accounts = accounts.iter().map(|account| format!("{id}/{}", account.id().account));
    accounts.chain([id.to_owned()]).collect()
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn judge(plan: &mut Plan, connector: &Connector, account: &Account, approvals: &Approvals) -> Vec<Problem> {
    let asked = &connector.described.asked;
    let Outcome { verdict, warnings } = config::check(account, asked, approvals, &environment);
    plan.warnings.extend(warnings);
    match verdict {
        Verdict::Ready(instance) => plan.ready.push((asked.id.clone(), *instance)),
        Verdict::NotConfigured { id, missing, unapproved } => {
            plan.missing.push(Missing { id, what: missing.iter().map(Problem::to_string).collect() });
            plan.lacking_too.extend(unapproved.map(|it| *it));
        }
        Verdict::Unapproved(unapproved) => plan.unapproved.push(*unapproved),
        // One bad component must not keep the others from starting.
        Verdict::Wrong(problems) if problems.iter().all(Problem::is_the_connectors) => {
            let what = problems.iter().map(Problem::to_string).collect();
            plan.missing.push(Missing { id: account.id().clone(), what });
        }
        Verdict::Wrong(problems) => return problems,
    }
    Vec::new()
}

/// The part of the limits that the engine keeps.
pub fn engine_limits(limits: &config::Limits) -> Limits {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Limits {
        in_flight: limits.max_in_flight as usize,
        handler: seconds(limits.handler_seconds),
        start: seconds(limits.start_seconds),
        stop: seconds(limits.stop_seconds),
        idle: (limits.idle_seconds > 0).then(|| seconds(limits.idle_seconds)),
        cpu: Duration::from_millis(limits.cpu_ms.into()),
        cpu_percent: limits.cpu_percent,
        failures: limits.failures,
        patience: Patience { age: Duration::from_secs(u64::from(limits.retry_hours) * 3600) },
        calls: CallBounds { at_once: limits.host_calls as usize, longest: seconds(limits.host_call_seconds) },
        walls: Walls {
            memory_bytes: (limits.memory_mib as usize) << 20,
            table_elements: limits.table_elements as usize,
            handles: limits.handles as usize,
            // Calls into the guest and its own tasks come to the host calls.
            guest_tasks: limits.host_calls as usize * 2 + limits.max_in_flight as usize * 4 + 256,
            host_call_bytes: (limits.host_call_kib as usize) << 10,
            ..Walls::default()
        },
        ..Limits::default()
    }
}
