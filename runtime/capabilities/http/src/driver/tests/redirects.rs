use super::*;
use tokio::net::TcpListener;

/// Answers every request with this redirect.
async fn redirecting(status: u16, location: String) -> Far {
    Far::start(move |mut peer| {
        let location = location.clone();
        async move {
            while peer.request().await.is_some() {
                peer.redirect(status, &location).await;
            }
        }
    })
    .await
}

fn following(redirects: u8, request: Request) -> Request {
    Request { redirects, ..request }
}

fn is_denied_after_sending(said: &Result<Response, FetchError>) -> bool {
    matches!(said, Err(FetchError::Denied { sent: Sent::Maybe, .. }))
}

#[tokio::test]
async fn a_redirect_is_followed_and_the_final_url_told() {
    let end = Far::echo().await;
    let begin = redirecting(302, end.url("/end?x=1#part")).await;
    let client = client(Plain, &[&begin.origin(), &end.origin()]);
    let request = Request {
        headers: ["Authorization", "Cookie", "Accept"].map(|n| (n.into(), "v".into())).into(),
        ..get(&begin.url("/"))
    };
    let answer = client.fetch(following(1, request)).await.unwrap();
    assert_eq!((answer.status, answer.url.as_str()), (200, end.url("/end?x=1").as_str()));
    assert!(text(&answer).contains("accept: v"));
    assert!(!text(&answer).contains("authorization") && !text(&answer).contains("cookie"));
}

#[tokio::test]
async fn the_redirect_after_the_last_one_is_the_answer() {
    let far = redirecting(302, "/again".into()).await;
    let client = client(Plain, &[&far.origin()]);
    for redirects in [0, 5] {
        let answer = client.fetch(following(redirects, get(&far.url("/")))).await.unwrap();
        assert_eq!(answer.status, 302);
        assert!(answer.headers.contains(&("location".into(), b"/again".to_vec())));
    }
}

#[tokio::test]
async fn a_redirect_to_where_there_is_no_grant_is_denied_and_not_dialled() {
    let other = Far::echo().await;
    let begin = redirecting(302, other.url("/")).await;
    let path = redirecting(303, "/private".into()).await;
    let rules = [begin.origin(), format!("{}/public", path.origin()), format!("POST {}", other.origin())];
    let client = client(Plain, &rules.each_ref().map(String::as_str));
    assert!(is_denied_after_sending(&client.fetch(following(5, get(&begin.url("/")))).await));
    assert!(is_denied_after_sending(&client.fetch(following(5, post(&path.url("/public"), "x"))).await));
    assert_eq!(other.accepted(), 0);
    for location in ["file:///etc/passwd", "ws://127.0.0.1/", "http://u@127.0.0.1/"] {
        let begin = redirecting(302, location.into()).await;
        let client = super::client(Plain, &[&begin.origin()]);
        assert!(
            is_denied_after_sending(&client.fetch(following(5, get(&begin.url("/")))).await),
            "{location}"
        );
    }
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_denied_by_the_dialler() {
    let begin = redirecting(302, "http://169.254.169.254/latest".into()).await;
    let client = client(Plain, &[&begin.origin(), "http://169.254.169.254"]);
    assert!(is_denied_after_sending(&client.fetch(following(5, get(&begin.url("/")))).await));
}

#[tokio::test]
async fn a_redirect_to_nowhere_was_maybe_sent_because_its_first_hop_was() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let begin = redirecting(303, format!("http://{unused}/")).await;
    let client = client(Plain, &[&begin.origin(), &format!("http://{unused}")]);
    let said = client.fetch(following(5, post(&begin.url("/"), "x"))).await;
    assert!(matches!(said, Err(FetchError::Unreachable { sent: Sent::Maybe, .. })), "{said:?}");
}

#[tokio::test]
async fn a_body_goes_along_within_its_origin_only() {
    let other = Far::echo().await;
    let away = redirecting(307, other.url("/")).await;
    let within = Far::start(|mut peer| async move {
        peer.request().await;
        peer.redirect(307, "/end").await;
        peer.echo().await;
    })
    .await;
    let client = client(Plain, &[&away.origin(), &other.origin(), &within.origin()]);
    let answer = client.fetch(following(1, post(&within.url("/"), "body"))).await.unwrap();
    assert!(text(&answer).starts_with("POST /end ") && text(&answer).ends_with("body"), "{}", text(&answer));
    assert!(is_denied_after_sending(&client.fetch(following(1, post(&away.url("/"), "body"))).await));
    assert_eq!(other.accepted(), 0);
}

#[tokio::test]
async fn a_post_is_followed_as_a_get() {
    for status in [301, 302, 303] {
        let end = Far::echo().await;
        let begin = redirecting(status, end.url("/end")).await;
        let client = client(Plain, &[&begin.origin(), &end.origin()]);
        let answer = client.fetch(following(1, post(&begin.url("/"), "body"))).await.unwrap();
        assert!(text(&answer).starts_with("GET /end ") && text(&answer).ends_with("\r\n\r\n"));
    }
}

#[tokio::test]
async fn a_secret_goes_along_only_to_where_the_vault_lets_it() {
    let (end, stranger) = (Far::echo().await, Far::echo().await);
    let at = || header("authorization");
    for (location, goes) in [
        (end.url("/api/x"), true),
        (end.url("/other"), false),
        (stranger.url("/api/x"), false),
        ("/api/again".to_owned(), true),
        ("/other".to_owned(), false),
    ] {
        let begin = Far::start(move |mut peer| {
            let location = location.clone();
            async move {
                peer.request().await;
                peer.redirect(302, &location).await;
                peer.echo().await;
            }
        })
        .await;
        let rules = [begin.origin(), end.origin(), stranger.origin()];
        let places = [format!("{}/api/*", begin.origin()), format!("{}/api/*", end.origin())];
        let vault = vault(&places.each_ref().map(|place| (place.as_str(), at())));
        let client = client_with(Plain, &rules.each_ref().map(String::as_str), vault, Limits::default());
        let request = Request { fills: vec![fill(at())], ..get(&begin.url("/api/a")) };
        let said = client.fetch(following(1, request)).await;
        match goes {
            true => assert!(text(&said.unwrap()).contains("authorization: [redacted]")),
            false => assert!(is_denied_after_sending(&said), "{said:?}"),
        }
    }
    assert_eq!(stranger.accepted(), 0);
}
