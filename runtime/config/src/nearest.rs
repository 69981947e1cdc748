//! What was meant by a word that is none of the known ones.

/// The word that was meant or, where nothing is near, the whole choice.
pub(crate) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(guess) = guess(word, known.iter().copied()) {
        return guess;
    }
    match known.as_slice() {
        [] => "remove it".into(),
        [only] => format!("write {only}"),
        _ => format!("write one of {}", known.join(", ")),
    }
}

/// `None` where nothing is near.
pub(crate) fn guess<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    nearest(word, &known).map(|near| format!("did you mean {near}?"))
}

/// A third of the letters may differ; more would be a guess.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    if word.len() > MAX_WORD_BYTES {
        return None;
    }
    let near = |candidate: &&&str| distance(word, candidate) <= (word.chars().count().max(3)) / 3;
    known.iter().filter(near).min_by_key(|candidate| distance(word, candidate)).copied()
}

/// Longest word that is compared: the cost grows with the square.
const MAX_WORD_BYTES: usize = 64;

/// Levenshtein's distance, upper and lower case being equal.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood_and_another_word_is_not() {
        let known = ["max_in_flight", "memory_mib", "occum"];
        assert_eq!(hint("max_inflight", known), "did you mean max_in_flight?");
        assert_eq!(hint("occumm", known), "did you mean occum?");
        assert_eq!(hint("Occum", known), "did you mean occum?");
        assert_eq!(hint("sockets", known), "write one of max_in_flight, memory_mib, occum");
        assert_eq!(hint("x", []), "remove it");
    }

    #[test]
    fn distances_are_levenshteins() {
        for (a, b, expected) in [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 2)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
