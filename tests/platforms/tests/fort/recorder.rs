//! What was sent is what is written down.

use platforms::fort::Fort;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{get, raw};

#[tokio::test]
async fn a_request_is_recorded_byte_for_byte() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let head = "PUT /a%2Fb//c?x=%20&y HTTP/1.1\r\nhOsT:fort\r\nX-One:  a  b \r\nx-one: \t\r\nX-High: \u{e9}\r\n\
                Connection: close\r\nContent-Length: 5\r\n\r\n";
    raw(fort.address(), format!("{head}bo\r\ny").as_bytes()).await?;
    let requests = fort.requests();
    let [request] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!(request.head, head.as_bytes());
    assert_eq!((request.method.as_str(), request.target.as_str()), ("PUT", "/a%2Fb//c?x=%20&y"));
    assert_eq!((request.path(), request.query()), ("/a%2Fb//c", Some("x=%20&y")));
    let headers: Vec<(&str, &str)> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        headers,
        [
            ("hOsT", "fort"),
            ("X-One", "a  b"),
            ("x-one", ""),
            ("X-High", "\u{e9}"),
            ("Connection", "close"),
            ("Content-Length", "5"),
        ]
    );
    assert_eq!(request.body, b"bo\r\ny");
    assert!(!request.is_upgrade && request.sni.is_none() && request.client_certificate.is_none());
    assert!(request.peer.ip().is_loopback());
    assert_eq!(
        fort.record(|record| record.connections()[0].bytes.clone()),
        [head, "bo\r\ny"].concat().as_bytes()
    );
    assert_eq!(fort.faults(), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let mut line = TcpStream::connect(fort.address()).await?;
    // Two at once, the second in chunks with an extension and a trailer, cut where a reader may stumble.
    line.write_all(b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiPOST /2 HTTP/1.1\r").await?;
    line.write_all(b"\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;q=1\r\nsec").await?;
    fort.until("the first", |record| record.requests().len() == 1).await;
    line.write_all(b"re\r\nA\r\nt-01234567\r\n0\r\nX-T: 1\r\n\r\n").await?;
    fort.until("the second", |record| record.requests().len() == 2).await;
    line.write_all(b"GET /3 HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").await?;
    let mut heard = String::new();
    line.read_to_string(&mut heard).await?;
    assert_eq!(heard.matches(r#"{"ok":true}"#).count(), 3);
    assert_eq!(fort.connections(), 1);
    let requests = fort.requests();
    let targets: Vec<&str> = requests.iter().map(|request| request.target.as_str()).collect();
    assert_eq!(targets, ["/1", "/2", "/3"]);
    assert_eq!(requests[1].body, b"secret-01234567");
    let all = fort.all_bytes();
    assert!(all.windows(15).any(|found| found == b"secret-01234567"), "chunks do not hide it");
    Ok(())
}

#[tokio::test]
async fn an_absolute_target_stays_absolute() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    get(&fort, "http://other.example/p?q=http://x/", "").await?;
    let requests = fort.requests();
    assert_eq!(requests[0].target, "http://other.example/p?q=http://x/");
    assert_eq!((requests[0].path(), requests[0].query()), ("/p", Some("q=http://x/")));
    Ok(())
}

#[tokio::test]
async fn what_is_not_http_is_refused_and_recorded() -> anyhow::Result<()> {
    let cases = [
        ("GET / HTTP/1.1\r\n\r\n", "no Host"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "more than one Host"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n", "control characters"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", "control characters"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n", "header name"),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded: a\r\n\r\n", "header name"),
        ("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "colon"),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "three words"),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", "version"),
        ("G/T / HTTP/1.1\r\nHost: a\r\n\r\n", "method or target"),
        ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", "odd Content-Length"),
        ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", "odd Content-Length"),
        (
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "and Content",
        ),
        ("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "unknown Transfer"),
        ("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", "chunk size"),
        ("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "chunk without"),
    ];
    for (bytes, fault) in cases {
        let fort = Fort::start(None, &[]).await?;
        let heard = raw(fort.address(), bytes.as_bytes()).await?;
        assert!(heard.starts_with(b"HTTP/1.1 400 "), "{bytes:?}");
        assert!(fort.faults()[0].contains(fault), "{bytes:?}: {:?}", fort.faults());
        assert!(fort.all_bytes().starts_with(bytes.as_bytes()), "{bytes:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_head_without_end_is_refused() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let mut line = TcpStream::connect(fort.address()).await?;
    line.write_all(format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(70_000)).as_bytes()).await?;
    fort.until("the refusal", |record| record.faults().iter().any(|fault| fault.contains("too large"))).await;
    Ok(())
}

#[tokio::test]
async fn who_leaves_in_the_middle_is_remembered() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let mut line = TcpStream::connect(fort.address()).await?;
    line.write_all(b"PUT /half HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf").await?;
    drop(line);
    fort.until("its end", |record| record.connections().iter().any(|one| !one.open)).await;
    assert_eq!(fort.faults(), ["connection 0: left in the middle of a request"]);
    assert!(fort.requests().is_empty());
    assert!(fort.all_bytes().ends_with(b"half\n"));
    Ok(())
}

#[tokio::test]
async fn another_loopback_address_is_another_host() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let other = Fort::start_at("127.0.0.2".parse()?, fort.port(), None, &[]).await?;
    get(&other, "/other", "").await?;
    assert_eq!((fort.connections(), other.connections()), (0, 1));
    assert_eq!(other.address().to_string(), format!("127.0.0.2:{}", fort.port()));
    let sixth = Fort::start_at("::1".parse()?, fort.port(), None, &[]).await?;
    get(&sixth, "/sixth", "").await?;
    assert_eq!((fort.connections(), sixth.connections()), (0, 1));
    Ok(())
}

#[tokio::test]
async fn the_last_handle_takes_the_host_with_it() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let mut line = TcpStream::connect(fort.address()).await?;
    let clone = fort.clone();
    drop(fort);
    clone.until("the connection", |record| record.connections().len() == 1).await;
    drop(clone);
    assert_eq!(line.read(&mut [0]).await.unwrap_or(0), 0);
    Ok(())
}
