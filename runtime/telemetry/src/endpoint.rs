//! Metrics and health over HTTP, for this machine only. Whoever reaches the port may read; so it is bounded against
//! anyone: connections, heads, time and pages at once.
use crate::gate::{self, Page};
use crate::metrics::Source;
use crate::page::{self, MOST};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

/// Of the head of a request; the least that hyper can have.
const HEAD_BYTES: usize = 8 << 10;

/// A browser sends some twenty.
const HEADERS: usize = 64;

/// Pages of metrics in memory: one is made while another is sent.
const PAGES: usize = 2;

/// Of health, each small. Apart, so that who reads the metrics slowly holds up nobody's health.
const SMALL_PAGES: usize = 4;

/// Longest detail of the health.
const DETAIL_BYTES: usize = 16 << 10;

#[derive(Clone, Copy)]
struct Limits {
    connections: usize,
    /// For the head of a request.
    head: Duration,
    /// For all of a connection: one request and its answer.
    whole: Duration,
}

const LIMITS: Limits =
    Limits { connections: 32, head: Duration::from_secs(3), whole: Duration::from_secs(10) };

/// Listens as long as it lives.
pub struct Endpoint {
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// Serves `/metrics` and `/healthz`. Port 0 takes one that is free.
///
/// # Errors
/// `InvalidInput`: not an address of this machine's loopback. Else those of listening.
pub async fn listen(address: SocketAddr, source: Arc<dyn Source>) -> Result<Endpoint> {
    listen_within(address, source, LIMITS).await
}

async fn listen_within(address: SocketAddr, source: Arc<dyn Source>, limits: Limits) -> Result<Endpoint> {
    if !address.ip().is_loopback() {
        let why = format!("{address} can be reached from elsewhere; take 127.0.0.1 or [::1]");
        return Err(Error::new(ErrorKind::InvalidInput, why));
    }
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let desk =
        Desk { source, pages: Arc::new(Semaphore::new(PAGES)), small: Arc::new(Semaphore::new(SMALL_PAGES)) };
    Ok(Endpoint { address, task: tokio::spawn(serve(listener, desk, limits)) })
}

impl Endpoint {
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Dropped, it takes all connections with it.
async fn serve(listener: TcpListener, desk: Desk, limits: Limits) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut talks = JoinSet::new();
    let mut failing = false;
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        while talks.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                failing = false;
                let desk = desk.clone();
                talks.spawn(async move {
                    let _place = place;
                    if timeout(limits.whole, talk(stream, desk, limits.head)).await.is_err() {
                        debug!("a client of the metrics was too slow and is cut off");
                    }
                });
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    warn!(%error, "the metrics cannot be asked for");
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// One request. Its body is never read.
async fn talk(stream: TcpStream, desk: Desk, head: Duration) {
    let service = service_fn(|request| desk.answer(request));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head);
    http.max_buf_size(HEAD_BYTES).max_headers(HEADERS).keep_alive(false);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        debug!(%error, "a client of the metrics went away");
    }
}

#[derive(Clone)]
struct Desk {
    source: Arc<dyn Source>,
    pages: Arc<Semaphore>,
    small: Arc<Semaphore>,
}

impl Desk {
    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
        let mut response = match gate::page(request.method(), request.uri(), request.headers()) {
            Ok(page) => self.made(page).await,
            Err(status) => plain(status),
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Ok(response)
    }

