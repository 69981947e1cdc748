//! Metrics as text: the format of Prometheus, version 0.0.4.
//!
//! Not `prometheus-client`: it writes OpenMetrics only, and takes help and names of labels as they are.
use crate::metrics::{Family, Kind, Row};
use crate::text::at_most;
use std::collections::HashSet;
use std::fmt::Write;

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Figures that were left out of this page. Always there: 0 is a figure too.
const DROPPED: &str = "runtime_metrics_rows_dropped";

const VALUE_BYTES: usize = 128;

/// Labels of one row.
const LABELS: usize = 16;

#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// Rows of one family.
    pub of_one: usize,
    /// Rows of all.
    pub of_all: usize,
}

/// 50,000 instances with one figure each, or 4,000 with 25. Some 10 MB.
pub const MOST: Most = Most { of_one: 50_000, of_all: 400_000 };

pub fn page(families: &[Family], most: Most) -> String {
    let mut page = String::new();
    let (mut written, mut dropped) = (0, 0);
    let mut names = HashSet::from([DROPPED]);
    for family in families {
        if !family.is_sound() || !names.insert(family.name) {
            dropped += family.rows.len();
            continue;
        }
        let kind = if family.kind == Kind::Counter { "counter" } else { "gauge" };
        head(&mut page, family.name, family.help, kind);
        let mut seen = HashSet::new();
        for row in &family.rows {
            let labels = row.labels();
            let room = seen.len() < most.of_one && written < most.of_all;
            if !room || !row.is_sound() || seen.contains(&labels) {
                dropped += 1;
                continue;
            }
            let _ = writeln!(page, "{}{labels} {}", family.name, figure(row.value));
            written += 1;
            seen.insert(labels);
        }
    }
    head(
        &mut page,
        DROPPED,
        "Rows that were left out of this page: too many, twice there, or badly named",
        "gauge",
    );
    let _ = writeln!(page, "{DROPPED} {dropped}");
    page
}

