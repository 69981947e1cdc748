//! Each way of echoing does what its name says. The spellings were made with Python's standard library.

use std::io::Read;

use platforms::fort::{Answer, Echo, Fort};
use serde_json::Value;

use crate::client::{get, post, raw};

/// Has what every spelling spells differently.
const VALUE: &str = r#"key/é+"<&'>~ %\?>"#;
const PERCENT: &str = "key%2F%C3%A9%2B%22%3C%26%27%3E~%20%25%5C%3F%3E";

async fn body(echo: Echo) -> anyhow::Result<String> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/", Answer::Echo(echo));
    Ok(String::from_utf8(post(&fort, "/", VALUE).await?.body().to_vec())?)
}

/// With the value in a header.
async fn head(echo: Echo) -> anyhow::Result<String> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/", Answer::Echo(echo));
    get(&fort, "/", &format!("X-Key: {VALUE}\r\n")).await
}

#[tokio::test]
async fn spellings_are_what_python_makes_of_it() -> anyhow::Result<()> {
    let unicode: String = VALUE.chars().map(|char| format!("\\u{:04x}", u32::from(char))).collect();
    let cases = [
        (Echo::Plain, VALUE),
        (Echo::JsonEscaped, r#"key/é+\"<&'>~ %\\?>"#),
        (Echo::JsonSlashes, r#"key\/\u00e9+\"<&'>~ %\\?>"#),
        (Echo::JsonUnicode, &unicode),
        (Echo::Percent, PERCENT),
        (Echo::PercentLower, "key%2f%c3%a9%2b%22%3c%26%27%3e~%20%25%5c%3f%3e"),
        (Echo::Form, "key%2F%C3%A9%2B%22%3C%26%27%3E%7E+%25%5C%3F%3E"),
        (Echo::Base64, "a2V5L8OpKyI8Jic+fiAlXD8+"),
        (Echo::Base64Url, "a2V5L8OpKyI8Jic-fiAlXD8-"),
        (Echo::Base64OfJson, "eyJwYWQiOiIiLCJ2YWx1ZSI6ImtleS/DqStcIjwmJz5+ICVcXD8+In0="),
        (Echo::Base64OfJson, "eyJwYWQiOiJ4IiwidmFsdWUiOiJrZXkvw6krXCI8Jic+fiAlXFw/PiJ9"),
        (Echo::Base64OfJson, "eyJwYWQiOiJ4eCIsInZhbHVlIjoia2V5L8OpK1wiPCYnPn4gJVxcPz4ifQ"),
        (Echo::HexLower, "6b65792fc3a92b223c26273e7e20255c3f3e"),
        (Echo::HexUpper, "6B65792FC3A92B223C26273E7E20255C3F3E"),
        (Echo::Html, r"key/é+&quot;&lt;&amp;&#39;&gt;~ %\?&gt;"),
    ];
    assert_eq!(Echo::spellings().len(), cases.len() - 2, "all are here, and one three times");
    for (echo, spelled) in cases {
        let body = body(echo.clone()).await?;
        assert!(body.contains(spelled), "{echo:?}: {body}");
        assert_eq!(body.contains(VALUE), echo == Echo::Plain, "{echo:?}: {body}");
    }
    Ok(())
}

#[tokio::test]
async fn json_is_json() -> anyhow::Result<()> {
    for echo in [Echo::JsonEscaped, Echo::JsonSlashes, Echo::JsonUnicode] {
        let body: Value = serde_json::from_str(&body(echo).await?)?;
        assert_eq!(body["body"], VALUE);
        assert_eq!(body["header-host"], "fort");
    }
    Ok(())
}

#[tokio::test]
async fn everything_comes_back_also_what_had_to_be_decoded() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/", Answer::Echo(Echo::Plain));
    let lines = "Authorization: Basic dTpwdw==\r\nX-Key: raw\r\n";
    let body = get(&fort, "/p%41?q=a%2Fb+c&r", lines).await?;
    let wanted = ["path=/p%41", "query=q=a%2Fb+c&r", "query-value=a/b c", "basic=u:pw", "header-X-Key=raw"];
    wanted.iter().for_each(|line| assert!(body.contains(&format!("{line}\n")), "{line}: {body}"));
    let json = post(&fort, "/", r#"{"a":["x\/y",{"b":"\u0041"}]}"#).await?;
    let json = str::from_utf8(json.body())?;
    assert!(json.contains("body-text=x/y\n") && json.contains("body-text=A\n"), "{json}");
    let form = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 7\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\na=b%2Bc";
    let form = raw(fort.address(), form).await?;
    assert!(form.ends_with(b"body=a=b%2Bc\nbody-value=b+c\n"));
    Ok(())
}

#[tokio::test]
async fn heads_can_carry_it() -> anyhow::Result<()> {
    let header = head(Echo::InHeader).await?;
    assert!(header.contains("X-Echo-0: /\r\n") && header.contains(&format!(": {VALUE}\r\n")), "{header}");
    let cookie = head(Echo::InSetCookie).await?;
    assert!(
        cookie.contains("\r\nSet-Cookie: echo-") && cookie.contains(&format!("={VALUE}\r\n")),
        "{cookie}"
    );
    let status = head(Echo::InStatusLine).await?;
    let line = status.lines().next().unwrap_or_default();
    assert!(line.starts_with("HTTP/1.1 200 ") && line.contains(VALUE), "{status}");
    Ok(())
}

#[tokio::test]
async fn a_head_never_has_what_would_break_it() -> anyhow::Result<()> {
    for echo in [Echo::InHeader, Echo::InSetCookie, Echo::InStatusLine, Echo::Trailers] {
        let fort = Fort::start(None, &[]).await?;
        fort.answer("/", Answer::Echo(echo.clone()));
        let answer = post(&fort, "/", "a\r\nInjected: b").await?;
        assert_eq!((answer.status().as_u16(), answer.headers().get("injected")), (200, None), "{echo:?}");
    }
    Ok(())
}

#[tokio::test]
async fn locations_can_carry_it() -> anyhow::Result<()> {
    let here = head(Echo::InLocation).await?;
    assert!(here.starts_with("HTTP/1.1 302 "), "{here}");
    let location = here.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_default();
    assert!(location.starts_with("/landed?path=%2F&"), "{location}");
    assert!(location.contains(&format!("header-X-Key={PERCENT}")), "{location}");
    let there = head(Echo::InForeignLocation("https://other.example".into())).await?;
    let location = there.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_default();
    let (path, query) = location.split_once('?').unwrap_or_default();
    assert!(path.starts_with("https://other.example/") && path.ends_with(&format!("/{PERCENT}")), "{path}");
    assert!(query.ends_with(&format!("={PERCENT}")), "{query}");
    Ok(())
}

#[tokio::test]
async fn gzip_hides_it_from_whoever_does_not_unpack() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/", Answer::Echo(Echo::Gzip));
    let answer = post(&fort, "/", VALUE).await?;
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert!(!answer.body().windows(VALUE.len()).any(|found| found == VALUE.as_bytes()));
    let mut plain = String::new();
    flate2::read::GzDecoder::new(&answer.body()[..]).read_to_string(&mut plain)?;
    assert!(plain.contains(VALUE), "{plain}");
    Ok(())
}

#[tokio::test]
async fn pieces_cut_it_and_make_it_whole_again() -> anyhow::Result<()> {
    for echo in [Echo::Chunked, Echo::SplitFrames] {
        assert!(body(echo.clone()).await?.contains(VALUE), "{echo:?}");
    }
    let chunked = head(Echo::Chunked).await?;
    assert!(chunked.contains("\r\nTransfer-Encoding: chunked\r\n") && !chunked.contains(VALUE), "{chunked}");
    Ok(())
}

#[tokio::test]
async fn trailers_are_trailers() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/", Answer::Echo(Echo::Trailers));
    let answer = post(&fort, "/", "in the trailer").await?;
    assert_eq!(&answer.body()[..], b"see below");
    assert!(
        answer
            .headers()
            .iter()
            .any(|(name, value)| { name.as_str().starts_with("x-echo-") && value == "in the trailer" })
    );
    Ok(())
}

