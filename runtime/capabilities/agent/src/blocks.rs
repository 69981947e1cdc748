//! Cuts a streamed text into blocks at the ends of paragraphs, for backends that have none.

/// A paragraph longer than this is cut at the last white space before it: platforms refuse longer messages.
const MOST_BYTES: usize = 4000;

#[derive(Debug, Default)]
pub struct Cutter {
    open: String,
    /// Inside a fenced code block: a blank line there ends nothing.
    fenced: bool,
}

impl Cutter {
    /// The blocks that this piece completed.
    pub fn feed(&mut self, piece: &str) -> Vec<String> {
        self.open.push_str(piece);
        let mut blocks = Vec::new();
        while let Some(at) = self.cut() {
            let rest = self.open.split_off(at);
            let block = std::mem::replace(&mut self.open, rest);
            blocks.extend(trimmed(&block));
            self.fenced ^= fences(&block) % 2 == 1;
        }
        blocks
    }

    /// What is left when the text is whole.
    pub fn end(self) -> Option<String> {
        trimmed(&self.open)
    }

    /// Where the first finished block ends.
    fn cut(&self) -> Option<usize> {
        // NB: never looks past what one block may have, so that a text of blank lines costs no more than its length.
        let most = self.open.floor_char_boundary(MOST_BYTES);
        let (mut from, mut fenced) = (0, self.fenced);
        while let Some(found) = self.open[from..most].find("\n\n") {
            let at = from + found + 2;
            fenced ^= fences(&self.open[from..at]) % 2 == 1;
            if !fenced {
                return Some(at);
            }
            from = at;
        }
        if self.open.len() <= MOST_BYTES {
            return None;
        }
        Some(self.open[..most].rfind(char::is_whitespace).map_or(most, |at| at + 1).max(1))
    }
}

fn fences(text: &str) -> usize {
    text.lines().filter(|line| line.trim_start().starts_with("```")).count()
}

fn trimmed(block: &str) -> Option<String> {
    let block = block.trim_matches('\n').trim_end();
    (!block.is_empty()).then(|| block.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&str]) -> Vec<String> {
        let mut cutter = Cutter::default();
        let mut blocks: Vec<String> = pieces.iter().flat_map(|piece| cutter.feed(piece)).collect();
        blocks.extend(cutter.end());
        blocks
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
    }

    #[test]
    fn a_hostile_text_costs_no_more_than_its_length() {
        let text = format!("```{}", "\n".repeat(256 << 10));
        assert!(cut(&[&text]).len() <= text.len() / 1000);
        assert_eq!(cut(&["a\n", "\nb"]), ["a", "b"]);
    }

    #[test]
    fn nothing_but_space_is_no_block() {
        assert!(cut(&["\n\n", "  \n\n"]).is_empty());
    }
}
