//! ADVERSARIAL 25: a canary secret is in no byte that the guest can read and in no byte that leaves for another place,
//! with a guest and a granted host that both want it out.
use crate::reach::{Lay, Siege, owned};
use crate::setup::Result;
use platforms::fort::{Answer, Echo, Fort, Kind, OnFrame, Record};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Characters that every encoding writes in its own way, around a core that most leave as it is.
const TOKEN: &str = "c4/+\"'<&>=T0kenCanaryC0re7 %~z9";
const CORE: &str = "T0kenCanaryC0re7";

/// Everything that a guest is told, and every place where it could be found later.
#[derive(Default)]
struct Leaks(Vec<(String, Vec<u8>)>);

impl Leaks {
    fn add(&mut self, what: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((what.into(), bytes.into()));
    }

    /// All files below the folder.
    fn add_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            match path.is_dir() {
                true => self.add_folder(&path)?,
                false => self.add(path.display().to_string(), fs::read(&path).unwrap_or_default()),
            }
        }
        Ok(())
    }

    fn check(&self) {
        for (what, bytes) in &self.0 {
            for form in forms() {
                let found = bytes.windows(form.len()).any(|window| window == form.as_bytes());
                assert!(
                    !found,
                    "{form} is in {what}: {}",
                    String::from_utf8_lossy(&bytes[..bytes.len().min(2000)])
                );
            }
        }
    }
}

/// The core in the encodings that are promised, by code of our own.
fn forms() -> Vec<String> {
    let hex: String = CORE.bytes().map(|byte| format!("{byte:02x}")).collect();
    let unicode: String = CORE.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let mut forms = vec![CORE.into(), hex.to_uppercase(), hex, unicode];
    for shift in 0..3 {
        forms.push(base64_inside(CORE, shift));
    }
    forms
}

/// What of the base64 is decided by the text alone when it begins `shift` bytes behind a multiple of three.
fn base64_inside(text: &str, shift: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = |bit: usize| text.as_bytes().get(bit / 8).map_or(0, |byte| byte >> (7 - bit % 8) & 1);
    let first = (6 - shift * 8 % 6) % 6;
    let chars = (text.len() * 8 - first) / 6;
    let char_at = |nth: usize| (0..6).fold(0, |value, bit| value << 1 | bits(first + nth * 6 + bit));
    (0..chars).map(|nth| char::from(ALPHABET[usize::from(char_at(nth))])).collect()
}

/// The spy's sockets say nothing else as text.
fn logins(record: &Record) -> usize {
    record.messages().iter().filter(|message| message.kind == Kind::Text).count()
}

