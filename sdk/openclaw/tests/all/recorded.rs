//! Reading the recorded connections: one JSON object a line, as `dir` (send, recv, close) and `frame`.
//!
//! They are trimmed: events of no interest have an empty payload, hellos fewer names, and `shutdown` lacks its middle.

use serde_json::Value;
use std::path::PathBuf;

pub(crate) struct Line {
    pub(crate) direction: String,
    pub(crate) frame: Value,
}

pub(crate) fn lines(name: &str) -> Vec<Line> {
    let text = std::fs::read_to_string(folder().join(name)).expect(name);
    let values = text.lines().map(|line| serde_json::from_str::<Value>(line).expect(name));
    values
        .filter_map(|mut line| {
            let direction = line["dir"].as_str()?.to_owned();
            Some(Line { direction, frame: line["frame"].take() })
        })
        .collect()
}

/// Every recording's file name.
pub(crate) fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).expect("the recordings");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a plain name"));
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".jsonl")).collect();
    names.sort();
    assert!(names.len() > 20, "the recordings are there");
    names
}

/// Every frame that the gateway sent, as text.
pub(crate) fn received() -> Vec<String> {
    let all = names().into_iter().flat_map(|name| lines(&name));
    all.filter(|line| line.direction == "recv").map(|line| line.frame.to_string()).collect()
}

/// The first answer to this method in a recording.
pub(crate) fn answer(name: &str, method: &str) -> Value {
    let lines = lines(name);
    let asked = lines.iter().find(|line| line.frame["method"] == method).expect(method);
    let id = &asked.frame["id"];
    let answer = lines.iter().find(|line| line.direction == "recv" && line.frame["id"] == *id).expect(method);
    answer.frame["payload"].clone()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recorded")
}