#[tokio::test]
async fn ranges_give_what_was_asked_for() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/", Answer::Echo(Echo::Ranges));
    let plain = get(&fort, "/", "").await?;
    assert!(plain.starts_with("HTTP/1.1 200 ") && plain.contains("path=/\n"), "{plain}");
    let one = get(&fort, "/", "Range: bytes=0-2\r\n").await?;
    assert!(one.starts_with("HTTP/1.1 206 ") && one.contains("Content-Range: bytes 0-2/"), "{one}");
    assert!(one.ends_with("\r\n\r\npat"), "{one}");
    let several = get(&fort, "/", "Range: bytes=0-2, 3-6,-2\r\n").await?;
    assert!(several.contains("multipart/byteranges; boundary=fort-boundary-7d1f"), "{several}");
    assert!(several.contains("\r\n\r\npat\r\n--") && several.contains("\r\n\r\nh=/\n\r\n--"), "{several}");
    assert!(several.ends_with("\r\n--fort-boundary-7d1f--\r\n"), "{several}");
    let none = get(&fort, "/", "Range: bytes=9999-\r\n").await?;
    assert!(none.starts_with("HTTP/1.1 416 ") && none.contains("Content-Range: bytes */"), "{none}");
    Ok(())
}

#[tokio::test]
async fn there_is_no_echo_that_hyper_does_not_take() -> anyhow::Result<()> {
    for echo in Echo::all("https://other.example") {
        let fort = Fort::start(None, &[]).await?;
        fort.answer("/", Answer::Echo(echo.clone()));
        let status = post(&fort, "/", VALUE).await?.status().as_u16();
        assert!(matches!(status, 200 | 302), "{echo:?}: {status}");
    }
    Ok(())
}
