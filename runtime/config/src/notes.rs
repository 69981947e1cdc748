//! What is noted of an account or a table while its values are fetched: what is to be set first, what is wrong, and
//! what only deserves a warning.
use crate::check::Env;
use crate::findings::Findings;
use crate::missing;
use crate::node::Said;
use crate::report::{Problem, Report};
use crate::secrets::{Fetched, SecretLine, Unfetched};
use crate::source::{Source, Span};
use ports::secret::Secret;

#[derive(Default)]
pub(crate) struct Notes {
    pub missing: Findings,
    pub problems: Findings,
    pub warnings: Findings,
}

impl Notes {
    /// `None` where it cannot be had; then that is noted.
    pub fn secret(&mut self, line: &SecretLine, source: &Source, env: Env<'_>) -> Option<Secret> {
        match line.value.fetch(&source.folder(), env) {
            Ok(Fetched { value, warning }) => {
                if let Some(warning) = warning {
                    self.warnings.add(&line.span, &line.path, warning, "take the rights away: chmod 600");
                }
                Some(value)
            }
            Err(unfetched) => {
                self.unfetched(line, unfetched);
                None
            }
        }
    }

    pub fn unfetched<T>(&mut self, line: &Said<T>, unfetched: Unfetched) {
        match unfetched {
            Unfetched::Missing(why) => self.missing.push(missing::value(line, &why)),
            Unfetched::Wrong(why) => self.problems.add(&line.span, &line.path, why, "name another"),
        }
    }

    /// From every report: two may show the same line.
    pub fn hide(&mut self, span: &Span) {
        for findings in [&mut self.missing, &mut self.problems, &mut self.warnings] {
            findings.hide(span);
        }
    }

    /// For what nothing can start without: what is missing is wrong too. With the warnings.
    pub fn settle<T>(self, value: T, source: &Source) -> Result<(T, Vec<Problem>), Report> {
        let Self { missing, mut problems, warnings } = self;
        problems.absorb(missing);
        match problems.is_empty() {
            true => Ok((value, warnings.finish(source))),
            false => Err(Report(problems.finish(source))),
        }
    }
}