fn head(page: &mut String, name: &str, help: &str, kind: &str) {
    let help = help.replace('\\', "\\\\").replace('\n', "\\n");
    let _ = write!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

impl Family {
    fn is_sound(&self) -> bool {
        let total = self.kind != Kind::Counter || self.name.ends_with("_total");
        total && is_name(self.name, "_:")
    }
}

impl Row {
    fn is_sound(&self) -> bool {
        let mut keys = HashSet::new();
        let fine = |key: &'static str| is_name(key, "_") && !key.starts_with("__");
        self.labels.len() <= LABELS && self.labels.iter().all(|(key, _)| fine(key) && keys.insert(*key))
    }

    fn labels(&self) -> String {
        let mut text = String::new();
        for (place, (key, value)) in self.labels.iter().take(LABELS).enumerate() {
            let value = at_most(value, VALUE_BYTES).replace('\\', "\\\\").replace('"', "\\\"");
            let _ = write!(text, "{}{key}=\"{value}\"", if place == 0 { "{" } else { "," });
        }
        if !text.is_empty() {
            text.push('}');
        }
        text
    }
}

fn is_name(name: &str, more: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
    name.chars().all(fine) && name.starts_with(|c: char| !c.is_ascii_digit())
}

fn figure(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".into(),
        f64::NEG_INFINITY => "-Inf".into(),
        value => value.to_string(),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn row(labels: &[(&'static str, &str)], value: f64) -> Row {
        Row { labels: labels.iter().map(|(key, value)| (*key, (*value).to_owned())).collect(), value }
    }

    pub fn sample() -> Vec<Family> {
        vec![
            Family {
                name: "runtime_events_total",
                help: "Events that were delivered,\nby \\ instance",
                kind: Kind::Counter,
                rows: vec![
                    row(&[("connector", "occum"), ("account", "a")], 12.0),
                    row(&[("connector", "od,d=\"}\\\n\u{1b}"), ("account", "")], 0.5),
                ],
            },
            Family {
                name: "runtime_up",
                help: "One",
                kind: Kind::Gauge,
                rows: vec![
                    row(&[], f64::INFINITY),
                    row(&[("of", "nan")], f64::NAN),
                    row(&[("of", "big")], 1e20),
                ],
            },
            Family { name: "runtime_none", help: "Of nothing", kind: Kind::Gauge, rows: vec![] },
        ]
    }

    #[test]
    fn a_page_reads_as_it_always_did() {
        let wanted = r##"# HELP runtime_events_total Events that were delivered,\nby \\ instance
# TYPE runtime_events_total counter
runtime_events_total{connector="occum",account="a"} 12
runtime_events_total{connector="od,d=\"}\\\\n\\u{1b}",account=""} 0.5
# HELP runtime_up One
# TYPE runtime_up gauge
runtime_up +Inf
runtime_up{of="nan"} NaN
runtime_up{of="big"} 100000000000000000000
# HELP runtime_none Of nothing
# TYPE runtime_none gauge
# HELP runtime_metrics_rows_dropped Rows that were left out of this page: too many, twice there, or badly named
# TYPE runtime_metrics_rows_dropped gauge
runtime_metrics_rows_dropped 0
"##;
        assert_eq!(page(&sample(), MOST), wanted);
    }

    #[test]
    fn a_reader_finds_what_was_meant() {
        let read = read(&page(&sample(), MOST));
        assert_eq!(read["runtime_events_total"].0, "counter");
        let (labels, value) = &read["runtime_events_total"].1[1];
        assert_eq!((labels["connector"].as_str(), *value), ("od,d=\"}\\\\n\\u{1b}", 0.5));
        assert_eq!(read["runtime_up"].1[0], (BTreeMap::new(), f64::INFINITY));
    }

    #[test]
    fn what_is_too_many_is_dropped_and_counted() {
        let family = |name, rows: usize| Family {
            name,
            help: "",
            kind: Kind::Gauge,
            rows: (0..rows).map(|number| row(&[("n", &number.to_string())], 1.0)).collect(),
        };
        let families = [family("a", 7), family("b", 4), family("c", 4)];
        let read = read(&page(&families, Most { of_one: 5, of_all: 10 }));
        let rows = |name: &str| read[name].1.len();
        assert_eq!((rows("a"), rows("b"), rows("c")), (5, 4, 1));
        assert_eq!(read[DROPPED].1[0].1, 5.0);
    }

    #[test]
    fn what_would_spoil_the_page_is_dropped_and_counted() {
        let family = |name, kind, rows| Family { name, help: "", kind, rows };
        let one = || vec![row(&[], 1.0)];
        let families = [
            family("a", Kind::Gauge, one()),
            family("a", Kind::Gauge, one()),
            family(DROPPED, Kind::Gauge, one()),
            family("", Kind::Gauge, one()),
            family("a b", Kind::Gauge, one()),
            family("9a", Kind::Gauge, one()),
            family("events", Kind::Counter, one()),
            family("twice", Kind::Gauge, vec![row(&[("k", "v")], 1.0), row(&[("k", "v")], 2.0)]),
            family("keys", Kind::Gauge, vec![row(&[("k", "v"), ("k", "w")], 1.0), row(&[("k-", "v")], 1.0)]),
            family("many", Kind::Gauge, vec![Row { labels: vec![("k", String::new()); 17], value: 1.0 }]),
        ];
        let read = read(&page(&families, MOST));
        assert_eq!(read["a"].1.len(), 1);
        assert_eq!(read["twice"].1.len(), 1);
        assert_eq!(read[DROPPED].1[0].1, 10.0);
    }

    #[test]
    fn no_value_is_longer_than_its_bound() {
        for value in ["ä".repeat(200), "\u{1b}".repeat(200), "\\".repeat(200), "x".repeat(128)] {
            let rows = vec![row(&[("k", &value)], 1.0)];
            let read = read(&page(&[Family { name: "a", help: "", kind: Kind::Gauge, rows }], MOST));
            let found = &read["a"].1[0].0["k"];
            assert!(found.len() > 100 && found.len() <= 128, "{found}");
        }
    }

    type Rows = Vec<(BTreeMap<String, String>, f64)>;

    /// A strict reader of the format; panics at what is not of it.
    pub fn read(page: &str) -> BTreeMap<String, (String, Rows)> {
        let mut read: BTreeMap<String, (String, Rows)> = BTreeMap::new();
        let mut helped = String::new();
        let mut of = String::new();
        assert!(page.ends_with('\n'));
        for line in page.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                helped = help.split(' ').next().unwrap().into();
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert!(name == helped && ["counter", "gauge"].contains(&kind), "{line}");
                of = name.into();
                assert!(read.insert(of.clone(), (kind.into(), Vec::new())).is_none(), "{line}");
            } else {
                let rest = line.strip_prefix(&of).unwrap_or_else(|| panic!("{line}"));
                let (labels, value) = match rest.strip_prefix('{') {
                    Some(labels) => labels_of(labels),
                    None => (BTreeMap::new(), rest),
                };
                let value = value.strip_prefix(' ').unwrap().parse().unwrap();
                read.get_mut(&of).unwrap().1.push((labels, value));
            }
        }
        read
    }

    fn labels_of(mut text: &str) -> (BTreeMap<String, String>, &str) {
        let mut labels = BTreeMap::new();
        loop {
            let (key, rest) = text.split_once("=\"").unwrap();
            let mut value = String::new();
            let mut chars = rest.chars();
            loop {
                match chars.next().unwrap() {
                    '"' => break,
                    '\\' => value.push(match chars.next().unwrap() {
                        'n' => '\n',
                        c @ ('\\' | '"') => c,
                        c => panic!("escape {c:?} in {text}"),
                    }),
                    c => value.push(c),
                }
            }
            assert!(labels.insert(key.to_owned(), value).is_none(), "{text}");
            match chars.next().unwrap() {
                ',' => text = chars.as_str(),
                '}' => return (labels, chars.as_str()),
                c => panic!("{c:?} in {text}"),
            }
        }
    }
}
