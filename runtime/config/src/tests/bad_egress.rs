//! Egress and key rings that are wrong by themselves, with their exact reports.
use crate::Config;

#[test]
fn every_bad_table_gets_a_report_that_names_the_place_and_what_to_do() {
    for (text, expected) in FILES {
        let report = Config::parse(text.trim_start(), "f.toml").expect_err(text).to_string();
        assert_eq!(report, expected.trim(), "\n--- {text}\n--- said:\n{report}");
    }
}

const FILES: &[(&str, &str)] = &[
    (
        r#"
[egress]
roots = ["", 5, "-----BEGIN CERTIFICATE-----"]
hosts = { "A.test" = ["10.0.0.1"], "*.b.test" = [], "10.0.0.1" = ["10.0.0.2"], "c.test:80" = ["lan"], "bücher.test" = "10.0.0.1" }
proxy = "http://me:pw@proxy.corp"
root = 1
"#,
        r#"
f.toml:2:10: egress.roots[0]: not the path of a file; write one such as "corp-ca.pem"
2 | roots = ["", 5, …]
  |          ^^
f.toml:2:14: egress.roots[1]: an integer cannot stand here; write the path of a PEM file, such as "corp-ca.pem"
2 | roots = ["", 5, …]
  |              ^
f.toml:2:17: egress.roots[2]: PEM text does not belong in this file; write the path of a file that holds it
2 | roots = ["", 5, …]
  |                 ^
f.toml:3:11: egress.hosts."A.test": "A.test" is not how the host is spelled; write "a.test"
3 | hosts = { "A.test" = ["10.0.0.1"], "*.b.test" = [], "10.0.0.1" = ["10.0.0.2"], "c.test:80" = ["lan"]
  |           ^^^^^^^^
f.toml:3:36: egress.hosts."*.b.test": "*.b.test" holds a wildcard; write each host by its name
3 | hosts = { "A.test" = ["10.0.0.1"], "*.b.test" = [], "10.0.0.1" = ["10.0.0.2"], "c.test:80" = ["lan"]
  |                                    ^^^^^^^^^^
f.toml:3:49: egress.hosts."*.b.test": no address; write a list of addresses, such as ["10.1.2.3"], or remove the name
3 | hosts = { "A.test" = ["10.0.0.1"], "*.b.test" = [], "10.0.0.1" = ["10.0.0.2"], "c.test:80" = ["lan"]
  |                                                 ^^
f.toml:3:53: egress.hosts."10.0.0.1": an address needs no other; name a host, or remove it
3 | sts = { "A.test" = ["10.0.0.1"], "*.b.test" = [], "10.0.0.1" = ["10.0.0.2"], "c.test:80" = ["lan"],
  |                                                   ^^^^^^^^^^
f.toml:3:80: egress.hosts."c.test:80": "c.test:80" is not how the host is spelled; write "c.test"
3 | .1"], "*.b.test" = [], "10.0.0.1" = ["10.0.0.2"], "c.test:80" = ["lan"], "bücher.test" = "10.0.0.1"
  |                                                   ^^^^^^^^^^^
f.toml:3:95: egress.hosts."c.test:80"[0]: "lan" is not an address; write one such as "10.1.2.3" or "fd00::1"
3 | " = [], "10.0.0.1" = ["10.0.0.2"], "c.test:80" = ["lan"], "bücher.test" = "10.0.0.1" }
  |                                                   ^^^^^
f.toml:3:103: egress.hosts."bücher.test": "bücher.test" is not how the host is spelled; write "xn--bcher-kva.test"
3 | "10.0.0.1" = ["10.0.0.2"], "c.test:80" = ["lan"], "bücher.test" = "10.0.0.1" }
  |                                                   ^^^^^^^^^^^^^
f.toml:3:119: egress.hosts."bücher.test": a string cannot stand here; write a list of addresses, such as ["10.1.2.3"]
3 | 0.0.0.2"], "c.test:80" = ["lan"], "bücher.test" = "10.0.0.1" }
  |                                                   ^^^^^^^^^^
f.toml:4:9: egress.proxy: a string cannot stand here; write a table such as { url = "http://proxy.example.com:3128" }
4 | proxy = …
  |         ^
f.toml:5:1: egress.root: unknown key; did you mean roots?
5 | root = …
  | ^^^^
"#,
    ),
    (
        r#"
[egress]
proxy = { url = "http://me:pw@proxy.corp", user = "me" }
[connectors.x.accounts.a.egress]
proxy = true
private = ["10.0.0.0/8"]
[connectors.x.accounts.b.egress]
proxy = { url = "socks5://proxy.corp", password = { env = "PW" }, names = "their" }
[connectors.x.accounts.c.egress.proxy]
user = "me:pw"
password = "pw"
[connectors.x.accounts.d.egress]
proxy = { url = "http://proxy.corp/a", user = "", password = {} }
"#,
        r#"
f.toml:2:17: egress.proxy.url: a user name or password does not belong in the URL; write user = "me" and password = { env = "PROXY_PASSWORD" } beside it
2 | proxy = { url = …, user = "me" }
  |                 ^
f.toml:2:51: egress.proxy.user: password is missing; write password = { env = "PROXY_PASSWORD" }
2 | proxy = { url = …, user = "me" }
  |                           ^^^^
f.toml:4:9: connectors.x.accounts.a.egress.proxy: true names no proxy; write its table, or leave it out for that of [egress]
4 | proxy = true
  |         ^^^^
f.toml:5:11: connectors.x.accounts.a.egress.private: closed addresses are granted; write grants.private instead
5 | private = ["10.0.0.0/8"]
  |           ^^^^^^^^^^^^^^
f.toml:7:17: connectors.x.accounts.b.egress.proxy.url: the scheme is http or https; write one such as "http://proxy.example.com:3128"
7 | proxy = { url = …, password = { env = "PW" }, names = "their" }
  |                 ^
f.toml:7:40: connectors.x.accounts.b.egress.proxy.password: user is missing; write user = "me"
7 | proxy = { url = …, password = { env = "PW" }, names = "their" }
  |                    ^^^^^^^^
f.toml:7:75: connectors.x.accounts.b.egress.proxy.names: names are resolved "here" or "there", not "their"; write one of here, there
7 | proxy = { url = …, password = { env = "PW" }, names = "their" }
  |                                                       ^^^^^^^
f.toml:8:33: connectors.x.accounts.c.egress.proxy: url is missing; write url = "http://proxy.example.com:3128"
8 | [connectors.x.accounts.c.egress.proxy]
  |                                 ^^^^^
f.toml:9:8: connectors.x.accounts.c.egress.proxy.user: a user name has one character at least, no ':' and no control characters; write the name alone, and password = { env = "PROXY_PASSWORD" } beside it
9 | user = …
  |        ^
f.toml:10:12: connectors.x.accounts.c.egress.proxy.password: a secret's value does not belong in this file; write { env = "PROXY_PASSWORD" } or { file = "/run/secrets/…" }
10 | password = …
   |            ^
f.toml:12:17: connectors.x.accounts.d.egress.proxy.url: a proxy's URL has no path, query or fragment; write the URL without
12 | proxy = { url = …, user = …, password = {} }
   |                 ^
f.toml:12:47: connectors.x.accounts.d.egress.proxy.user: a user name has one character at least, no ':' and no control characters; write the name alone, and password = { env = "PROXY_PASSWORD" } beside it
12 | proxy = { url = …, user = …, password = {} }
   |                           ^
f.toml:12:51: connectors.x.accounts.d.egress.proxy.password: neither env nor file; write { env = "PROXY_PASSWORD" } or { file = "/run/secrets/…" }
12 | proxy = { url = …, user = …, password = {} }
   |                              ^^^^^^^^
"#,
    ),
    (
        r#"
[[connectors.x.accounts.a.egress.certificates]]
hosts = ["a.test", "*.b.test", "https://c.test"]
certificate = "a.pem"
key = "-----BEGIN PRIVATE KEY-----"
[[connectors.x.accounts.a.egress.certificates]]
hosts = ["a.test"]
key = { file = "-----BEGIN PRIVATE KEY-----" }
[[connectors.x.accounts.a.egress.certificates]]
hosts = []
certificate = 5
[[connectors.x.accounts.a.egress.certificates]]
"#,
        r#"
f.toml:2:20: connectors.x.accounts.a.egress.certificates[0].hosts[1]: "*.b.test" holds a wildcard; write each host by its name
2 | hosts = ["a.test", "*.b.test", "https://c.test"]
  |                    ^^^^^^^^^^
f.toml:2:32: connectors.x.accounts.a.egress.certificates[0].hosts[2]: "https://c.test" is not the name of a host; write one such as "api.example.com"
2 | hosts = ["a.test", "*.b.test", "https://c.test"]
  |                                ^^^^^^^^^^^^^^^^
f.toml:4:7: connectors.x.accounts.a.egress.certificates[0].key: a secret's value does not belong in this file; write { env = "CLIENT_KEY" } or { file = "/run/secrets/…" }
4 | key = …
  |       ^
f.toml:5:1: connectors.x.accounts.a.egress.certificates[1]: certificate is missing; write certificate = "client.pem"
5 | [[connectors.x.accounts.a.egress.certificates]]
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:6:10: connectors.x.accounts.a.egress.certificates[1].hosts[0]: "a.test" has a certificate already; keep one of them
6 | hosts = ["a.test"]
  |          ^^^^^^^^
f.toml:7:16: connectors.x.accounts.a.egress.certificates[1].key.file: a secret's value does not belong in this file; write the path of a file that holds it
7 | key = { file = … }
  |                ^
f.toml:8:1: connectors.x.accounts.a.egress.certificates[2]: key is missing; write key = { file = "client.key" }
8 | [[connectors.x.accounts.a.egress.certificates]]
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:9:9: connectors.x.accounts.a.egress.certificates[2].hosts: no host; write a list of hosts, such as ["api.example.com"]
9 | hosts = []
  |         ^^
f.toml:10:15: connectors.x.accounts.a.egress.certificates[2].certificate: an integer cannot stand here; write the path of a PEM file, such as "corp-ca.pem"
10 | certificate = 5
   |               ^
f.toml:11:1: connectors.x.accounts.a.egress.certificates[3]: hosts is missing; write hosts = ["api.example.com"]
11 | [[connectors.x.accounts.a.egress.certificates]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:11:1: connectors.x.accounts.a.egress.certificates[3]: certificate is missing; write certificate = "client.pem"
11 | [[connectors.x.accounts.a.egress.certificates]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:11:1: connectors.x.accounts.a.egress.certificates[3]: key is missing; write key = { file = "client.key" }
11 | [[connectors.x.accounts.a.egress.certificates]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#,
    ),
    (
        r#"
egress = 5
[connectors.x.accounts.a]
egress = "http://proxy.corp"
"#,
        r#"
f.toml:1:10: egress: an integer cannot stand here; write a table with roots, hosts or proxy
1 | egress = …
  |          ^
f.toml:3:10: connectors.x.accounts.a.egress: a string cannot stand here; write a table with roots, proxy or certificates
3 | egress = …
  |          ^
"#,
    ),
    (
        r#"
[keyring]
key = "0123456789abcdef"
former = [{ env = "A" }, "fedcba9876543210", {}]
old = "x"
"#,
        r#"
f.toml:2:7: keyring.key: a secret's value does not belong in this file; write { env = "KEYRING_KEY" } or { file = "/run/secrets/…" }
2 | key = …
  |       ^
f.toml:3:26: keyring.former[1]: a secret's value does not belong in this file; write { env = "KEYRING_KEY" } or { file = "/run/secrets/…" }
3 | former = [{ env = "A" }, …, {}]
  |                          ^
f.toml:3:46: keyring.former[2]: neither env nor file; write { env = "KEYRING_KEY" } or { file = "/run/secrets/…" }
3 | former = [{ env = "A" }, …, {}]
  |                             ^^
f.toml:4:1: keyring.old: unknown key; write one of key, former
4 | old = …
  | ^^^
"#,
    ),
    (
        r#"
[keyring]
former = "0123456789abcdef"
"#,
        r#"
f.toml:2:10: keyring.former: a string cannot stand here; write a list such as [{ env = "FORMER_KEYRING_KEY" }]
2 | former = …
  |          ^
"#,
    ),
    (
        r#"
keyring = "0123456789abcdef"
"#,
        r#"
f.toml:1:11: keyring: a string cannot stand here; write a table such as { key = { file = "keyring.key" } }
1 | keyring = …
  |           ^
"#,
    ),
];
