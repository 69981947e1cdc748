//! Draws what people say.
use super::draw::Draw;
use super::{Plan, Said};

/// Bytes of a text that spills over a page of the journal and still is one block.
const LONG: usize = 3000;

impl Draw {
    pub(super) fn say(&mut self, most: usize) -> Option<Said> {
        if self.told.len() >= most {
            return None;
        }
        if self.dice.percent(15) && !self.told.is_empty() {
            // Word for word again: it is another message all the same.
            let said = self.told[self.dice.below(self.told.len())].clone();
            self.told.push(said.clone());
            return Some(said);
        }
        let channel = self.dice.below(self.channels);
        Some(self.fresh_in(channel))
    }

    pub(super) fn fresh(&mut self) -> Said {
        let channel = self.dice.below(self.channels);
        self.text_in(channel, "old")
    }

    pub(super) fn fresh_in(&mut self, channel: usize) -> Said {
        let said = self.text_in(channel, &self.told.len().to_string());
        self.told.push(said.clone());
        said
    }

    fn text_in(&mut self, channel: usize, name: &str) -> Said {
        let name = format!("{}{name}", Plan::mark(self.seed));
        let text = match self.dice.range(1, 10) {
            1 => format!("{name} {}", "word ".repeat(LONG / 5).trim_end()),
            2 => format!("{name} \"quoted\" \\ ä€😀 \u{7}"),
            3 => format!("{name}\nin two lines"),
            4 | 5 => format!("{name} begins\n\n{name} ends"),
            _ => name,
        };
        Said { channel, user: u64::from(self.dice.range(40, 42)), text }
    }
}
