//! What Prometheus and a load balancer may read of the process.
//!
//! Labels are the parts of an instance's name, which the operator chose, and words of ours; nothing that a connector or a
//! platform says is ever one.
use crate::supervisor::{Live, View};
use engine::{Commons, Ticker};
use journal::Sqlite;
use ports::identity::InstanceId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use telemetry::{Family, Health, Kind, Logs, Row, Source};

pub struct Metrics {
    pub view: View,
    pub ticker: Ticker,
    pub commons: Arc<Commons>,
    pub disk: Arc<Sqlite>,
    pub logs: Logs,
    pub started: Instant,
}

/// Without a tick for so long nothing interrupts a guest.
const NO_TICK: Duration = Duration::from_secs(3);

/// One instance at this moment.
struct Sample<'a> {
    live: &'a Live,
    health: engine::Snapshot,
    sockets: Sockets,
}

/// Of all sockets together: their names are the connector's.
#[derive(Default)]
struct Sockets {
    open: u64,
    reconnects: u64,
    last_frame_unix_ms: u64,
}

impl Source for Metrics {
    fn families(&self) -> Vec<Family> {
        let all = self.view.all();
        let samples: Vec<Sample<'_>> = all.iter().map(|live| Sample::of(live)).collect();
        let mut families = self.process();
        families.extend(health(&samples));
        families.extend(sockets(&samples));
        families
    }

    fn health(&self) -> Health {
        let mut states: BTreeMap<&str, u64> = BTreeMap::new();
        self.view.all().iter().for_each(|live| *states.entry(live.state().name()).or_default() += 1);
        let ticks = self.ticker.ticks();
        let stuck = self.disk.counts().stuck;
        let ok = Duration::from_millis(ticks.last_ms_ago) < NO_TICK && stuck == 0;
        let detail = json!({
            "version": env!("CARGO_PKG_VERSION"), "up_seconds": self.started.elapsed().as_secs(),
            "instances": states, "clock_ms_ago": ticks.last_ms_ago, "journal_stuck": stuck,
        });
        Health { ok, detail }
    }
}

impl Metrics {
    fn process(&self) -> Vec<Family> {
        let ticks = self.ticker.ticks();
        let kept = self.disk.counts();
        let one = |name, help, kind, value: f64| family(name, help, kind, vec![(Vec::new(), value)]);
        vec![
            one(
                "runtime_up_seconds",
                "Since the process was ready.",
                Kind::Gauge,
                self.started.elapsed().as_secs_f64(),
            ),
            one(
                "runtime_clock_ticks_total",
                "Ticks of the clock that interrupts guests.",
                Kind::Counter,
                ticks.ticks as f64,
            ),
            one(
                "runtime_clock_replaced_total",
                "Threads of that clock that had to be replaced.",
                Kind::Counter,
                ticks.replaced as f64,
            ),
            one(
                "runtime_clock_longest_gap_seconds",
                "The longest time between two ticks.",
                Kind::Gauge,
                ticks.longest_gap_ms as f64 / 1000.0,
            ),
            one(
                "runtime_log_lines_lost_total",
                "Lines that nobody read from standard error in time.",
                Kind::Counter,
                self.logs.lost() as f64,
            ),
            one(
                "runtime_instances_alive",
                "Instances that live; those that sleep do not.",
                Kind::Gauge,
                self.commons.alive() as f64,
            ),
            one(
                "runtime_journal_commits_total",
                "Commits of the journal.",
                Kind::Counter,
                kept.commits as f64,
            ),
            one(
                "runtime_journal_failures_total",
                "Commits that failed.",
                Kind::Counter,
                kept.failures as f64,
            ),
        ]
    }
}

impl<'a> Sample<'a> {
    fn of(live: &'a Live) -> Self {
        Self { live, health: live.health.snapshot(), sockets: Sockets::of(&live.gauge("websocket")) }
    }
}

impl Sockets {
    fn of(gauge: &Value) -> Self {
        gauge.as_object().into_iter().flatten().fold(Self::default(), |sum, (_, socket)| Self {
            open: sum.open + u64::from(socket["state"] == "open" || socket["state"] == "ready"),
            reconnects: sum.reconnects + socket["reconnects"].as_u64().unwrap_or(0),
            last_frame_unix_ms: sum
                .last_frame_unix_ms
                .max(socket["last_frame_unix_ms"].as_u64().unwrap_or(0)),
        })
    }
}

