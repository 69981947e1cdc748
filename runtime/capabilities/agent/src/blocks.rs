//! Cuts a streamed text into blocks at the ends of paragraphs, for backends that have none.
//!
//! A block is cut as a raw piece of the text: all pieces together are the text again. [`text`] is what of it is posted.

/// A paragraph longer than this is cut at the last white space before it: platforms refuse longer messages.
const MOST_BYTES: usize = 4000;

#[derive(Debug, Default)]
pub struct Cutter {
    open: String,
    /// Bytes at the beginning of `open` that are cut off but hold nothing to post.
    blank: usize,
    /// Inside a fenced code block: a blank line there ends nothing.
    fenced: bool,
}

impl Cutter {
    /// Goes on after blocks that were cut before.
    pub fn after(said: &str) -> Self {
        Self { fenced: fences(said) % 2 == 1, ..Self::default() }
    }

    /// The blocks that this piece completed.
    pub fn feed(&mut self, piece: &str) -> Vec<String> {
        self.open.push_str(piece);
        let mut blocks = Vec::new();
        while let Some(at) = self.cut() {
            self.fenced ^= fences(&self.open[self.blank..at]) % 2 == 1;
            if text(&self.open[self.blank..at]).is_empty() {
                self.blank = at;
                continue;
            }
            let rest = self.open.split_off(at);
            blocks.push(std::mem::replace(&mut self.open, rest));
            self.blank = 0;
        }
        blocks
    }

    /// What is left when the text is whole.
    pub fn end(self) -> Option<String> {
        (!text(&self.open).is_empty()).then_some(self.open)
    }

    /// Where the first finished block ends.
    fn cut(&self) -> Option<usize> {
        // NB: never looks past what one block may have, so that a text of blank lines costs no more than its length.
        let most = self.open.floor_char_boundary(self.blank + MOST_BYTES);
        let (mut from, mut fenced) = (self.blank, self.fenced);
        while let Some(found) = self.open[from..most].find("\n\n") {
            let at = from + found + 2;
            fenced ^= fences(&self.open[from..at]) % 2 == 1;
            if !fenced {
                return Some(at);
            }
            from = at;
        }
        if self.open.len() <= self.blank + MOST_BYTES {
            return None;
        }
        let open = &self.open[self.blank..most];
        let space = open.char_indices().rfind(|(_, letter)| letter.is_whitespace());
        Some(self.blank + space.map_or(open.len(), |(at, letter)| at + letter.len_utf8()))
    }
}

fn fences(text: &str) -> usize {
    text.lines().filter(|line| line.trim_start().starts_with("```")).count()
}

/// What is posted of a raw block.
pub fn text(block: &str) -> &str {
    block.trim_matches('\n').trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&str]) -> Vec<String> {
        let mut cutter = Cutter::default();
        let mut blocks: Vec<String> = pieces.iter().flat_map(|piece| cutter.feed(piece)).collect();
        blocks.extend(cutter.end());
        let whole = pieces.concat();
        assert!(whole.starts_with(&blocks.concat()), "raw pieces are the text again");
        blocks.iter().map(|block| text(block).to_owned()).collect()
    }

    #[test]
    fn paragraphs_become_blocks_however_they_arrive() {
        let text = "one\ntwo\n\nthree\n\n\nfour";
        assert_eq!(cut(&[text]), ["one\ntwo", "three", "four"]);
        let letters: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(
            cut(&letters.iter().map(String::as_str).collect::<Vec<_>>()),
            ["one\ntwo", "three", "four"]
        );
    }

    #[test]
    fn code_is_not_torn_apart() {
        assert_eq!(cut(&["a\n\n```\nx\n\ny\n```\n\nb"]), ["a", "```\nx\n\ny\n```", "b"]);
    }

    #[test]
    fn a_giant_paragraph_is_cut_at_white_space_and_nothing_is_lost() {
        let text = "word ".repeat(3000);
        let blocks = cut(&[&text]);
        assert!(blocks.len() > 2 && blocks.iter().all(|block| block.len() <= MOST_BYTES));
        assert_eq!(blocks.iter().map(|block| block.split_whitespace().count()).sum::<usize>(), 3000);
        assert_eq!(cut(&[&"ä".repeat(5000)]).concat(), "ä".repeat(5000));
        for space in ['\u{a0}', '\u{2003}', '\u{3000}'] {
            let text = format!("{}{space}{}", "x".repeat(2000), "y".repeat(3000));
            assert_eq!(cut(&[&text]), ["x".repeat(2000), "y".repeat(3000)]);
        }
    }

    #[test]
    fn a_hostile_text_costs_no_more_than_its_length() {
        let hostile = format!("```{}", "\n".repeat(256 << 10));
        assert!(cut(&[&hostile]).len() <= hostile.len() / 1000);
        assert!(cut(&[&"\n".repeat(256 << 10)]).is_empty());
        assert_eq!(cut(&["a\n", "\nb"]), ["a", "b"]);
    }

    #[test]
    fn cutting_goes_on_after_an_interruption_as_it_would_have_without() {
        let whole = "a\n\n```\nx\n\ny\n```\n\nb";
        let (said, rest) = whole.split_at(3);
        let mut cutter = Cutter::after(said);
        assert_eq!(cutter.feed(rest).len(), 1);
        assert_eq!(cutter.end().as_deref(), Some("b"));
        let mut inside = Cutter::after("```\nx\n\n");
        assert!(inside.feed("y\n\nz").is_empty());
    }

    #[test]
    fn nothing_but_space_is_no_block() {
        assert!(cut(&["\n\n", "  \n\n"]).is_empty());
    }
}