    /// The page holds its place until it is sent, or the client is cut off.
    async fn made(&self, page: Page) -> Response<Full<Bytes>> {
        let places = if page == Page::Metrics { &self.pages } else { &self.small };
        let Ok(place) = places.clone().acquire_owned().await else {
            return plain(StatusCode::SERVICE_UNAVAILABLE);
        };
        let source = self.source.clone();
        let making = spawn_blocking(move || match page {
            Page::Metrics => metrics(&*source, place),
            Page::Health => health(&*source),
        });
        // A panic is said where panics are.
        making.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

fn metrics(source: &dyn Source, place: OwnedSemaphorePermit) -> Response<Full<Bytes>> {
    struct Sheet(String, #[expect(dead_code, reason = "held")] OwnedSemaphorePermit);
    impl AsRef<[u8]> for Sheet {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }
    let page = page::page(&source.families(), MOST);
    response(StatusCode::OK, page::CONTENT_TYPE, Bytes::from_owner(Sheet(page, place)))
}

fn health(source: &dyn Source) -> Response<Full<Bytes>> {
    let health = source.health();
    let status = if health.ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let written = |detail: Value| json!({ "ok": health.ok, "detail": detail }).to_string();
    let text = Some(written(health.detail)).filter(|text| text.len() <= DETAIL_BYTES);
    let text = text.unwrap_or_else(|| written("too long".into()));
    response(status, "application/json", text.into())
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let text = format!("{status}\n");
    let mut response = response(status, "text/plain; charset=utf-8", text.into());
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
    }
    response
}

fn response(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Family, Health, Kind, Row};
    use crate::page::tests::{read, sample};
    use std::future::pending;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[derive(Default)]
    struct Known {
        ill: AtomicBool,
        many: bool,
    }

    impl Source for Known {
        fn families(&self) -> Vec<Family> {
            if !self.many {
                return sample();
            }
            let row = |number: u32| Row { labels: vec![("n", format!("{number:0>120}"))], value: 1.0 };
            vec![Family { name: "many", help: "", kind: Kind::Gauge, rows: (0..50_000).map(row).collect() }]
        }
        fn health(&self) -> Health {
            Health { ok: !self.ill.load(Relaxed), detail: json!({ "instances": 3 }) }
        }
    }

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(300);
    const PATIENT: Limits = Limits { connections: 32, head: LONG, whole: LONG };
    const HERE: &str = "127.0.0.1:0";
    const METRICS: &str = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

    async fn open(source: Known, limits: Limits) -> Endpoint {
        listen_within(HERE.parse().unwrap(), Arc::new(source), limits).await.unwrap()
    }

    async fn connect(endpoint: &Endpoint) -> TcpStream {
        TcpStream::connect(endpoint.address()).await.unwrap()
    }

    /// What comes until the other side closes.
    async fn rest(mut stream: TcpStream) -> String {
        let mut all = Vec::new();
        // An end by reset is an end.
        let _ = timeout(LONG / 2, stream.read_to_end(&mut all)).await.expect("cut off or answered in time");
        String::from_utf8(all).unwrap()
    }

    async fn ask(endpoint: &Endpoint, request: &str) -> String {
        let mut stream = connect(endpoint).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        rest(stream).await
    }

    fn status(answer: &str) -> u16 {
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    #[tokio::test]
    async fn metrics_and_health_are_told() {
        let source = Arc::new(Known::default());
        let endpoint = listen(HERE.parse().unwrap(), source.clone()).await.unwrap();
        let answer = ask(&endpoint, METRICS).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let head = head.to_lowercase();
        assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
        assert!(head.contains("\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{head}");
        assert!(!head.contains("access-control"), "{head}");
        assert_eq!(read(body)["runtime_events_total"].1.len(), 2);

        for (ill, wanted) in [(false, 200), (true, 503)] {
            source.ill.store(ill, Relaxed);
            let answer = ask(&endpoint, "GET /healthz HTTP/1.1\r\nHost: [::1]:7\r\n\r\n").await;
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert_eq!((status(head), body.contains("\"instances\":3")), (wanted, true), "{answer}");
            assert!(head.to_lowercase().contains("content-type: application/json"));
        }
    }

    #[tokio::test]
    async fn what_is_not_for_here_is_refused() {
        let endpoint = open(Known::default(), PATIENT).await;
        for (request, wanted) in [
            ("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
            ("GET http://evil.example/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 403),
            ("GET /metrics HTTP/1.1\r\n\r\n", 403),
            ("GET /metrics HTTP/1.0\r\n\r\n", 403),
            ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
            ("GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
            ("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405),
            ("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
            // Hyper knows it for HTTP/2 and hangs up.
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0),
            ("nonsense\r\n\r\n", 400),
        ] {
            let answer = ask(&endpoint, request).await;
            assert_eq!(status(&answer), wanted, "{request:?}: {answer}");
            assert!(!answer.contains("runtime_"), "{answer}");
        }
        let long =
            format!("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(HEAD_BYTES));
        let many = format!("GET /metrics HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: x\r\n".repeat(HEADERS));
        let path = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(HEAD_BYTES));
        for request in [long, many, path] {
            let answer = ask(&endpoint, &request).await;
            assert!([431, 414].contains(&status(&answer)), "{answer}");
        }
    }

    #[tokio::test]
    async fn an_address_that_others_can_reach_is_refused() {
        for address in ["0.0.0.0:0", "[::]:0", "10.0.0.1:0", "[::ffff:127.0.0.1]:0"] {
            let error = listen(address.parse().unwrap(), Arc::new(Known::default())).await.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{address}");
        }
    }

    #[tokio::test]
    async fn a_body_is_not_waited_for() {
        let endpoint = open(Known::default(), PATIENT).await;
        let head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n";
        assert_eq!(status(&ask(&endpoint, head).await), 200);
        let head = "POST /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(status(&ask(&endpoint, head).await), 405);
    }

    #[tokio::test]
    async fn a_slow_head_is_cut_off() {
        let endpoint = open(Known::default(), Limits { head: SHORT, ..PATIENT }).await;
        let mut stream = connect(&endpoint).await;
        let (mut reading, mut writing) = stream.split();
        let dripping = async {
            while writing.write_all(b"G").await.is_ok() {
                sleep(SHORT / 10).await;
            }
            pending::<()>().await;
        };
        let mut end = Vec::new();
        tokio::select! {
            () = dripping => {}
            ended = timeout(LONG / 2, reading.read_to_end(&mut end)) => drop(ended.expect("cut off")),
        }
        // Who says nothing at all, too.
        rest(connect(&endpoint).await).await;
    }

    #[tokio::test]
    async fn who_does_not_read_is_cut_off_and_holds_up_no_health() {
        let endpoint =
            open(Known { many: true, ..Known::default() }, Limits { whole: 10 * SHORT, ..PATIENT }).await;
        let mut lazy = Vec::new();
        for _ in 0..3 {
            let mut stream = connect(&endpoint).await;
            stream.write_all(METRICS.as_bytes()).await.unwrap();
            lazy.push(stream);
        }
        let health = ask(&endpoint, HEALTH).await;
        assert_eq!(status(&health), 200);
        // One who reads gets his when they are gone.
        let began = Instant::now();
        while !ask(&endpoint, METRICS).await.contains("rows_dropped 0") {
            assert!(began.elapsed() < LONG / 2);
        }
        for stream in lazy {
            let got = rest(stream).await;
            assert!(!got.contains("rows_dropped"), "the page went out whole");
        }
    }

    #[tokio::test]
    async fn so_many_are_heard_at_once_and_the_next_when_one_is_gone() {
        let endpoint = open(Known::default(), Limits { connections: 2, ..PATIENT }).await;
        let mut silent = vec![connect(&endpoint).await, connect(&endpoint).await];
        let asking = async { ask(&endpoint, HEALTH).await };
        tokio::pin!(asking);
        assert!(timeout(SHORT, &mut asking).await.is_err());
        silent.pop();
        assert_eq!(status(&asking.await), 200);
    }

    #[tokio::test]
    async fn a_source_that_panics_is_an_answer() {
        struct Broken;
        impl Source for Broken {
            fn families(&self) -> Vec<Family> {
                panic!("families")
            }
            fn health(&self) -> Health {
                Health { ok: true, detail: "x".repeat(1 << 20).into() }
            }
        }
        let endpoint = listen(HERE.parse().unwrap(), Arc::new(Broken)).await.unwrap();
        for _ in 0..3 {
            let answer = ask(&endpoint, METRICS).await;
            assert_eq!(status(&answer), 500);
        }
        let answer = ask(&endpoint, HEALTH).await;
        assert!(answer.ends_with("{\"detail\":\"too long\",\"ok\":true}"), "{answer}");
    }

    #[tokio::test]
    async fn it_ends_with_its_endpoint() {
        let endpoint = open(Known::default(), PATIENT).await;
        let address = endpoint.address();
        let silent = connect(&endpoint).await;
        drop(endpoint);
        assert_eq!(rest(silent).await, "");
        let began = Instant::now();
        while TcpStream::connect(address).await.is_ok() {
            assert!(began.elapsed() < LONG / 2);
            tokio::task::yield_now().await;
        }
    }
}
