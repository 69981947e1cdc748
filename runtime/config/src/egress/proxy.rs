//! `proxy`: the only way out of some networks.
use crate::check::Env;
use crate::findings::Findings;
use crate::nearest;
use crate::node::{Node, Said};
use crate::notes::Notes;
use crate::secrets::SecretLine;
use crate::source::Source;
use ports::reach::{CheckedUrl, UrlError};
use ports::secret::Secret;

/// An HTTP proxy that connections are tunnelled through.
#[derive(Clone, Debug)]
pub struct ProxySettings {
    /// Where it is written, for errors: `runtime.toml:3:9: egress.proxy`.
    pub place: String,
    /// http or https, without path and query.
    pub url: CheckedUrl,
    /// User and password; the user has no `:`, neither has control characters.
    pub credentials: Option<(String, Secret)>,
    pub names: ProxyNames,
}

/// Where names are resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyNames {
    /// By us, so that addresses are judged here.
    #[default]
    Here,
    /// By the proxy, which must judge them: the only way where this machine resolves no outside name.
    There,
}

/// What an account says of the proxy.
#[derive(Clone, Debug, Default)]
pub enum ProxyChoice {
    /// Nothing: that of `[egress]`, where there is one.
    #[default]
    Inherited,
    /// `proxy = false`
    None,
    Own(ProxySettings),
}

#[derive(Clone, Debug)]
pub(crate) struct Written {
    at: Said<()>,
    url: CheckedUrl,
    credentials: Option<(String, SecretLine)>,
    /// `None`: the file does not say.
    names: Option<Said<ProxyNames>>,
}

const SHAPE: &str = "a table such as { url = \"http://proxy.example.com:3128\" }";
const URL: &str = "\"http://proxy.example.com:3128\"";
const USER: &str = "\"me\"";
const PASSWORD: &str = "{ env = \"PROXY_PASSWORD\" }";
const NAMES: [&str; 2] = ["here", "there"];

impl Written {
    pub fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Self> {
        if !node.value.is_table() {
            // A URL with a password in it is what other programs take.
            node.hide(findings);
        }
        let mut fields = node.table(findings, SHAPE)?;
        let url = fields.required("url", URL, node, findings);
        let url = url.and_then(|node| address(&node, findings));
        let (user, password) = (fields.take("user"), fields.take("password"));
        for (one, other, example) in [(&user, "password", PASSWORD), (&password, "user", USER)] {
            let alone = user.is_some() != password.is_some();
            if let Some(one) = one.as_ref().filter(|_| alone) {
                one.wrong(findings, format!("{other} is missing"), format!("write {other} = {example}"));
            }
        }
        let user = user.and_then(|node| name(&node, findings));
        let password = password.and_then(|node| SecretLine::read(PASSWORD, &node, findings));
        let names = fields.take("names").and_then(|node| names(&node, findings));
        fields.refuse_others(findings);
        Some(Self { at: node.said(()), url: url?, credentials: user.zip(password), names })
    }

    /// For a table with names of its own, which nobody asks for then.
    pub fn warn_of_hosts(&self, notes: &mut Notes) {
        if let Some(names) = self.names.as_ref().filter(|names| names.value == ProxyNames::There) {
            let what = "the names of egress.hosts are not asked for through this proxy, because it resolves names itself";
            notes.warnings.add(&names.span, &names.path, what, "remove one of both");
        }
    }

    pub fn fetch(&self, source: &Source, env: Env<'_>, notes: &mut Notes) -> Option<ProxySettings> {
        let credentials = match &self.credentials {
            None => None,
            Some((user, line)) => {
                let password = notes.secret(line, source, env)?;
                if password.expose().contains(char::is_control) {
                    let what = "the password has control characters";
                    notes.problems.add(&line.span, &line.path, what, "look for a line end in it");
                }
                Some((user.clone(), password))
            }
        };
        let place = source.place(&self.at);
        let names = self.names.as_ref().map(|names| names.value).unwrap_or_default();
        Some(ProxySettings { place, url: self.url.clone(), credentials, names })
    }
}

fn address(node: &Node<'_>, findings: &mut Findings) -> Option<CheckedUrl> {
    let text = node.text(findings, URL)?;
    let instead = || format!("write one such as {URL}");
    let (what, help) = match CheckedUrl::parse(text) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            ("the scheme is http or https".to_owned(), instead())
        }
        Ok(url) if url.path() == "/" && url.as_url().query().is_none() => return Some(url),
        Ok(_) | Err(UrlError::Fragment) => {
            ("a proxy's URL has no path, query or fragment".into(), "write the URL without".into())
        }
        Err(UrlError::Userinfo) => {
            let beside = format!("write user = {USER} and password = {PASSWORD} beside it");
            ("a user name or password does not belong in the URL".into(), beside)
        }
        Err(UrlError::Scheme(_)) if !text.contains('@') => ("the scheme is http or https".into(), instead()),
        // NB: not the error's text, which can quote a part.
        Err(_) => ("not the URL of a proxy".into(), instead()),
    };
    // All but scheme, host and port may be a password.
    node.hide(findings);
    node.wrong(findings, what, help);
    None
}

fn name(node: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let text = node.text(findings, USER)?;
    if text.is_empty() || text.contains(|c: char| c == ':' || c.is_control()) {
        // What follows a ':' would be the password.
        node.hide(findings);
        let help = format!("write the name alone, and password = {PASSWORD} beside it");
        node.wrong(
            findings,
            "a user name has one character at least, no ':' and no control characters",
            help,
        );
        return None;
    }
    Some(text.into())
}

fn names(node: &Node<'_>, findings: &mut Findings) -> Option<Said<ProxyNames>> {
    match node.text(findings, "\"here\" or \"there\"")? {
        "here" => Some(node.said(ProxyNames::Here)),
        "there" => Some(node.said(ProxyNames::There)),
        other => {
            let what = format!("names are resolved \"here\" or \"there\", not {other:?}");
            node.wrong(findings, what, nearest::hint(other, NAMES));
            None
        }
    }
}
