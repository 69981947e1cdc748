//! A connector that may reach `https://api.example.test/v1/*` and tries everything to reach something else
//! (ADVERSARIAL 19 to 24), over HTTP and WebSocket alike. The fort behind the granted name counts what comes; so do baits.
use crate::setup::{self, Component, Result};
use platforms::fort::{Answer, Ca, Fort};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};
use workbench::Runtime;

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(60);

pub const NAME: &str = "api.example.test";

/// The granted host, what must never be reached, and the spy.
pub struct Siege {
    pub fort: Fort,
    pub baits: Vec<Fort>,
    pub runtime: Runtime,
}

/// What a siege is laid with, besides what all have.
#[derive(Default)]
pub struct Lay {
    /// Names, and values that come from the environment.
    pub secrets: Vec<(String, String)>,
    /// Lines of the account's table.
    pub account: String,
    /// Lines of `[egress]`.
    pub egress: String,
    /// Granted too, but no place of a secret.
    pub urls: Vec<String>,
    /// Names that lead to this machine.
    pub names: Vec<String>,
    /// Beside the configuration.
    pub files: Vec<(String, String)>,
    /// At the end of the configuration.
    pub tables: String,
}

pub fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

impl Siege {
    /// The spy, with these secrets' values, may ask what it asks for of the fort.
    pub async fn lay(secrets: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::of(Lay { secrets: owned(secrets), ..Lay::default() }).await
    }

    pub async fn of(lay: Lay) -> anyhow::Result<Self> {
        let Lay { secrets, account, egress, urls, names, files, tables } = lay;
        let ca = Ca::new();
        let fort = Fort::start(Some(&ca), &[NAME]).await?;
        let port = fort.port();
        let mut baits = vec![Fort::start(None, &[]).await?];
        // The same port at other addresses of this machine: whoever confuses names or addresses ends up here.
        for address in
            [IpAddr::from([127, 0, 0, 2]), IpAddr::from([127, 1, 1, 1]), Ipv6Addr::LOCALHOST.into()]
        {
            baits.extend(Fort::start_at(address, port, None, &[]).await.ok());
        }
        let evil = ["evil.test", "evilapi.example.test", "example.test", "b.api.example.test"];
        let pins: Vec<String> = evil
            .iter()
            .map(|name| format!("\"{name}\" = [\"127.0.0.2\"]"))
            .chain(names.iter().map(|name| format!("\"{name}\" = [\"127.0.0.1\"]")))
            .collect();
        let lines: Vec<String> = secrets
            .iter()
            .map(|(name, _)| format!("secrets.{name} = {{ env = \"{}\" }}\n", name.to_uppercase()))
            .collect();
        let own = [format!("https://{NAME}:{port}/v1/*"), format!("wss://{NAME}:{port}/v1/*")];
        let granted = match urls.as_slice() {
            [] => String::new(),
            urls => format!("urls = {:?}, ", own.iter().chain(urls).collect::<Vec<_>>()),
        };
        let config = format!(
            "[egress]\nroots = [\"ca.pem\"]\n{egress}hosts = {{ \"{NAME}\" = [\"127.0.0.1\"], {} }}\n\n\
             [connectors.spy.accounts.default]\nconfig = {{ api = \"https://{NAME}:{port}\" }}\n{}{account}\
             grants = {{ {granted}private = [\"127.0.0.1/32\"] }}\n{tables}",
            pins.join(", "),
            lines.concat()
        );
        let mut script = setup::script(&[Component::Spy], config).await?;
        script.files.push(("ca.pem".into(), ca.pem()));
        script.files.extend(files);
        script.environment.extend(secrets.iter().map(|(name, value)| (name.to_uppercase(), value.clone())));
        // What an environment says of proxies and roots is not read.
        let bait = format!("http://{}", baits[0].address());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            script.environment.push((name.into(), bait.clone()));
        }
        Ok(Self { fort, baits, runtime: Runtime::ready(script).await? })
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{NAME}:{}{path}", self.fort.port())
    }

    pub fn socket(&self, path: &str) -> String {
        format!("wss://{NAME}:{}{path}", self.fort.port())
    }

    pub async fn fetch(&self, asked: &Value) -> anyhow::Result<Value> {
        self.runtime.call("spy", "spy_fetch", asked).await
    }

    pub async fn heard(&self) -> anyhow::Result<Vec<String>> {
        Ok(serde_json::from_value(self.runtime.call("spy", "spy_heard", &json!({})).await?)?)
    }

    /// Waits until its sockets have told something like this.
    pub async fn hears(&self, what: &str, tells: impl Fn(&[String]) -> bool) -> Result {
        let begun = Instant::now();
        loop {
            let heard = self.heard().await?;
            if tells(&heard) {
                return Ok(());
            }
            anyhow::ensure!(
                begun.elapsed() < PATIENCE,
                "it never heard {what}: {heard:#?}\n{}",
                self.runtime.log()
            );
        }
    }

    /// Has the fort say this on the open socket.
    pub async fn push(&self, text: &str) -> Result {
        let begun = Instant::now();
        while self.fort.push(text) == 0 {
            anyhow::ensure!(begun.elapsed() < PATIENCE, "no socket is open");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Whatever came to the granted host was asked of its granted part; nobody else heard anything.
    pub fn check(&self) {
        for bait in &self.baits {
            assert_eq!(bait.connections(), 0, "{} was reached", bait.address());
        }
        let host = format!("{NAME}:{}", self.fort.port());
        for request in self.fort.requests() {
            assert_eq!(request.sni.as_deref(), Some(NAME));
            assert!(request.target.starts_with("/v1/"), "{}", request.target);
            let hosts: Vec<&str> = named(&request.headers, "host");
            assert_eq!(hosts, [host.as_str()], "{:?}", request.headers);
        }
        // A socket that is closed while it is opened is no disorder.
        let faults: Vec<String> =
            self.fort.faults().into_iter().filter(|fault| !fault.contains("reset by peer")).collect();
        assert_eq!(faults, [""; 0], "every byte was in order");
    }
}

fn named<'a>(headers: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let named = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_str()).collect()
}

