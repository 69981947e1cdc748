//! What is to run: the configuration held against what each component asks for.
use crate::components::Connector;
use crate::supervisor::Start;
use config::{Account, Agent, Config, Instance, Options, Outcome, Problem, Report, Verdict};
use contract::{Admission, Quotas};
use engine::{Limits, Patience, Walls};
use ports::identity::InstanceId;
use ports::mailbox::Capacity;
use ports::store::Quota;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

#[derive(Default)]
pub struct Plan {
    pub agent: Agent,
    /// With the id of its connector.
    pub start: Vec<(String, Start)>,
    pub missing: Vec<Missing>,
    pub warnings: Vec<Problem>,
}

/// An instance that lacks something; the others start.
pub struct Missing {
    pub id: InstanceId,
    pub what: Vec<String>,
}

impl Missing {
    pub fn as_json(&self) -> Value {
        json!({ "instance": self.id.to_string(), "missing": self.what })
    }
}

/// # Errors
/// Everything that is wrong; then nothing is to start.
pub fn plan(
    config: &Config,
    connectors: &BTreeMap<String, Connector>,
    options: Options,
) -> Result<Plan, Report> {
    let loaded: Vec<&str> = connectors.keys().map(String::as_str).collect();
    let mut problems = config.unknown_connectors(&loaded);
    let mut plan = Plan::default();
    match config.agent(&environment) {
        Ok((agent, warnings)) => {
            plan.agent = agent;
            plan.warnings.extend(warnings);
        }
        Err(Report(wrong)) => problems.extend(wrong),
    }
    for (id, connector) in connectors {
        // The descriptor's id was checked, so this has no error.
        for account in config.instances_of(id).unwrap_or_default() {
            problems.extend(judge(&mut plan, connector, &account, options));
        }
    }
    if problems.is_empty() { Ok(plan) } else { Err(Report(problems)) }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn judge(plan: &mut Plan, connector: &Connector, account: &Account, options: Options) -> Vec<Problem> {
    let Outcome { verdict, warnings } =
        config::check(account, &connector.described.asked, options, &environment);
    plan.warnings.extend(warnings);
    match verdict {
        Verdict::Ready(instance) => {
            plan.start.push((connector.described.asked.id.clone(), start(connector, *instance)))
        }
        Verdict::NotConfigured { id, missing } => {
            plan.missing.push(Missing { id, what: missing.iter().map(Problem::to_string).collect() })
        }
        Verdict::Wrong(problems) => return problems,
    }
    Vec::new()
}

fn start(connector: &Connector, instance: Instance) -> Start {
    let Instance { id, config_json, vault, reach, limits } = instance;
    let mailbox =
        Capacity { events: limits.mailbox_events as usize, bytes: (limits.mailbox_kib as usize) << 10 };
    let quotas = Quotas {
        mailbox,
        sockets: limits.sockets as usize,
        timers: limits.timers as usize,
        dispatches: limits.dispatches as usize,
        log_lines_per_10s: limits.log_lines_per_10s,
        store: Quota { keys: limits.store_keys.into(), bytes: u64::from(limits.store_kib) << 10 },
        ..Quotas::default()
    };
    let offers = Arc::new(connector.described.offers());
    Start {
        admission: Admission { id, reach: Arc::new(reach), vault: Arc::new(vault), quotas, offers },
        config: config_json,
        limits: engine_limits(&limits),
    }
}

/// The part of the limits that the engine keeps.
pub fn engine_limits(limits: &config::Limits) -> Limits {
    Limits {
        in_flight: limits.max_in_flight as usize,
        handler: Duration::from_secs(limits.handler_seconds.into()),
        idle: (limits.idle_seconds > 0).then(|| Duration::from_secs(limits.idle_seconds.into())),
        cpu: Duration::from_millis(limits.cpu_ms.into()),
        patience: Patience { age: Duration::from_secs(u64::from(limits.retry_hours) * 3600) },
        walls: Walls {
            memory_bytes: (limits.memory_mib as usize) << 20,
            table_elements: limits.table_elements as usize,
            ..Walls::default()
        },
        ..Limits::default()
    }
}
