//! Row 19: closed ranges, however they are written.
use crate::support::*;

#[tokio::test]
async fn loopback_is_closed_by_name_and_by_every_spelling() {
    for (host, address, range) in [
        ("127.0.0.1", "127.0.0.1", "loopback"),
        ("[::1]", "::1", "loopback"),
        ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1", "loopback"),
        ("[::ffff:7f00:1]", "::ffff:127.0.0.1", "loopback"),
        ("0x7f.1", "127.0.0.1", "loopback"),
        ("2130706433", "127.0.0.1", "loopback"),
        ("0177.0.0.1", "127.0.0.1", "loopback"),
        ("127。0。0。1", "127.0.0.1", "loopback"),
        ("0", "0.0.0.0", "unspecified"),
        ("169.254.169.254", "169.254.169.254", "cloud metadata"),
        ("[fd00:ec2::254]", "fd00:ec2::254", "cloud metadata"),
        ("[64:ff9b::7f00:1]", "64:ff9b::7f00:1", "NAT64"),
        ("[2002:7f00:1::]", "2002:7f00:1::", "6to4"),
        ("[::127.0.0.1]", "::7f00:1", "IPv4-compatible"),
        ("[ff02::1]", "ff02::1", "multicast"),
        ("255.255.255.255", "255.255.255.255", "broadcast"),
    ] {
        let result = dial(&system(), &format!("http://{host}:9/"), &[]).await;
        assert_eq!(refused(result), (address.into(), range), "{host}");
    }
    let by_name = dial(&system(), "http://localhost:9/", &[]).await;
    assert_eq!(refused(by_name).1, "loopback");
}

#[tokio::test]
async fn a_grant_opens_loopback_by_name_and_by_every_spelling() {
    let port = far_end("127.0.0.1").await;
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "0x7f.1", "localhost"] {
        let url = format!("http://{host}:{port}/");
        assert_eq!(heard(dial(&system(), &url, LOOPBACK).await).await, "hello");
    }
}

#[tokio::test]
async fn a_grant_of_one_family_is_not_one_of_the_other() {
    let result = dial(&system(), "http://[::1]:9/", &["127.0.0.0/8"]).await;
    assert_eq!(refused(result), ("::1".into(), "loopback"));
    let result = dial(&system(), "http://[::ffff:127.0.0.1]:9/", &["::/0"]).await;
    assert_eq!(refused(result).1, "loopback");
}

#[tokio::test]
async fn a_grant_is_for_one_way_out_and_not_for_its_neighbours() {
    let dialer = system();
    let url = format!("http://127.0.0.1:{}/", far_end("127.0.0.1").await);
    let (open, closed) = (dialer.way(granted(LOOPBACK)), dialer.way(granted(&[])));
    let url = ports::reach::CheckedUrl::parse(&url).unwrap();
    assert_eq!(heard(open.dial(&url).await).await, "hello");
    assert_eq!(refused(closed.dial(&url).await).1, "loopback");
}