async fn siege(urls: &[String]) -> anyhow::Result<Siege> {
    let secrets = owned(&[("token", TOKEN), ("stamp", "st4mp-of-the-operator")]);
    Siege::of(Lay { secrets, urls: urls.to_vec(), ..Lay::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_gives_it_back_in_every_spelling_gives_it_to_nobody() -> Result {
    let other = Fort::start(None, &[]).await?;
    let elsewhere = format!("http://{}", other.address());
    let siege = siege(&[format!("{elsewhere}/*")]).await?;
    let mut leaks = Leaks::default();
    let bearer = json!({ "secret": "token", "at": "header:authorization", "form": "bearer" });
    let basic = json!({ "secret": "token", "at": "header:authorization", "form": "basic" });
    let query = json!({ "secret": "token", "at": "query:key" });
    for echo in Echo::all(&elsewhere) {
        siege.fort.answer("/v1/", Answer::Echo(echo.clone()));
        for (fills, redirects) in
            [(json!([bearer, query]), 0), (json!([basic, query]), 0), (json!([bearer, query]), 5)]
        {
            let asked = json!({ "url": siege.url("/v1/x"), "fills": fills, "redirects": redirects });
            leaks.add(format!("{echo:?}"), siege.fetch(&asked).await?.to_string());
        }
        // Nobody asks: it may know the secret all the same.
        leaks.add(
            format!("{echo:?}, unasked"),
            siege.fetch(&json!({ "url": siege.url("/v1/x") })).await?.to_string(),
        );
        let body = json!({ "type": "auth", "auth": { "token": "" } }).to_string();
        let fills = json!([{ "secret": "token", "at": "json:/auth/token" }]);
        let asked = json!({ "method": "POST", "url": siege.url("/v1/login"), "body": body, "fills": fills, "redirects": 2 });
        leaks.add(format!("{echo:?}, JSON"), siege.fetch(&asked).await?.to_string());
    }
    let spellings = Echo::spellings();
    let kinds: [fn(Echo) -> OnFrame; 4] = [OnFrame::Text, OnFrame::Binary, OnFrame::Close, OnFrame::Ping];
    for (nth, kind) in spellings.iter().flat_map(|echo| kinds.map(|kind| kind(echo.clone()))).enumerate() {
        // A host that closes first may never hear the login.
        let at_once = if matches!(kind, OnFrame::Close(_)) { OnFrame::Nothing } else { kind.clone() };
        siege.fort.on_frame(kind);
        siege.fort.on_open(at_once);
        let before = siege.fort.record(logins);
        let first = json!({ "type": "auth", "auth": { "token": "" } }).to_string();
        let name = format!("s{}", nth % 8);
        let wish = json!({
            "name": name, "url": siege.socket("/v1/ws"), "fills": [bearer], "first": first,
            "first_fills": [{ "secret": "token", "at": "json:/auth/token" }],
        });
        assert_eq!(siege.runtime.call("spy", "spy_subscribe", &wish).await?, "ok");
        siege.fort.until("the login", |record| logins(record) > before).await;
        siege.runtime.call("spy", "spy_close", &json!({ "name": name })).await?;
    }
    for echo in spellings {
        siege.fort.on_open(OnFrame::Close(echo));
        let before = siege.heard().await?.len();
        let wish = json!({ "name": "s", "url": siege.socket("/v1/ws"), "fills": [bearer] });
        assert_eq!(siege.runtime.call("spy", "spy_subscribe", &wish).await?, "ok");
        siege.hears("more", |heard| heard.len() > before + 1).await?;
        siege.runtime.call("spy", "spy_close", &json!({ "name": "s" })).await?;
    }
    let heard = siege.heard().await?;
    assert!(heard.iter().any(|line| line.contains("said") && line.contains("[redacted]")), "{heard:?}");
    heard.into_iter().for_each(|line| leaks.add("what a socket said", line));

    let came = siege.fort.all_bytes();
    assert!(came.windows(CORE.len()).any(|window| window == CORE.as_bytes()), "and yet it was used");
    leaks.add("another granted host", other.all_bytes());
    siege.baits.iter().for_each(|bait| leaks.add("a bait", bait.all_bytes()));
    leaks.add("status", siege.runtime.status().await?.to_string());
    leaks.add_folder(&siege.runtime.home().state())?;
    for memory in crate::secrets::guest_memories(siege.runtime.pid()?)? {
        leaks.add("the guest's memory", memory);
    }
    leaks.add("the log", siege.runtime.stop().await?.log);
    leaks.check();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_puts_it_nowhere_but_where_it_was_granted() -> Result {
    let other = Fort::start(None, &[]).await?;
    let siege = siege(&[format!("http://{}/*", other.address())]).await?;
    siege.fort.answer("/v1/", Answer::Echo(Echo::Plain));
    let denied = |said: &Value| said["error"].as_str().is_some_and(|error| error.starts_with("Denied"));
    let at = |place: &str| json!([{ "secret": "token", "at": place }]);
    let body = json!({ "type": "auth", "text": "", "auth": { "token": "", "other": "" } }).to_string();
    for place in [
        "header:x-other",
        "header:cookie",
        "query:other",
        "query:Key",
        "json:/text",
        "json:/auth/other",
        "json:/auth",
        "json:",
    ] {
        let asked =
            json!({ "method": "POST", "url": siege.url("/v1/login"), "body": body, "fills": at(place) });
        let said = siege.fetch(&asked).await?;
        assert!(denied(&said), "{place}: {said}");
    }
    let say = json!({ "type": "say", "auth": { "token": "" } }).to_string();
    for (url, body, place) in [
        (siege.url("/v1/login"), say.as_str(), "json:/auth/token"),
        (siege.url("/v1/other"), body.as_str(), "json:/auth/token"),
        (format!("http://{}/v1/login", other.address()), body.as_str(), "json:/auth/token"),
        (format!("http://{}/v1/x", other.address()), body.as_str(), "header:authorization"),
        (format!("http://{}/v1/x", other.address()), body.as_str(), "query:key"),
    ] {
        let asked = json!({ "method": "POST", "url": url, "body": body, "fills": at(place) });
        let said = siege.fetch(&asked).await?;
        assert!(denied(&said), "{url} {place}: {said}");
    }
    // Names that might be read as another, and another's.
    for name in [
        "Token",
        "token ",
        "",
        "../token",
        "default/occum/default/agentToken",
        "agentToken",
        "TOKEN",
        "stamp",
    ] {
        let fills = json!([{ "secret": name, "at": "header:authorization" }]);
        let said = siege.fetch(&json!({ "url": siege.url("/v1/x"), "fills": fills })).await?;
        assert!(denied(&said), "{name:?}: {said}");
    }
    let wish = json!({ "name": "s", "url": siege.socket("/v1/ws") });
    assert_eq!(siege.runtime.call("spy", "spy_subscribe", &wish).await?, "ok");
    siege.fort.until("the socket", |record| record.requests().iter().any(|request| request.is_upgrade)).await;
    for (text, place) in
        [(say.as_str(), "json:/auth/token"), (&body, "json:/text"), (&body, "header:authorization")]
    {
        let sent = json!({ "name": "s", "text": text, "fills": at(place) });
        let said = siege.runtime.call("spy", "spy_send", &sent).await?;
        assert!(said["error"].is_string(), "{place}: {said}");
    }
    // Where it may be signed or authenticate, by no other key and by nobody else.
    for order in [
        json!({ "sign": ["other", ["$token"]] }),
        json!({ "sign": ["device", ["$stamp"]] }),
        json!({ "authenticate": ["token", ["x"]] }),
        json!({ "authenticate": ["stamp", ["$token"]] }),
    ] {
        siege
            .runtime
            .call("spy", "spy_crypto", &json!({ "ensure": ["other", "hmac-sha256", false] }))
            .await?;
        siege.runtime.call("spy", "spy_crypto", &json!({ "ensure": ["device", "ed25519", true] })).await?;
        let said = siege.runtime.call("spy", "spy_crypto", &order).await?;
        assert!(said["error"].is_string(), "{order}: {said}");
    }
    assert!(siege.fort.requests().iter().all(|request| request.is_upgrade), "nothing of it was sent");
    assert_eq!((siege.fort.messages().len(), other.connections()), (0, 0));
    siege.runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_misbehaves_makes_no_error_tell_it() -> Result {
    let siege = siege(&[]).await?;
    let mut leaks = Leaks::default();
    let answers = [
        Answer::Close,
        Answer::Silence,
        Answer::Raw(format!("{TOKEN}\r\n\r\n").into_bytes()),
        Answer::Raw(format!("HTTP/1.1 200 {TOKEN}\r\n{TOKEN}: x\r\n\r\n").into_bytes()),
        Answer::Raw(format!("HTTP/1.1 200 OK\r\ncontent-length: {TOKEN}\r\n\r\n").into_bytes()),
        Answer::Raw(format!("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{TOKEN}").into_bytes()),
        Answer::Raw(format!("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{TOKEN}").into_bytes()),
        Answer::Raw(format!("HTTP/1.1 302 x\r\nlocation: https://{TOKEN}/\r\n\r\n").into_bytes()),
    ];
    let fills = json!([{ "secret": "token", "at": "header:authorization" }, { "secret": "token", "at": "query:key" }]);
    for answer in answers {
        siege.fort.answer("/v1/", answer);
        let asked = json!({ "url": siege.url("/v1/x"), "fills": fills, "redirects": 3, "timeout_ms": 1000 });
        leaks.add("an answer", siege.fetch(&asked).await?.to_string());
        siege.fort.sockets_below("/v1/ws");
        let wish = json!({ "name": "s", "url": siege.socket("/v1/x"), "fills": [fills[0]] });
        siege.runtime.call("spy", "spy_subscribe", &wish).await?;
        let before = siege.heard().await?.len();
        siege.hears("more", |heard| heard.len() > before).await?;
        siege.runtime.call("spy", "spy_close", &json!({ "name": "s" })).await?;
    }
    siege.heard().await?.into_iter().for_each(|line| leaks.add("what a socket said", line));
    leaks.add("the log", siege.runtime.stop().await?.log);
    leaks.check();
    Ok(())
}
