//! Grants that are wrong by themselves, with their exact reports.
use crate::Config;

#[test]
fn every_bad_grant_gets_a_report_that_names_the_place_and_what_to_do() {
    for (text, expected) in FILES {
        let report = Config::parse(text.trim_start(), "f.toml").expect_err(text).to_string();
        assert_eq!(report, expected.trim(), "\n--- {text}\n--- said:\n{report}");
    }
}

const FILES: &[(&str, &str)] = &[
    (
        r#"
[connectors.x.accounts.a.grants]
requested = true
[connectors.x.accounts.b.grants]
approved = true
[connectors.x.accounts.c.grants]
approved = "sha256:0123"
request = true
[connectors.x.accounts.d.grants]
owner = "yes"
"#,
        r#"
f.toml:2:13: connectors.x.accounts.a.grants.requested: would give whatever a new version asks for, and is not known any more; write approved = "sha256:…" as `runtime inspect <component>` shows it
2 | requested = true
  |             ^^^^
f.toml:4:12: connectors.x.accounts.b.grants.approved: a boolean cannot stand here; write "sha256:…" as `runtime inspect <component>` shows it
4 | approved = true
  |            ^^^^
f.toml:6:12: connectors.x.accounts.c.grants.approved: not the digest of a request; write "sha256:…" as `runtime inspect <component>` shows it
6 | approved = "sha256:0123"
  |            ^^^^^^^^^^^^^
f.toml:7:1: connectors.x.accounts.c.grants.request: unknown key; write one of approved, capabilities, urls, private, owner, secrets
7 | request = …
  | ^^^^^^^
f.toml:9:9: connectors.x.accounts.d.grants.owner: a string cannot stand here; write true or false
9 | owner = "yes"
  |         ^^^^^
"#,
    ),
    (
        r#"
[connectors.x.accounts.a.grants]
capabilities = ["http", "HTTP", "connector:runtime/http", "", 5]
[connectors.x.accounts.b.grants]
capabilities = "http"
"#,
        r#"
f.toml:2:25: connectors.x.accounts.a.grants.capabilities[1]: "HTTP" is not the name of an interface; write one such as "http"
2 | capabilities = ["http", "HTTP", "connector:runtime/http", "", 5]
  |                         ^^^^^^
f.toml:2:33: connectors.x.accounts.a.grants.capabilities[2]: "connector:runtime/http" is not the name of an interface; write one such as "http"
2 | capabilities = ["http", "HTTP", "connector:runtime/http", "", 5]
  |                                 ^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:2:59: connectors.x.accounts.a.grants.capabilities[3]: "" is not the name of an interface; write one such as "http"
2 | capabilities = ["http", "HTTP", "connector:runtime/http", "", 5]
  |                                                           ^^
f.toml:2:63: connectors.x.accounts.a.grants.capabilities[4]: an integer cannot stand here; write the name of an interface, such as "http"
2 | capabilities = ["http", "HTTP", "connector:runtime/http", "", 5]
  |                                                               ^
f.toml:4:16: connectors.x.accounts.b.grants.capabilities: a string cannot stand here; write a list of names, such as ["agent", "http"]
4 | capabilities = "http"
  |                ^^^^^^
"#,
    ),
    (
        r#"
[[connectors.x.accounts.a.grants.secrets.t]]
url = "https://a.test"
at = { header = "a" }
sign = "device"
[[connectors.x.accounts.a.grants.secrets.t]]
url = "https://a.test"
sign = "device"
when = []
[[connectors.x.accounts.a.grants.secrets.t]]
authenticate = true
sign = "device"
[[connectors.x.accounts.a.grants.secrets.t]]
url = "https://a.test"
at = { header = "a" }
capture = { header = "a" }
[[connectors.x.accounts.a.grants.secrets.t]]
authenticate = false
[[connectors.x.accounts.a.grants.secrets.t]]
authenticate = "yes"
url = "https://a.test"
"#,
        r#"
f.toml:1:1: connectors.x.accounts.a.grants.secrets.t[0]: more than one kind of grant in one entry; write an entry for each: { url, at }, { url, capture }, { sign } or { authenticate }
1 | [[connectors.x.accounts.a.grants.secrets.t]]
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:6:7: connectors.x.accounts.a.grants.secrets.t[1].url: sign has no url: nothing leaves the host; write an entry for each: { url, at }, { url, capture }, { sign } or { authenticate }
6 | url = "https://a.test"
  |       ^^^^^^^^^^^^^^^^
f.toml:8:8: connectors.x.accounts.a.grants.secrets.t[1].when: sign has no when: nothing leaves the host; write an entry for each: { url, at }, { url, capture }, { sign } or { authenticate }
8 | when = []
  |        ^^
f.toml:9:1: connectors.x.accounts.a.grants.secrets.t[2]: more than one kind of grant in one entry; write an entry for each: { url, at }, { url, capture }, { sign } or { authenticate }
9 | [[connectors.x.accounts.a.grants.secrets.t]]
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:12:1: connectors.x.accounts.a.grants.secrets.t[3]: more than one kind of grant in one entry; write an entry for each: { url, at }, { url, capture }, { sign } or { authenticate }
12 | [[connectors.x.accounts.a.grants.secrets.t]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:17:16: connectors.x.accounts.a.grants.secrets.t[4].authenticate: an entry gives something; write true, or remove it
17 | authenticate = false
   |                ^^^^^
f.toml:19:16: connectors.x.accounts.a.grants.secrets.t[5].authenticate: a string cannot stand here; write true or false
19 | authenticate = "yes"
   |                ^^^^^
f.toml:20:7: connectors.x.accounts.a.grants.secrets.t[5].url: authenticate has no url: nothing leaves the host; write an entry for each: { url, at }, { url, capture }, { sign } or { authenticate }
20 | url = "https://a.test"
   |       ^^^^^^^^^^^^^^^^
"#,
    ),
    (
        r#"
[[connectors.x.accounts.a.grants.secrets.t]]
capture = { query = "token" }
[[connectors.x.accounts.a.grants.secrets.t]]
url = "https://a.test"
capture = { json = "" }
[[connectors.x.accounts.a.grants.secrets.t]]
url = "https://a.test"
capture = { header = "A", json = "/b" }
[[connectors.x.accounts.a.grants.secrets.t]]
sign = ""
[[connectors.x.accounts.a.grants.secrets.t]]
sign = ["device"]
[[connectors.x.accounts.a.grants.secrets.t]]
signs = "device"
[[connectors.x.accounts.a.grants.secrets.u]]
url = "https://a.test"
"#,
        r#"
f.toml:1:1: connectors.x.accounts.a.grants.secrets.t[0]: url is missing; write url = "https://api.example.com/v1/*"
1 | [[connectors.x.accounts.a.grants.secrets.t]]
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:2:21: connectors.x.accounts.a.grants.secrets.t[0].capture.query: nothing arrives in a query; write one of { header = "x-token" }, { json = "/token" }
2 | capture = { query = "token" }
  |                     ^^^^^^^
f.toml:5:20: connectors.x.accounts.a.grants.secrets.t[1].capture.json: the whole document; point at one value, such as "/token"
5 | capture = { json = "" }
  |                    ^^
f.toml:8:1: connectors.x.accounts.a.grants.secrets.t[2].capture: not one place; write one of { header = "x-token" }, { json = "/token" }
8 | capture = { header = "A", json = "/b" }
  | ^^^^^^^
f.toml:10:8: connectors.x.accounts.a.grants.secrets.t[3].sign: a key's name has 1 to 64 bytes and no control characters; write one such as "device"
10 | sign = ""
   |        ^^
f.toml:12:8: connectors.x.accounts.a.grants.secrets.t[4].sign: an array cannot stand here; write the name of a key, such as "device"
12 | sign = ["device"]
   |        ^^^^^^^^^^
f.toml:13:1: connectors.x.accounts.a.grants.secrets.t[5]: url is missing; write url = "https://api.example.com/v1/*"
13 | [[connectors.x.accounts.a.grants.secrets.t]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:13:1: connectors.x.accounts.a.grants.secrets.t[5]: at is missing; write at = { header = "authorization" }
13 | [[connectors.x.accounts.a.grants.secrets.t]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:14:1: connectors.x.accounts.a.grants.secrets.t[5].signs: unknown key; did you mean sign?
14 | signs = …
   | ^^^^^
f.toml:15:1: connectors.x.accounts.a.grants.secrets.u[0]: at is missing; write at = { header = "authorization" }
15 | [[connectors.x.accounts.a.grants.secrets.u]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#,
    ),
];