/// URLs that lead elsewhere, or would for whoever reads them in another way. `https` stands for `wss` too.
fn tricks(port: u16, bait: u16) -> Vec<String> {
    let own = format!("{NAME}:{port}");
    let mut urls: Vec<String> = Vec::new();
    // 19: addresses, in every way to write them.
    for host in [
        "127.0.0.1",
        "127.0.0.2",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.2]",
        "[::ffff:7f00:2]",
        "[::127.0.0.2]",
        "[64:ff9b::127.0.0.2]",
        "[2002:7f00:2::1]",
        "[fe80::1%25lo]",
        "[fe80::1%lo]",
        "[::1%1]",
        "[fd00:ec2::254]",
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "localhost",
        "LOCALHOST.",
        "localhost.localdomain",
        "ip6-localhost",
        "metadata.google.internal",
    ] {
        urls.push(format!("https://{host}:{port}/v1/x"));
        urls.push(format!("https://{host}:{bait}/v1/x"));
        urls.push(format!("https://{host}/v1/x"));
    }
    // 20: names.
    for host in [
        "api.example.test.",
        "evilapi.example.test",
        "example.test",
        "b.api.example.test",
        "api.example.test.evil.test",
        "127.0.0.2.nip.io",
        "api.example.test@evil.test",
        "evil.test#@api.example.test",
        "evil.test\\@api.example.test",
        "api%2eexample.test@evil.test",
        "evil.test%23.api.example.test",
        "xn--pi-7ka.example.test",
        "аpi.example.test",
        "api.exаmple.test",
        "api\u{3002}example.test.evil.test",
        "evil.test%00.api.example.test",
        "api.example.test%00",
        "api.example.test\u{0}",
        "api .example.test",
        "api.example.test:443@evil.test",
        "-",
        "*",
        "*.example.test",
        "",
    ] {
        urls.push(format!("https://{host}:{port}/v1/x"));
    }
    urls.extend(
        ["https:///v1/x", "https:/evil.test/v1/x", "//evil.test/v1/x", "/v1/x", "", "x"].map(str::to_owned),
    );
    // Ports, schemes, users.
    for url in [
        format!("https://{NAME}/v1/x"),
        format!("https://{NAME}:{bait}/v1/x"),
        format!("https://{NAME}:0/v1/x"),
        format!("https://{NAME}:65536/v1/x"),
        format!("https://{NAME}:{port}{port}/v1/x"),
        format!("http://{own}/v1/x"),
        format!("ws://{own}/v1/x"),
        format!("ftp://{own}/v1/x"),
        format!("file://{own}/v1/x"),
        "file:///etc/passwd".into(),
        format!("data:text/plain,{own}/v1/x"),
        format!("javascript:{own}/v1/x"),
        format!("unix:/{own}/v1/x"),
        format!("https://user@{own}/v1/x"),
        format!("https://user:pass@{own}/v1/x"),
        format!("https://@evil.test:{port}/v1/x"),
    ] {
        urls.push(url);
    }
    // Paths that leave the granted part, for us or for a server that decodes, cleans or cuts.
    for path in [
        "/",
        "/v2/x",
        "/v1",
        "/v1x",
        "/V1/x",
        "//v1/x",
        "/./v1/../v2",
        "/v1/../v2/x",
        "/v1/%2e%2e/v2/x",
        "/v1/.%2e/v2/x",
        "/v1/%2E%2E/%2E%2E/x",
        "/v1/..%2fv2",
        "/v1/..%5cv2",
        "/v1/..\\v2",
        "/v1\\..\\v2",
        "/v1/%252e%252e/v2",
        "/v1/%25252e%25252e/v2",
        "/v1/..;/v2/x",
        "/v1/..;a=b/v2",
        "/v1/x/../../v2",
        "/%76%31/x",
        "/v1%2fx",
        "/v1%00/x",
        "/v1/%00/../../v2",
        "/v1/.%00./v2",
        "/v1/..%00/v2",
        "/v1/..%0d%0a/v2",
        "/v1/\u{ff0e}\u{ff0e}/v2",
        "?/v1/x",
        "/v2?/v1/x",
        "/v2#/v1/x",
        "/v1/..?x",
        "/v1/..#x",
        "/v1/%23/../../v2",
    ] {
        urls.push(format!("https://{own}{path}"));
    }
    urls
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_what_is_granted_is_reached_by_any_url() -> Result {
    let siege = Siege::lay(&[]).await?;
    let (port, bait) = (siege.fort.port(), siege.baits[0].port());
    let fine = siege.fetch(&json!({ "url": siege.url("/v1/x?a=b") })).await?;
    assert_eq!(fine["status"], 200, "what is granted is reached: {fine}");
    let fine = json!({ "name": "fine", "url": siege.socket("/v1/ws") });
    assert_eq!(siege.runtime.call("spy", "spy_subscribe", &fine).await?, "ok");
    siege.fort.until("the socket", |record| record.requests().len() == 2).await;
    let before = siege.fort.connections();
    for url in tricks(port, bait) {
        let said = siege.fetch(&json!({ "url": url, "redirects": 5, "timeout_ms": 3000 })).await?;
        assert!(said["error"].is_string(), "{url}: {said}");
        let url = url.replacen("http", "ws", 1);
        let wish = json!({ "name": "trick", "url": url });
        let said = siege.runtime.call("spy", "spy_subscribe", &wish).await?;
        assert!(said["error"].is_string(), "{url}: {said}");
    }
    siege.check();
    assert_eq!(siege.fort.connections(), before, "not even a connection");
    siege.runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_leads_nowhere_else() -> Result {
    let siege = Siege::lay(&[("token", "c4nary-t0ken-value")]).await?;
    let (port, bait) = (siege.fort.port(), siege.baits[0].port());
    let mut places = tricks(port, bait);
    // Only these mean something else as a location: they are relative, or lose what is behind the '#'.
    places.retain(|place| place.contains("://") && !place.contains(['#', '\0']));
    let fill = json!([{ "secret": "token", "at": "header:authorization", "form": "bearer" }]);
    for place in places {
        for status in [301, 307] {
            let (status, location) = (status, place.clone());
            siege.fort.answer("/v1/go", Answer::Redirect { status, location });
            let asked = json!({ "method": "POST", "url": siege.url("/v1/go"), "redirects": 5, "fills": fill, "body": "{}" });
            let said = siege.fetch(&asked).await?;
            assert!(said["error"].is_string(), "{place}: {said}");
        }
    }
    siege.fort.answer("/v1/go", Answer::Redirect { status: 302, location: "/v1/go".into() });
    let said = siege.fetch(&json!({ "url": siege.url("/v1/go"), "redirects": 5 })).await?;
    assert_eq!(said["status"], 302, "round and round ends: {said}");
    let location = siege.url("/v1/there");
    siege.fort.answer("/v1/go", Answer::Redirect { status: 302, location });
    let said = siege.fetch(&json!({ "url": siege.url("/v1/go"), "redirects": 1 })).await?;
    assert_eq!(said["url"], siege.url("/v1/there"), "{said}");
    // A WebSocket follows none.
    siege.fort.sockets_below("/v1/ws");
    let wish = json!({ "name": "s", "url": siege.socket("/v1/go") });
    assert_eq!(siege.runtime.call("spy", "spy_subscribe", &wish).await?, "ok");
    siege
        .fort
        .until("the upgrade", |record| record.requests().iter().any(|request| request.is_upgrade))
        .await;
    siege.check();
    siege.runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_writes_no_request_but_its_own() -> Result {
    let siege = Siege::lay(&[]).await?;
    let ask = async |change: Value| -> anyhow::Result<Value> {
        let mut asked = json!({ "url": siege.url("/v1/x") });
        asked.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap_or_default());
        siege.fetch(&asked).await
    };
    let smuggled = "x\r\nHost: evil.test\r\n\r\nGET /v2/x HTTP/1.1\r\nHost: evil.test";
    for headers in [
        json!([["Host", "evil.test"]]),
        json!([["host", "evil.test"]]),
        json!([["Connection", "close"]]),
        json!([["Transfer-Encoding", "chunked"]]),
        json!([["Content-Length", "3"]]),
        json!([["Upgrade", "h2c"]]),
        json!([["TE", "trailers"]]),
        json!([["Trailer", "x"]]),
        json!([["Keep-Alive", "1"]]),
        json!([["Expect", "100-continue"]]),
        json!([["Proxy-Authorization", "x"]]),
        json!([["Proxy-Connection", "x"]]),
        json!([["Accept-Encoding", "gzip"]]),
        json!([["x", smuggled]]),
        json!([[smuggled, "x"]]),
        json!([["x", "a\u{0}b"]]),
        json!([["x\u{0}", "a"]]),
        json!([["", "a"]]),
        json!([["x y", "a"]]),
        json!([["x:", "a"]]),
    ] {
        let said = ask(json!({ "headers": headers })).await?;
        assert!(
            said["error"].as_str().is_some_and(|error| error.starts_with("Invalid")),
            "{headers}: {said}"
        );
        let wish = json!({ "name": "s", "url": siege.socket("/v1/ws"), "headers": headers });
        let said = siege.runtime.call("spy", "spy_subscribe", &wish).await?;
        // An answer that is not read is not compressed either.
        if !headers.to_string().contains("gzip") {
            assert!(said["error"].is_string(), "{headers}: {said}");
        }
        siege.runtime.call("spy", "spy_close", &json!({ "name": "s" })).await?;
    }
    for method in ["CONNECT", "TRACE", "get", "GET /v2/x HTTP/1.1\r\nx:", "", "G\u{0}T"] {
        let said = ask(json!({ "method": method })).await?;
        assert!(
            said["error"].as_str().is_some_and(|error| error.starts_with("Invalid")),
            "{method:?}: {said}"
        );
    }
    for subprotocol in ["a\r\nHost: evil.test", "a b", "", "a,b", "a\u{0}"] {
        let wish = json!({ "name": "s", "url": siege.socket("/v1/ws"), "subprotocols": [subprotocol] });
        let said = siege.runtime.call("spy", "spy_subscribe", &wish).await?;
        assert!(said["error"].is_string(), "{subprotocol:?}: {said}");
    }
    for url in [siege.url("/v1/\r\nx: y"), siege.url("/v1/ x HTTP/1.1"), format!(" {}", siege.url("/v1/x"))] {
        assert!(ask(json!({ "url": url })).await?["error"].is_string(), "{url:?}");
    }
    siege.check();
    siege.runtime.stop().await?;
    Ok(())
}
