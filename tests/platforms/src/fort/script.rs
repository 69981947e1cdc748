//! Who gets what.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::echo::OnFrame;

pub(super) struct Script {
    /// By the prefix of the path.
    pub(super) answers: BTreeMap<String, Answer>,
    pub(super) sockets_below: String,
    pub(super) refuse: Option<u16>,
    pub(super) subprotocol: Option<String>,
    pub(super) on_frame: OnFrame,
    pub(super) on_open: OnFrame,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            answers: BTreeMap::new(),
            sockets_below: "/v1/".into(),
            refuse: None,
            subprotocol: None,
            on_frame: OnFrame::Nothing,
            on_open: OnFrame::Nothing,
        }
    }
}

impl Script {
    /// That of the longest prefix.
    pub(super) fn find(&self, path: &str) -> Option<Answer> {
        let fit = self.answers.iter().filter(|(prefix, _)| path.starts_with(prefix.as_str()));
        fit.max_by_key(|(prefix, _)| prefix.len()).map(|(_, answer)| answer.clone())
    }
}
