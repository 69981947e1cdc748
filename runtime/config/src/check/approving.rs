//! What the operator is to approve, and how.
use super::Checking;
use crate::account::Written;
use crate::example;
use crate::findings::Draft;
use crate::grants::Grants;
use crate::report::Problem;
use crate::request::Request;
use crate::toml_text;
use crate::wanted::Wanted;
use ports::identity::InstanceId;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is to be approved before the instance can start.
#[derive(Debug)]
pub struct Unapproved {
    pub id: InstanceId,
    pub request: Request,
    /// Lines that are new against what was approved before; all when nothing was.
    pub beyond: Vec<String>,
    /// Whether the [`Approvals`](crate::Approvals) have a request of this instance.
    pub approved_before: bool,
    /// Whether the file has `grants.approved`, with another digest. Then only the file can approve it: an approval at a
    /// terminal would change nothing.
    pub digest_in_file: bool,
    pub problem: Problem,
}

/// With the same options: another file or folder has other instances and other approvals.
const AT_A_TERMINAL: &str = "run `runtime approve <component>` at a terminal with the same --config and --state, or \
                             write what follows";
/// NB: an approval alone would change nothing while the line is there.
const IN_THE_FILE: &str = "write what follows, or remove that line and run `runtime approve <component>` at a \
                           terminal with the same --config and --state";

impl Unapproved {
    pub(super) fn new(
        id: &InstanceId,
        written: &Written,
        request: Request,
        before: Option<&Request>,
        problem: Problem,
    ) -> Self {
        let nothing = Request::default();
        let beyond = request.beyond(before.unwrap_or(&nothing)).into_iter().map(str::to_owned).collect();
        let digest_in_file = written.grants.as_ref().is_some_and(|grants| grants.approved.is_some());
        Self { id: id.clone(), request, beyond, approved_before: before.is_some(), digest_in_file, problem }
    }
}

impl Checking<'_> {
    /// All that it asks for, as long as it asks for exactly what the digest says or, where the file has none, for no
    /// more than was approved at a terminal. NB: who writes a digest pins the request, and must be able to take it back
    /// in the file alone.
    pub(super) fn is_approved(&self, grants: &Grants) -> bool {
        match &grants.approved {
            Some(digest) => digest.value == self.request.digest(),
            None => self.approved.is_some_and(|before| self.request.beyond(before).is_empty()),
        }
    }

    /// For an account that is not approved.
    pub(super) fn unapproved(&self, grants: &Grants, unspoken: &Wanted<'_>, config: &Value) -> Draft {
        let table = toml_text::path(&self.account.path, "grants");
        let header = match (&grants.approved, self.written.grants.is_some()) {
            (Some(_), _) => format!("# into [{table}], in place of the line that is there:"),
            (None, true) => format!("# into [{table}]:"),
            (None, false) => format!("[{table}]"),
        };
        let listed = self.compared();
        let lines = example::approval(&table, unspoken, config, &self.request.digest());
        let spoken = match unspoken.is_all() {
            true => "",
            false => " but what this file writes out",
        };
        let what = match (&grants.approved, self.approved) {
            (Some(_), _) => "approved is for another request than what the connector asks for".into(),
            (None, Some(_)) => "the connector asks for more than was approved".into(),
            (None, None) => format!("nothing of what the connector asks for is granted{spoken}"),
        };
        let help = match &grants.approved {
            Some(_) => IN_THE_FILE,
            None => AT_A_TERMINAL,
        };
        Draft {
            span: Some(self.written.span.clone()),
            path: self.account.path.clone(),
            what,
            help: help.into(),
            lines: format!("{listed}{header}\n{lines}"),
        }
    }

    /// Against what was approved before, as comments of the file.
    fn compared(&self) -> String {
        let nothing = Request::default();
        let before = self.approved.unwrap_or(&nothing);
        let (new, gone) = (self.request.beyond(before), before.beyond(self.request));
        let all: BTreeSet<&str> = self.request.lines().chain(gone.iter().copied()).collect();
        let line = |line: &str| {
            let mark = match (self.approved.is_some() && new.contains(&line), gone.contains(&line)) {
                (true, _) => '+',
                (_, true) => '-',
                _ => ' ',
            };
            format!("# {mark} {line}\n")
        };
        let head = match self.approved {
            None => "# It asks for:\n",
            Some(_) => "# It asks for (+ is new, - is gone):\n",
        };
        head.to_owned() + &all.into_iter().map(line).collect::<String>()
    }
}
