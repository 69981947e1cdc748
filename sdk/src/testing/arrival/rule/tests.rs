use super::*;

fn fits(rule: &str, method: &str, url: &str) -> bool {
    Rule::parse(rule).unwrap().fits((!method.is_empty()).then_some(method), url)
}

#[test]
fn a_rule_judges_method_scheme_host_port_and_path() {
    let rule = "GET,POST https://api.test/v1/*";
    for url in ["https://api.test/v1/", "https://API.test:443/v1/a/b?q=/../", "HTTPS://api.test/v1/a#x"] {
        assert!(fits(rule, "POST", url) && !fits(rule, "PUT", url) && !fits(rule, "", url), "{url}");
    }
    for url in [
        "http://api.test/v1/a",
        "https://api.test:444/v1/a",
        "https://api.test/v1",
        "https://api.test/v2/v1/a",
        "https://api.test.evil.test/v1/a",
        "https://evilapi.test/v1/a",
        "https://api.test/v1/../v2",
        "https://api.test/v1/%2E./v2",
        "https://me@api.test/v1/a",
        "/v1/a",
    ] {
        assert!(!fits(rule, "POST", url), "{url}");
    }
}

#[test]
fn a_star_is_one_segment_and_at_the_end_the_rest() {
    for (rule, url, expected) in [
        ("https://h.test/*/m", "https://h.test/a/m", true),
        ("https://h.test/*/m", "https://h.test//m", false),
        ("https://h.test/*/m", "https://h.test/a/b/m", false),
        ("https://h.test/*/m", "https://h.test/a/m/", false),
        ("https://h.test/a/*", "https://h.test/a/", true),
        ("https://h.test/a/*", "https://h.test/a", false),
        ("https://h.test/a/b*", "https://h.test/a/bc/d", true),
        ("https://h.test/a/b*", "https://h.test/a/c", false),
        ("https://h.test/", "https://h.test?x", true),
        ("https://h.test/", "https://h.test/a", false),
    ] {
        assert_eq!(fits(rule, "GET", url), expected, "{rule} {url}");
    }
}

#[test]
fn without_a_path_any_will_do_and_without_a_port_the_usual_one() {
    assert!(fits("wss://h.test", "", "wss://h.test/a/b") && fits("wss://h.test", "", "wss://h.test:443"));
    assert!(!fits("wss://h.test", "", "ws://h.test:443/"));
    assert!(fits("http://[::1]:8080/a", "GET", "http://[::1]:8080/a"));
    assert!(!fits("http://[::1]:8080/a", "GET", "http://[::1]/a"));
    assert!(fits("http://[::1]", "GET", "http://[::1]:80/a"));
}

#[test]
fn a_wildcard_host_is_whole_labels() {
    assert!(fits("https://*.h.test", "GET", "https://a.b.h.test/x"));
    for url in ["https://h.test/x", "https://evilh.test/x", "https://.h.test/x", "https://me@a.h.test/x"] {
        assert!(!fits("https://*.h.test", "GET", url), "{url}");
    }
}

#[test]
fn what_is_no_rule_is_refused() {
    for bad in [
        "h.test/x",
        "ftp://h.test",
        "https:///x",
        "https://h.test:port/",
        "get https://h.test",
        "GET,, https://h.test",
        "GET wss://h.test",
        "https://h.test/?q",
        "https://me@h.test/",
        "https://*.test",
        "https://h*.test",
        "https://h.test/a*/b",
        "https://h.test/**",
        "https://h.test/a/../b",
        "https://h.test/{key}",
    ] {
        assert!(Rule::parse(bad).is_err(), "{bad}");
    }
}
