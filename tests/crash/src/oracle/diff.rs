//! Two lists of texts side by side, by their longest common subsequence.
use std::fmt;

/// Characters of a text that are shown.
const SHOWN: usize = 60;

pub(super) struct Diff<'a>(Vec<(Mark, &'a str)>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Both,
    Missing,
    Extra,
}

impl<'a> Diff<'a> {
    pub(super) fn of(wanted: &'a [String], found: &'a [String]) -> Self {
        let common = common(wanted, found);
        let (mut at, mut lines) = ((0, 0), Vec::new());
        while at.0 < wanted.len() || at.1 < found.len() {
            let (down, right) = (at.0 < wanted.len(), at.1 < found.len());
            if down && right && wanted[at.0] == found[at.1] {
                lines.push((Mark::Both, wanted[at.0].as_str()));
                at = (at.0 + 1, at.1 + 1);
            } else if down && (!right || common[at.0 + 1][at.1] >= common[at.0][at.1 + 1]) {
                lines.push((Mark::Missing, wanted[at.0].as_str()));
                at.0 += 1;
            } else {
                lines.push((Mark::Extra, found[at.1].as_str()));
                at.1 += 1;
            }
        }
        Self(lines)
    }

    pub(super) fn summary(&self) -> String {
        let count = |wanted| self.0.iter().filter(|(mark, _)| *mark == wanted).count();
        format!("{} missing, {} too many or out of place", count(Mark::Missing), count(Mark::Extra))
    }
}

/// How much the lists have in common from each pair of places on.
fn common(wanted: &[String], found: &[String]) -> Vec<Vec<u32>> {
    let mut common = vec![vec![0; found.len() + 1]; wanted.len() + 1];
    for down in (0..wanted.len()).rev() {
        for right in (0..found.len()).rev() {
            common[down][right] = if wanted[down] == found[right] {
                common[down + 1][right + 1] + 1
            } else {
                common[down + 1][right].max(common[down][right + 1])
            };
        }
    }
    common
}

impl fmt::Display for Diff<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (mark, text)) in self.0.iter().enumerate() {
            let sign = match mark {
                Mark::Both => ' ',
                Mark::Missing => '-',
                Mark::Extra => '+',
            };
            let shown: String = text.chars().take(SHOWN).collect();
            let end = if number + 1 < self.0.len() { "\n" } else { "" };
            write!(f, "    {sign} {shown:?}{end}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_and_a_gap_are_shown_where_they_are() {
        let texts = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let (wanted, found) = (texts("abcd"), texts("abbd"));
        let diff = Diff::of(&wanted, &found);
        assert_eq!(diff.summary(), "1 missing, 1 too many or out of place");
        assert_eq!(diff.to_string().matches(['-', '+']).count(), 2);
        assert_eq!(Diff::of(&wanted, &wanted).summary(), "0 missing, 0 too many or out of place");
    }
}
