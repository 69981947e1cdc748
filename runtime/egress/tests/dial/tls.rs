//! Who a far end is.
use crate::authority::{Authority, acceptor, greeting, named};
use crate::support::*;
use egress::{Dialer, Roots, Way};
use ports::dial::DialError;
use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd};
use std::sync::Arc;
use tokio_rustls::rustls::server::NoClientAuth;
use tokio_rustls::rustls::version;

#[tokio::test]
async fn the_name_of_the_url_is_asked_for_and_believed_from_an_own_authority() {
    let authority = Authority::new();
    for version in [&version::TLS12, &version::TLS13] {
        let port = authority.far_end("name.test", version).await;
        for scheme in ["https", "wss"] {
            let stream = dial(&authority.dialer(), &format!("{scheme}://name.test:{port}/"), LOOPBACK).await;
            assert_eq!(heard(stream).await, "name.test http/1.1");
        }
    }
}

#[tokio::test]
async fn a_way_may_believe_an_authority_of_its_own_instead_of_the_dialers() {
    let [authority, dialers] = [Authority::new(), Authority::new()];
    let port = authority.far_end("name.test", &version::TLS13).await;
    let url = format!("https://name.test:{port}/");
    let way = Way { roots: Some(authority.roots()), ..granted(LOOPBACK) };
    let stream = dial_by(&dialers.dialer(), &url, way).await;
    assert_eq!(heard(stream).await, "name.test http/1.1");
    let way = Way { roots: Some(dialers.roots()), ..granted(LOOPBACK) };
    let text = said(dial_by(&authority.dialer(), &url, way).await);
    assert!(text.starts_with("TLS handshake with name.test failed"), "{text}");
}

#[tokio::test]
async fn an_address_is_a_name_too() {
    let authority = Authority::new();
    let port = authority.far_end("127.0.0.1", &version::TLS13).await;
    let stream = dial(&authority.dialer(), &format!("https://127.0.0.1:{port}/"), LOOPBACK).await;
    assert_eq!(heard(stream).await, "- http/1.1");
    let stream = dial(&authority.dialer(), &format!("https://name.test:{port}/"), LOOPBACK).await;
    assert!(matches!(stream, Err(DialError::Tls { .. })));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    for other in ["other.test", "*.name.test", "127.0.0.1"] {
        let port = authority.far_end(other, &version::TLS13).await;
        let text = said(dial(&authority.dialer(), &format!("https://name.test:{port}/"), LOOPBACK).await);
        let begin =
            "TLS handshake with name.test failed: invalid peer certificate: certificate not valid for name";
        assert!(text.starts_with(begin), "{text}");
    }
}

#[tokio::test]
async fn an_authority_nobody_named_is_refused() {
    let port = Authority::new().far_end("name.test", &version::TLS13).await;
    let url = format!("https://name.test:{port}/");
    let without = said(dial(&answering(&[&["127.0.0.1"]]), &url, LOOPBACK).await);
    assert_eq!(without, "TLS handshake with name.test failed: invalid peer certificate: UnknownIssuer");
    let another = said(dial(&Authority::new().dialer(), &url, LOOPBACK).await);
    assert!(another.starts_with("TLS handshake with name.test failed"), "{another}");
}

#[tokio::test]
async fn a_certificate_out_of_its_time_or_for_another_use_is_refused() {
    let authority = Authority::new();
    let [mut expired, mut early, mut client] = [(); 3].map(|()| named("name.test"));
    expired.not_after = date_time_ymd(2020, 1, 1);
    early.not_before = date_time_ymd(4000, 1, 1);
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    for (params, why) in [(expired, "expired"), (early, "not valid yet"), (client, "usage")] {
        let (certificate, key) = authority.certify(params);
        let far_end = acceptor(certificate, &key, &version::TLS13, Arc::new(NoClientAuth));
        let url = format!("https://name.test:{}/", greeting(far_end).await);
        let text = said(dial(&authority.dialer(), &url, LOOPBACK).await);
        assert!(text.contains("invalid peer certificate") && text.contains(why), "{text}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_believed_only_where_the_operator_names_it_and_it_is_no_authoritys() {
    for (is_ca, named_as_root, why) in [
        (IsCa::NoCa, false, "UnknownIssuer"),
        (IsCa::NoCa, true, ""),
        (IsCa::Ca(BasicConstraints::Unconstrained), false, "CaUsedAsEndEntity"),
        (IsCa::Ca(BasicConstraints::Unconstrained), true, "CaUsedAsEndEntity"),
    ] {
        let (mut params, key) = (named("name.test"), KeyPair::generate().unwrap());
        params.is_ca = is_ca;
        let certificate = params.self_signed(&key).unwrap();
        let far_end = acceptor(certificate.der().clone(), &key, &version::TLS13, Arc::new(NoClientAuth));
        let url = format!("https://name.test:{}/", greeting(far_end).await);
        let roots = match named_as_root {
            true => Roots::public().with_pem(certificate.pem().as_bytes()).unwrap(),
            false => Roots::public(),
        };
        let result =
            dial(&Dialer::with_resolver(roots, Answers::new(&[&["127.0.0.1"]])), &url, LOOPBACK).await;
        match why {
            "" => assert_eq!(heard(result).await, "name.test http/1.1"),
            why => {
                let text = said(result);
                assert!(text.contains("invalid peer certificate") && text.contains(why), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn a_far_end_without_tls_is_refused() {
    let port = far_end("127.0.0.1").await;
    let result = dial(&system(), &format!("https://127.0.0.1:{port}/"), LOOPBACK).await;
    assert!(said(result).starts_with("TLS handshake with 127.0.0.1 failed"));
}

#[tokio::test]
async fn a_name_that_no_certificate_can_carry_is_refused_before_the_lookup() {
    let result = dial(&answering(&[]), "https://-a.test/", LOOPBACK).await;
    assert!(said(result).starts_with("TLS handshake with -a.test failed: invalid dns name"));
}
