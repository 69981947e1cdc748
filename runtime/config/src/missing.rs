//! What has to be written or set before an account can start.
use crate::account::{Account, Written};
use crate::asked::Asked;
use crate::example;
use crate::findings::Draft;
use crate::node::Said;
use crate::request::Request;
use crate::toml_text;

pub(crate) fn account(account: &Account, asked: &Asked, request: &Request) -> Draft {
    Draft {
        span: None,
        path: account.path.clone(),
        what: "not configured".into(),
        help: "write".into(),
        lines: example::minimal(asked, request),
    }
}

pub(crate) fn secret(account: &Account, written: &Written, asked: &Asked, name: &str) -> Draft {
    Draft {
        span: Some(written.span.clone()),
        path: account.path.clone(),
        what: format!("secret {} is missing", toml_text::key(name)),
        help: "write into this table".into(),
        lines: example::secret_line(&asked.id, name),
    }
}

pub(crate) fn value<T>(line: &Said<T>, why: &str) -> Draft {
    let (span, path) = (Some(line.span.clone()), line.path.clone());
    Draft { span, path, what: why.into(), help: "provide it, or name another".into(), lines: String::new() }
}
