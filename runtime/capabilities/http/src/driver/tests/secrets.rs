use super::far::in_memory;
use super::*;
use std::error::Error;
use std::fmt;
use std::sync::Mutex;
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

const ORIGIN: &str = "http://api.test";

/// A client with the canary granted at every place of `api.test`, and what its far end hears.
fn canary(
    answer: impl Fn(&str) -> String + Send + Sync + Clone + 'static,
) -> (Client, mpsc::UnboundedReceiver<String>) {
    let (heard, hears) = mpsc::unbounded_channel();
    let dial = in_memory(move |mut peer| {
        let (heard, answer) = (heard.clone(), answer.clone());
        async move {
            while let Some(request) = peer.request().await {
                peer.say(&answer(&request)).await;
                let _ = heard.send(request);
            }
        }
    });
    let places = [header("x-key"), At::Query("key".into()), At::Json("/auth/key".into())];
    let vault = vault(&places.map(|at| (ORIGIN, at)));
    (client_with(dial, &[ORIGIN], vault, Limits::default()), hears)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn filled(request: Request, at: At) -> Request {
    Request { fills: vec![fill(at)], ..request }
}

#[tokio::test]
async fn a_secret_is_filled_into_header_query_and_json() {
    let (client, mut hears) = canary(|_| ok(""));
    let mut request = filled(get("http://api.test/"), header("X-Key"));
    request.headers = vec![("x-key".into(), "guest's".into()), ("X-KEY".into(), "other".into())];
    client.fetch(request).await.unwrap();
    let heard = hears.recv().await.unwrap();
    assert_eq!(heard.matches("x-key: ").count(), 1, "it replaces what the guest wrote: {heard}");
    assert!(heard.contains("x-key: c4nary/\"value\r\n"));

    client.fetch(filled(get("http://api.test/a?b=c"), At::Query("key".into()))).await.unwrap();
    assert!(hears.recv().await.unwrap().starts_with("GET /a?b=c&key=c4nary%2F%22value HTTP/1.1\r\n"));

    let body = r#"{"auth":{"key":null},"n":18446744073709551615}"#;
    client.fetch(filled(post("http://api.test/", body), At::Json("/auth/key".into()))).await.unwrap();
    let heard = hears.recv().await.unwrap();
    assert!(heard.ends_with(r#"{"auth":{"key":"c4nary/\"value"},"n":18446744073709551615}"#), "{heard}");

    let mut request = filled(get("http://api.test/"), header("x-key"));
    request.fills[0].form = Form::Bearer;
    client.fetch(request).await.unwrap();
    assert!(hears.recv().await.unwrap().contains("x-key: Bearer c4nary/\"value\r\n"));
}

#[tokio::test]
async fn a_fill_at_a_place_that_is_not_granted_sends_nothing_at_all() {
    let far = Far::echo().await;
    let place = format!("GET {}/api/*", far.origin());
    let vault = vault(&[(&place, header("authorization")), (&place, At::Json("/key".into()))]);
    let client = client_with(Plain, &[&far.origin()], vault, Limits::default());
    let unknown = Fill { secret: "other".into(), ..fill(header("authorization")) };
    for request in [
        filled(get(&far.url("/api/x")), header("x-other")),
        filled(get(&far.url("/api/x")), At::Query("authorization".into())),
        filled(get(&far.url("/elsewhere")), header("authorization")),
        filled(post(&far.url("/api/x"), ""), header("authorization")),
        Request { fills: vec![unknown], ..get(&far.url("/api/x")) },
        Request {
            fills: vec![fill(header("authorization")), fill(header("x-b"))],
            ..get(&far.url("/api/x"))
        },
    ] {
        let error = client.fetch(request).await.unwrap_err();
        assert!(matches!(error, FetchError::Denied { sent: Sent::No, .. }), "{error:?}");
    }
    let with_body = |body: &str| Request { body: Some(body.into()), ..get(&far.url("/api/x")) };
    for (body, expected) in [
        ("not json", Invalid::NotJson { at: "JSON pointer /key".into() }),
        ("", Invalid::NotJson { at: "JSON pointer /key".into() }),
        (r#"{"other":1}"#, Invalid::NoSuchPointer { at: "JSON pointer /key".into() }),
        (r#"{"key":1,"key":2}"#, Invalid::DuplicateKey),
    ] {
        match client.fetch(filled(with_body(body), At::Json("/key".into()))).await {
            Err(FetchError::Invalid(invalid)) => assert_eq!(invalid, expected),
            other => panic!("{body}: {other:?}"),
        }
    }
    assert_eq!(far.accepted(), 0);
}

#[tokio::test]
async fn a_place_with_a_test_is_judged_by_the_body_as_the_guest_wrote_it() {
    let far = Far::echo().await;
    let when = vec![ports::json_test::JsonTest { pointer: "/to".into(), equals: "team".into() }];
    let places = vec![Place { url: far.origin().parse().unwrap(), at: header("x-key"), when }];
    let vault = Vault::new([("token".into(), entry(places))].into());
    let client = client_with(Plain, &[&far.origin()], vault, Limits::default());
    let request = |body| filled(post(&far.url("/"), body), header("x-key"));
    let body = r#"{ "to": "team", "n": 1.0 }"#;
    assert!(text(&client.fetch(request(body)).await.unwrap()).ends_with(body), "and goes out byte for byte");
    for bad in [r#"{"to":"world"}"#, "", r#"{"to":"world","to":"team"}"#] {
        assert_eq!(client.fetch(request(bad)).await.unwrap_err().sent(), Sent::No, "{bad}");
    }
    assert_eq!(far.accepted(), 1);
}

#[tokio::test]
async fn a_secret_that_comes_back_is_taken_out_of_body_headers_and_url() {
    let (client, _hears) = canary(|request| {
        let target = request.split(' ').nth(1).unwrap();
        match target.starts_with("/begin") {
            true => format!("HTTP/1.1 302 x\r\nlocation: /end?{target}\r\ncontent-length: 0\r\n\r\n"),
            false => format!(
                "HTTP/1.1 200 OK\r\nx-you-said: {target}\r\nx-value: {CANARY}\r\ncontent-length: {}\r\n\r\n{request}",
                request.len()
            ),
        }
    });
    let request = Request {
        redirects: 1,
        fills: vec![fill(header("x-key")), fill(At::Query("key".into()))],
        ..get("http://api.test/begin")
    };
    let answer = client.fetch(request).await.unwrap();
    let seen = format!("{} {:?} {}", answer.url, answer.headers, text(&answer));
    assert!(seen.contains("[redacted]") && !seen.contains("c4nary"), "{seen}");

    let mut request = filled(get("http://api.test/"), header("x-key"));
    request.fills[0].form = Form::Basic { user: "me".into() };
    let answer = client.fetch(request).await.unwrap();
    assert!(text(&answer).contains("x-key: Basic bWU6[redacted]==\r\n"), "{}", text(&answer));
    assert!(answer.headers.contains(&("x-value".into(), b"[redacted]".to_vec())), "{:?}", answer.headers);
}

#[tokio::test]
async fn a_secret_is_in_no_error_no_debug_output_and_no_log() {
    let log = Log::default();
    // With one subscriber alone, tracing asks that of whichever thread comes by first, another test's, and remembers.
    let _second = tracing::Dispatch::new(Log::default());
    let _guard = tracing::subscriber::set_default(log.clone());
    let mut seen = String::new();
    for answer in [
        "",
        "c4nary/\"value\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: c4nary/\"value\r\n\r\n",
        "HTTP/1.1 200 OK\r\nc4nary/\"value: c4nary/\"value\r\n\r\n",
        "HTTP/1.1 302 c4nary/\"value\r\nlocation: http://c4nary/\"value./\r\n\r\n",
        "HTTP/1.1 302 OK\r\nlocation: http://api.test/c4nary/\"value\r\n\r\n",
        "HTTP/1.1 302 OK\r\nlocation: c4nary/\"value:x\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\nc4nary/\"value",
        "HTTP/1.1 200 c4nary/\"value\r\nx: c4nary/\"value\r\ncontent-length: 13\r\n\r\nc4nary/\"value",
    ] {
        let places = [header("x-key"), At::Query("key".into()), At::Json("/key".into())];
        let vault = vault(&places.clone().map(|at| (ORIGIN, at)));
        let dial = in_memory(move |mut peer: Peer| async move {
            peer.request().await;
            peer.say(answer).await;
        });
        let client = client_with(dial, &[ORIGIN], vault, Limits::default());
        let fills = places.map(fill).into();
        let request = Request { fills, redirects: 2, ..post("http://api.test/", r#"{"key":""}"#) };
        match client.fetch(request).await {
            Ok(answer) => seen += &format!("{answer:?} {answer:?} {}\n", answer.url),
            Err(error) => {
                seen += &format!("{error} {error:?} {error:#?}");
                let mut cause = error.source();
                while let Some(error) = cause {
                    seen += &format!(" {error}");
                    cause = error.source();
                }
            }
        }
        seen.push('\n');
    }
    let newline = [(
        "token".to_owned(),
        Entry {
            value: Some(Secret::new("c4nary\r\nvalue".into())),
            places: vec![Place { url: ORIGIN.parse().unwrap(), at: header("x-key"), when: vec![] }],
            ..Entry::default()
        },
    )];
    let client = client_with(Plain, &[ORIGIN], Vault::new(newline.into()), Limits::default());
    let error = client.fetch(filled(get("http://api.test/"), header("x-key"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Invalid(Invalid::FilledHeader { .. })), "{error:?}");
    seen += &format!("{error} {error:?}");

    let logged = log.0.lock().unwrap().clone();
    assert!(seen.contains("Broken") && seen.contains("TooLarge"), "{seen}");
    assert!(
        logged.contains("origin=\"http://api.test\"") && logged.contains("blame=\"platform\""),
        "{logged}"
    );
    for text in [&seen, &logged] {
        assert!(!text.contains("c4nary"), "{text}");
        assert!(!text.contains("key="), "nor a query: {text}");
    }
}

/// Everything that is logged, by hyper too.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for &Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.lock().unwrap().push_str(&format!("{field}={value:?}\n"));
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut &*self);
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut &*self);
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut &*self);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
