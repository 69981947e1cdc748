//! What may be shown of a line that could not be read as TOML.
use super::{Source, Span};

/// Marks of strings over many lines.
const MARKS: [&str; 2] = ["\"\"\"", "'''"];

/// What is still open where a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Nothing,
    /// A list, or a key whose value has not begun.
    Value,
    Text,
}

impl Source {
    /// What to hide: every value, as nobody knows which is a secret. The marks between them stay, and so does a table's
    /// name, or a key where nothing else can stand.
    pub fn values_of_line(&self, at: usize) -> Vec<Span> {
        let line = self.line_of(at);
        let text = &self.text[line.clone()];
        let open = open(&self.text[..line.start]);
        let from = if open == Open::Nothing { shown(text) } else { 0 };
        let is_mark = |c: char| c.is_whitespace() || "[]{},=\"'#".contains(c);
        let mut hidden: Vec<Span> = Vec::new();
        for (i, c) in text[from..].char_indices().filter(|(_, c)| open == Open::Text || !is_mark(*c)) {
            let at = line.start + from + i;
            match hidden.last_mut() {
                Some(last) if last.end == at => last.end += c.len_utf8(),
                _ => hidden.push(at..at + c.len_utf8()),
            }
        }
        hidden
    }
}

/// How many bytes of a line, where nothing is open, are a table's name, or a key with the begin of a value behind it.
/// `c2VjcmV0=` alone is no key: it is a token whose end is padded.
fn shown(line: &str) -> usize {
    let begin = line.trim_start();
    let rest = match begin.strip_prefix("[[").or_else(|| begin.strip_prefix('[')) {
        // What stands in quotes can be anything.
        Some(name) if name.contains(['"', '\'']) => None,
        Some(name) => after_key(name).filter(|rest| rest.is_empty() || rest.starts_with([']', '#'])),
        None => after_key(begin).and_then(|rest| rest.strip_prefix('=')).filter(|value| {
            let first = value.trim_start().chars().next();
            first.is_some_and(|first| !"=,]}#".contains(first))
        }),
    };
    rest.map_or(0, |rest| line.len() - rest.len())
}

/// What follows a dotted key and blanks. An escape in quotes is not read: then what follows is no `=`.
fn after_key(mut text: &str) -> Option<&str> {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    loop {
        text = text.trim_start();
        text = match text.chars().next()? {
            quote @ ('"' | '\'') => text[1..].split_once(quote)?.1,
            first if is_bare(first) => text.trim_start_matches(is_bare),
            _ => return None,
        };
        text = text.trim_start();
        match text.strip_prefix('.') {
            Some(next) => text = next,
            None => return Some(text),
        }
    }
}

/// NB: where it is in doubt, more is open: then more is hidden.
fn open(before: &str) -> Open {
    let is_odd = |mark: &str| before.matches(mark).count() % 2 == 1;
    if MARKS.into_iter().any(is_odd) {
        // The parser may see broken text in another way than what follows does.
        return Open::Text;
    }
    let (mut depth, mut last, mut is_begin, mut rest) = (0_usize, '\n', true, before);
    while let Some(c) = rest.chars().next() {
        let is_header = c == '[' && is_begin && depth == 0 && last != '=';
        let next = match c {
            '"' | '\'' => match after_text(rest, c) {
                Some(next) => next,
                None => return Open::Text,
            },
            '#' => rest.trim_start_matches(|c| c != '\n'),
            '[' if is_header => rest.trim_start_matches(|c| c != '\n'),
            _ => &rest[c.len_utf8()..],
        };
        match c {
            '[' if !is_header => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_begin = c == '\n' || is_begin && c.is_whitespace();
        last = if c.is_whitespace() || c == '#' { last } else { c };
        rest = next;
    }
    if depth > 0 || last == '=' { Open::Value } else { Open::Nothing }
}

/// What follows a string. `None`: it does not end. One for a single line ends with it at the latest.
fn after_text(text: &str, quote: char) -> Option<&str> {
    let mark = MARKS.into_iter().find(|mark| text.starts_with(mark));
    let end = mark.unwrap_or(&text[..1]);
    let mut rest = &text[end.len()..];
    loop {
        if let Some(after) = rest.strip_prefix(end) {
            return Some(after);
        }
        let mut chars = rest.chars();
        match chars.next()? {
            '\n' if mark.is_none() => return Some(rest),
            '\\' if quote == '"' && !chars.as_str().starts_with('\n') => drop(chars.next()),
            _ => {}
        }
        rest = chars.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last line.
    fn said(text: &str) -> String {
        let source = Source::new("f", text);
        let last = text.trim_end_matches('\n').rfind('\n').map_or(0, |end| end + 1);
        let excerpt = source.excerpt(&(last..last + 1), &source.values_of_line(last));
        excerpt.lines().next().unwrap().split_once(" | ").unwrap().1.to_owned()
    }

    #[test]
    fn of_an_unreadable_line_only_keys_and_marks_are_shown() {
        for (text, expected) in [
            ("secrets.t = tok-en\n", "secrets.t = …"),
            ("secrets.t = \"tok en\n", "secrets.t = \"… …"),
            ("  \"a.b\" . 'c'\t.d={ x = \"y\" \"z\" }", "  \"a.b\" . 'c' .d={ … = \"…\" \"…\" }"),
            ("[connectors.x\n", "[connectors.x"),
            ("[[ connectors.x ]] # tok", "[[ connectors.x ]] # …"),
            ("a = [1, # x\n'''\n'''] \n[connectors.x", "[connectors.x"),
            ("[x.\"]\"]\nkey = tok", "key = …"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_key_or_a_table_is_hidden() {
        for line in [
            "tok=",
            "tok==",
            "tok= ,",
            "tok= , \"x\"",
            "tok= # mine",
            "tok=]",
            "tok==\"x\"",
            "a tok=x",
            "a.=x tok",
            "tok+x=1",
            "\"tok\" x",
            "\"to\\\"k\" = x",
            "[tok, x]",
            "[tok x]",
            "[\"tok\"]",
        ] {
            assert!(!said(line).contains("to"), "{line}: {}", said(line));
        }
    }

    #[test]
    fn where_a_value_or_a_string_is_open_nothing_is_a_key_or_a_table() {
        for before in [
            "a =\n",
            "a = # \"\n\n # b\n",
            "a = [\n",
            "a = [ # ]\n \"]\", ']', [1],\n[2],\n",
            "a = [ \"]\\\"]\",\n",
            "a = \"\"\"\n",
            "a = '''\n\\'''\nb = '''\n",
            "a = \"\"\"\\\"\"\"\"\nb = \"\"\"\n\"\"\n",
            "a = \"x\nb = [\n",
            "a = \"x\\\nb = [\n",
        ] {
            for line in ["tok = \"x\"", "[tok]", "[tok"] {
                let said = said(&format!("{before}{line}"));
                assert!(!said.contains("tok"), "{before}{line}: {said}");
            }
        }
    }
}