fn health(samples: &[Sample<'_>]) -> Vec<Family> {
    use Kind::{Counter, Gauge};
    let each = |name, help, kind, value: fn(&Sample<'_>) -> f64| {
        family(name, help, kind, samples.iter().map(|it| (labels(&it.live.id), value(it))).collect())
    };
    vec![
        many("connector_state", "1, with the state that it is in.", Gauge, samples, |it| {
            vec![("state", it.health.state.name(), 1.0)]
        }),
        each("connector_starts_total", "Starts that succeeded.", Counter, |it| {
            it.health.counts.starts as f64
        }),
        each("connector_restarts_total", "Starts after a failure.", Counter, |it| {
            it.health.counts.restarts as f64
        }),
        each("connector_quarantines_total", "Times that it was set aside.", Counter, |it| {
            it.health.counts.quarantines as f64
        }),
        many("connector_failures_total", "Ends that it did not want, by cause.", Counter, samples, |it| {
            it.health
                .failures_by_class
                .iter()
                .map(|(class, count)| ("class", *class, *count as f64))
                .collect()
        }),
        many("connector_limit_hits_total", "How often it came up against a limit.", Counter, samples, |it| {
            it.live.hits.all().map(|(limit, hits)| ("limit", limit.name(), hits as f64)).collect()
        }),
        each("connector_events_delivered_total", "Events given to handlers.", Counter, |it| {
            it.health.counts.delivered as f64
        }),
        each("connector_events_done_total", "Events dealt with.", Counter, |it| it.health.counts.done as f64),
        each("connector_events_retried_total", "Events to come again.", Counter, |it| {
            it.health.counts.retried as f64
        }),
        each("connector_events_rejected_total", "Events set aside or forgotten.", Counter, |it| {
            it.health.counts.rejected as f64
        }),
        each("connector_events_poison_total", "Events that ended the instance twice.", Counter, |it| {
            it.health.counts.poison as f64
        }),
        each("connector_events_in_flight", "Handlers that run.", Gauge, |it| {
            it.health.counts.in_flight as f64
        }),
        each("connector_events_waiting", "Events that wait for a handler.", Gauge, |it| {
            it.health.counts.waiting as f64
        }),
        each("connector_lag_seconds", "Age of the oldest event that is not dealt with.", Gauge, |it| {
            it.live.lag().as_secs_f64()
        }),
        each("connector_cpu_seconds_total", "Time on the host's threads.", Counter, |it| {
            it.live.share.used().as_secs_f64()
        }),
        each("connector_memory_bytes", "Linear memory of the living instance.", Gauge, |it| {
            it.health.memory_bytes as f64
        }),
    ]
}

fn sockets(samples: &[Sample<'_>]) -> Vec<Family> {
    let each = |name, help, kind, value: fn(&Sockets) -> f64| {
        family(name, help, kind, samples.iter().map(|it| (labels(&it.live.id), value(&it.sockets))).collect())
    };
    vec![
        each("connector_sockets_open", "Sockets that are open.", Kind::Gauge, |it| it.open as f64),
        each("connector_socket_reconnects", "Reconnects of the sockets that it has.", Kind::Gauge, |it| {
            it.reconnects as f64
        }),
        each(
            "connector_last_frame_timestamp_seconds",
            "When the last frame came; 0: none came.",
            Kind::Gauge,
            |it| it.last_frame_unix_ms as f64 / 1000.0,
        ),
    ]
}

type Labels = Vec<(&'static str, String)>;

fn labels(id: &InstanceId) -> Labels {
    let InstanceId { tenant, connector, account } = id;
    vec![
        ("tenant", tenant.to_string()),
        ("connector", connector.to_string()),
        ("account", account.to_string()),
    ]
}

/// Several rows for each instance, told apart by one more label.
fn many<'a>(
    name: &'static str,
    help: &'static str,
    kind: Kind,
    samples: &[Sample<'a>],
    rows: fn(&Sample<'a>) -> Vec<(&'static str, &'static str, f64)>,
) -> Family {
    let of = |it: &Sample<'a>| {
        let own = labels(&it.live.id);
        rows(it).into_iter().map(move |(label, text, value)| {
            let more = [(label, text.to_owned())];
            (own.iter().cloned().chain(more).collect(), value)
        })
    };
    family(name, help, kind, samples.iter().flat_map(of).collect())
}

fn family(name: &'static str, help: &'static str, kind: Kind, rows: Vec<(Labels, f64)>) -> Family {
    Family { name, help, kind, rows: rows.into_iter().map(|(labels, value)| Row { labels, value }).collect() }
}
