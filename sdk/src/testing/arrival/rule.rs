//! Whether a URL fits a rule of a descriptor: `[METHOD[,METHOD] ]scheme://host[:port][/path]`.

/// A rule without templates.
///
/// For the plain URLs of tests: what the real host reads out of dots and escapes before it judges is not read here, such
/// URLs fit no rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// None: any.
    methods: Vec<String>,
    origin: Origin,
    /// None: any.
    path: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    /// `*.` in front of it, in a rule only, stands for one label or more.
    host: String,
    port: u16,
}

impl Rule {
    /// # Errors
    /// What the grammar does not allow, so that a typing error is no rule that never fits.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let (methods, url) = match text.split_once(' ') {
            Some((methods, url)) => (methods.split(',').map(str::to_owned).collect(), url),
            None => (Vec::new(), text),
        };
        let upper = |method: &String| !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase());
        if !methods.iter().all(upper) {
            return Err("methods are upper case, with ',' between");
        }
        if url.contains(|c: char| c.is_whitespace() || "?#@{}\\%;".contains(c)) {
            return Err("a rule is a plain URL without query");
        }
        let (origin, path) = split(url).ok_or("write [METHOD[,METHOD] ]scheme://host[:port][/path]")?;
        if !methods.is_empty() && origin.scheme.starts_with("ws") {
            return Err("methods are for http and https");
        }
        let exact = origin.host.strip_prefix("*.").unwrap_or(&origin.host);
        if exact.contains('*') || exact.len() < origin.host.len() && !exact.contains('.') {
            return Err("a host is exact, or *. and at least two labels");
        }
        let (before, last) = path.rsplit_once('/').unwrap_or_default();
        if before.split('/').any(|segment| segment != "*" && segment.contains('*'))
            || last.strip_suffix('*').unwrap_or(last).contains('*')
            || !plain(path)
        {
            return Err("in a path, '*' is a whole segment or the end of the last one");
        }
        Ok(Self { methods, origin, path: (!path.is_empty()).then(|| path.to_owned()) })
    }

    /// `method` is none for a WebSocket.
    pub(super) fn fits(&self, method: Option<&str>, url: &str) -> bool {
        let Some((origin, behind)) = split(url) else { return false };
        let host = match self.origin.host.strip_prefix('*') {
            Some(suffix) => origin.host.len() > suffix.len() && origin.host.ends_with(suffix),
            None => origin.host == self.origin.host,
        };
        let methods = self.methods.is_empty() || self.methods.iter().any(|known| Some(&**known) == method);
        let path = behind.split(['?', '#']).next().unwrap_or_default();
        let path = if path.is_empty() { "/" } else { path };
        host && methods
            && (&origin.scheme, origin.port) == (&self.origin.scheme, self.origin.port)
            && plain(path)
            && self.path.as_ref().is_none_or(|rule| path_fits(rule, path))
    }
}

fn path_fits(rule: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let mut wanted = rule.split('/').peekable();
    while let Some(part) = wanted.next() {
        let Some(segment) = segments.next() else { return false };
        match part.strip_suffix('*') {
            Some(begin) if wanted.peek().is_none() => return segment.starts_with(begin),
            Some(_) if !segment.is_empty() => {}
            None if part == segment => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

/// The origin with its default port, and what is behind it.
fn split(url: &str) -> Option<(Origin, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default = match scheme.as_str() {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        _ => return None,
    };
    let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = match authority.rsplit_once(':') {
        // In brackets it is an IPv6 address without port.
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, default),
    };
    let host = host.to_ascii_lowercase();
    (!host.is_empty() && !host.contains('@')).then_some((Origin { scheme, host, port }, behind))
}

/// Without steps, and without a separator that is written otherwise.
fn plain(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    !["%2e", "%2f", "%5c", "\\"].iter().any(|odd| lower.contains(odd))
        && path.split('/').all(|segment| segment != "." && segment != "..")
}

#[cfg(test)]
mod tests;
