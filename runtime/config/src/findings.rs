//! Collects what is wrong while the file is walked, so that all of it is reported at once.
use crate::report::Problem;
use crate::source::{Source, Span};

/// Problems reported of one file; past it one line counts the rest.
const MOST_PROBLEMS: usize = 50;

#[derive(Default)]
pub(crate) struct Findings {
    drafts: Vec<Draft>,
    hidden: Vec<Span>,
    lasting: Vec<Span>,
}

/// A problem before its line is rendered: what is to be hidden is known only at the end.
#[derive(PartialEq)]
pub(crate) struct Draft {
    pub span: Option<Span>,
    pub path: String,
    pub what: String,
    pub help: String,
    /// Lines to paste.
    pub lines: String,
}

impl Findings {
    pub fn add(&mut self, span: &Span, path: &str, what: impl Into<String>, help: impl Into<String>) {
        let (path, what, help) = (path.into(), what.into(), help.into());
        self.push(Draft { span: Some(span.clone()), path, what, help, lines: String::new() });
    }

    /// The connector is at fault, not the file.
    pub fn blame(&mut self, connector: &str, what: impl Into<String>) {
        let path = format!("connector {connector}");
        let help = "the file cannot mend this: tell the connector's author".into();
        self.push(Draft { span: None, path, what: what.into(), help, lines: String::new() });
    }

    /// Twice the same is said once.
    pub fn push(&mut self, draft: Draft) {
        if !self.drafts.contains(&draft) {
            self.drafts.push(draft);
        }
    }

    /// This part of the file may be a secret: no report shows it.
    pub fn hide(&mut self, span: &Span) {
        self.hidden.push(span.clone());
    }

    /// And none that comes later, about whatever else is on its line.
    pub fn hide_for_good(&mut self, span: &Span) {
        self.hide(span);
        self.lasting.push(span.clone());
    }

    /// What was hidden for good.
    pub fn lasting(self) -> Vec<Span> {
        self.lasting
    }

    pub fn absorb(&mut self, other: Self) {
        other.drafts.into_iter().for_each(|draft| self.push(draft));
        self.hidden.extend(other.hidden);
        self.lasting.extend(other.lasting);
    }

    pub fn len(&self) -> usize {
        self.drafts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.drafts.is_empty()
    }

    /// One that is not among them, hiding what they hide.
    pub fn render(&self, draft: &Draft, source: &Source) -> Problem {
        Problem::render(draft, source, &self.hidden)
    }

    /// In the order of the file.
    pub fn finish(mut self, source: &Source) -> Vec<Problem> {
        self.drafts.sort_by_key(|draft| draft.span.as_ref().map_or(usize::MAX, |span| span.start));
        let left = self.drafts.len().saturating_sub(MOST_PROBLEMS);
        let shown = self.drafts.iter().take(MOST_PROBLEMS);
        let mut problems: Vec<_> = shown.map(|draft| Problem::render(draft, source, &self.hidden)).collect();
        if left > 0 {
            let (what, help) = (format!("{left} more problems"), "mend these first".into());
            let draft = Draft { span: None, path: String::new(), what, help, lines: String::new() };
            problems.push(Problem::render(&draft, source, &[]));
        }
        problems
    }
}
