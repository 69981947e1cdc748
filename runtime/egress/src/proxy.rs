//! The operator's proxy, where connections may not leave the network by themselves.
use crate::tunnel::{self, Refused, Tunnel};
use crate::{Dialer, connect, tls};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ports::dial::Stream;
use ports::reach::CheckedUrl;
use ports::secret::Secret;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

/// An HTTP forward proxy, asked with CONNECT for every connection, plain ones and WebSockets too: what passes through
/// it is bytes, and TLS is between us and the far end. Its own address is the operator's word and is not judged.
#[derive(Debug)]
pub struct Proxy {
    url: CheckedUrl,
    authorization: Option<Secret>,
    names: Names,
}

/// Who finds the addresses of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// We: every address is judged, and the proxy is asked for a judged address. It never learns the name of a plain
    /// connection's host before the request, and it cannot be tricked into resolving it anew.
    #[default]
    Here,
    /// The proxy, which is asked for the name, for networks without a name service of their own. NB: **the addresses
    /// behind names are then the proxy's to judge**: whatever closed range it can reach, a connector with a grant for
    /// a name that points there reaches too. Hosts that are addresses are still judged here; pins are not asked.
    There,
}

#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    #[error("the scheme {0:?} of the proxy is neither http nor https")]
    Scheme(String),
    #[error("a proxy has no path and no query")]
    Path,
    #[error("no certificate can carry the proxy's name {0:?}")]
    Name(String),
    #[error("a proxy's user name cannot contain ':' or control characters")]
    User,
    #[error("a proxy's password cannot contain control characters")]
    Password,
}

impl Proxy {
    /// An `https` proxy must show a certificate that the dialer's own roots vouch for. `credentials`: user name and
    /// password, sent as Basic (RFC 7617), in the clear to an `http` proxy.
    ///
    /// # Errors
    /// [`ProxyError`], naming what to change.
    pub fn new(
        url: &CheckedUrl,
        credentials: Option<(String, Secret)>,
        names: Names,
    ) -> Result<Self, ProxyError> {
        if url.is_websocket() {
            return Err(ProxyError::Scheme(url.scheme().into()));
        }
        if url.path() != "/" || url.as_url().query().is_some() {
            return Err(ProxyError::Path);
        }
        if url.is_secure() && tls::server_name(url).is_err() {
            return Err(ProxyError::Name(url.host().to_string()));
        }
        let authorization = credentials.map(|(user, password)| basic(&user, &password)).transpose()?;
        Ok(Self { url: url.clone(), authorization, names })
    }

    pub(crate) fn names(&self) -> Names {
        self.names
    }

    /// Host and port.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.url.host(), self.url.port())
    }

    /// A tunnel to the first of `targets` (`host:port`) that the proxy reaches. The next is asked for where the failure
    /// may be the address's: the proxy has perhaps no IPv6.
    pub(crate) async fn open(&self, dialer: &Dialer, targets: &[String]) -> Result<Tunnel, Refused> {
        first(targets, |target| self.ask(dialer, target)).await
    }

    async fn ask(&self, dialer: &Dialer, target: &str) -> Result<Tunnel, Refused> {
        let stream = self.connect(dialer).await?;
        tunnel::open(stream, target, self.authorization.as_ref()).await
    }

    async fn connect(&self, dialer: &Dialer) -> Result<Stream, Refused> {
        let addresses = dialer.addresses(&self.url).await.map_err(Refused::NoAddress)?;
        let plain = connect::connect(&addresses, self.url.port()).await.map_err(Refused::Away)?;
        if !self.url.is_secure() {
            return Ok(Box::new(plain));
        }
        let name = tls::server_name(&self.url).map_err(Refused::Tls)?;
        let secure = TlsConnector::from(dialer.tls.clone()).connect(name, plain).await;
        Ok(Box::new(secure.map_err(Refused::Tls)?))
    }
}

async fn first<'a, T, F>(targets: &'a [String], ask: impl Fn(&'a str) -> F) -> Result<T, Refused>
where
    F: Future<Output = Result<T, Refused>>,
{
    let mut tried = Err(Refused::Nothing);
    for (at, target) in targets.iter().enumerate() {
        tried = match at + 1 == targets.len() {
            true => ask(target).await,
            false => timeout(connect::PER_ADDRESS, ask(target)).await.unwrap_or(Err(Refused::Silent)),
        };
        if !matches!(tried, Err(Refused::Silent | Refused::Status(502..=504))) {
            break;
        }
    }
    tried
}

fn basic(user: &str, password: &Secret) -> Result<Secret, ProxyError> {
    if user.contains(|c: char| c == ':' || c.is_control()) {
        return Err(ProxyError::User);
    }
    if password.expose().contains(char::is_control) {
        return Err(ProxyError::Password);
    }
    let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
    Ok(Secret::new(format!("Basic {}", BASE64_STANDARD.encode(&*pair))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::time::Instant;

    fn made(url: &str, user: &str, password: &str) -> Result<Proxy, ProxyError> {
        let credentials = Some((user.to_owned(), Secret::new(password.to_owned())));
        Proxy::new(&CheckedUrl::parse(url).unwrap(), credentials, Names::default())
    }

    #[test]
    fn what_cannot_work_is_said_at_once() {
        for (url, user, password, text) in [
            ("wss://proxy.test", "u", "p", "the scheme \"wss\" of the proxy is neither http nor https"),
            ("http://proxy.test/x", "u", "p", "a proxy has no path and no query"),
            ("http://proxy.test/?x", "u", "p", "a proxy has no path and no query"),
            ("https://-proxy.test", "u", "p", "no certificate can carry the proxy's name \"-proxy.test\""),
            ("http://proxy.test", "u:v", "p", "a proxy's user name cannot contain ':' or control characters"),
            ("http://proxy.test", "u\n", "p", "a proxy's user name cannot contain ':' or control characters"),
            (
                "http://proxy.test",
                "u",
                "s3cret\r\nX: y",
                "a proxy's password cannot contain control characters",
            ),
        ] {
            assert_eq!(made(url, user, password).unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn credentials_are_basic_and_not_shown() {
        let proxy = made("http://proxy.test:3128", "Aladdin", "open:sesame").unwrap();
        // RFC 7617, section 2: a colon in the password is no matter.
        let expected = "Basic QWxhZGRpbjpvcGVuOnNlc2FtZQ==";
        assert_eq!(proxy.authorization.as_ref().unwrap().expose(), expected);
        let shown = format!("{proxy:?}");
        assert!(!shown.contains("QWxh") && !shown.contains("sesame"), "{shown}");
        assert_eq!(proxy.address(), "proxy.test:3128");
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_address_is_asked_for_where_the_failure_may_be_the_addresss() {
        let targets = ["silent", "502", "403", "reached"].map(str::to_owned);
        let ask = |target: &str| {
            let target = target.to_owned();
            async move {
                match (target.as_str(), target.parse()) {
                    ("silent", _) => pending().await,
                    (_, Ok(status)) => Err(Refused::Status(status)),
                    _ => Ok(target),
                }
            }
        };
        let begin = Instant::now();
        assert_eq!(first(&targets[..3], ask).await.unwrap_err().to_string(), "it answered 403");
        assert_eq!(begin.elapsed(), connect::PER_ADDRESS);
        assert_eq!(first(&[&targets[..2], &targets[3..]].concat(), ask).await.unwrap(), "reached");
        assert_eq!(first(&targets[2..], ask).await.unwrap_err().to_string(), "it answered 403");
        assert_eq!(first(&targets[1..2], ask).await.unwrap_err().to_string(), "it answered 502");
    }
}
