//! Files that are wrong by themselves, with their exact reports.
use crate::Config;

#[test]
fn every_bad_file_gets_a_report_that_names_the_place_and_what_to_do() {
    for (text, expected) in FILES {
        let report = Config::parse(text.trim_start(), "f.toml").expect_err(text).to_string();
        assert_eq!(report, expected.trim(), "\n--- {text}\n--- said:\n{report}");
    }
}

const FILES: &[(&str, &str)] = &[
    (
        r#"
agnt = 1
[limits]
max_inflight = 1
sockets = 999
cpu_ms = "fast"
"#,
        r#"
f.toml:1:1: agnt: unknown key; did you mean agent?
1 | agnt = …
  | ^^^^
f.toml:3:1: limits.max_inflight: unknown key; did you mean max_in_flight?
3 | max_inflight = …
  | ^^^^^^^^^^^^
f.toml:4:11: limits.sockets: 999 is out of range; write 0 to 256
4 | sockets = 999
  |           ^^^
f.toml:5:10: limits.cpu_ms: a string cannot stand here; write a whole number, 50 to 10000
5 | cpu_ms = "fast"
  |          ^^^^^^
"#,
    ),
    (
        r#"
[limits]
retry_hours = 0
store_keys = 1_000_001
store_key = 1
[connectors.x.accounts.a]
limits = { retry_hours = 169, store_kib = 1_048_577, store_kb = 1 }
"#,
        r#"
f.toml:2:15: limits.retry_hours: 0 is out of range; write 1 to 168
2 | retry_hours = 0
  |               ^
f.toml:3:14: limits.store_keys: 1000001 is out of range; write 0 to 1000000
3 | store_keys = 1_000_001
  |              ^^^^^^^^^
f.toml:4:1: limits.store_key: unknown key; did you mean store_keys?
4 | store_key = …
  | ^^^^^^^^^
f.toml:6:26: connectors.x.accounts.a.limits.retry_hours: 169 is out of range; write 1 to 168
6 | limits = { retry_hours = 169, store_kib = 1_048_577, store_kb = … }
  |                          ^^^
f.toml:6:43: connectors.x.accounts.a.limits.store_kib: 1048577 is out of range; write 0 to 1048576
6 | limits = { retry_hours = 169, store_kib = 1_048_577, store_kb = … }
  |                                           ^^^^^^^^^
f.toml:6:54: connectors.x.accounts.a.limits.store_kb: unknown key; did you mean store_kib?
6 | limits = { retry_hours = 169, store_kib = 1_048_577, store_kb = … }
  |                                                      ^^^^^^^^
"#,
    ),
    (
        r#"
[agent]
backend = "gpt"
modell = "m"
"#,
        r#"
f.toml:2:11: agent.backend: there is no backend "gpt"; write one of echo, openai, openclaw
2 | backend = "gpt"
  |           ^^^^^
f.toml:3:1: agent.modell: unknown key; did you mean model?
3 | modell = …
  | ^^^^^^
"#,
    ),
    (
        r#"
agent = { backend = "opnai", model = 5, api_key = "sk-1" }
"#,
        r#"
f.toml:1:21: agent.backend: there is no backend "opnai"; did you mean openai?
1 | agent = { backend = "opnai", model = …, api_key = … }
  |                     ^^^^^^^
"#,
    ),
    (
        r#"
agent = "echo"
"#,
        r#"
f.toml:1:9: agent: a string cannot stand here; write a table with backend = "echo", "openai" or "openclaw"
1 | agent = …
  |         ^
"#,
    ),
    (
        r#"
[agent]
backend = "echo"
base_url = "https://api.openai.com/v1"
memory_turns = 3
"#,
        r#"
f.toml:3:12: agent.base_url: backend "echo" has no such key; write backend = "openai", or remove the key
3 | base_url = …
  |            ^
f.toml:4:16: agent.memory_turns: backend "echo" has no such key; write backend = "openai", or remove the key
4 | memory_turns = …
  |                ^
"#,
    ),
    (
        r#"
[agent]
model = "gpt-5-mini"
api_key = { env = "OPENAI_API_KEY" }
"#,
        r#"
f.toml:2:9: agent.model: backend "echo" has no such key; write backend = "openai", or remove the key
2 | model = …
  |         ^
f.toml:3:1: agent.api_key: backend "echo" has no such key; write backend = "openai", or remove the key
3 | api_key = { env = … }
  | ^^^^^^^
"#,
    ),
    (
        r#"
[agent]
backend = "openai"
"#,
        r#"
f.toml:1:2: agent: base_url is missing; write base_url = "https://api.openai.com/v1"
1 | [agent]
  |  ^^^^^
f.toml:1:2: agent: model is missing; write model = "gpt-5-mini"
1 | [agent]
  |  ^^^^^
"#,
    ),
    (
        r#"
[agent]
backend = "openai"
base_url = "wss://api.openai.com/v1"
model = " "
api_key = "sk-1"
system = ["You"]
memory_turns = 201
first_byte_seconds = 0
idle_seconds = "long"
base_ulr = "https://api.openai.com/v1"
"#,
        r#"
f.toml:3:12: agent.base_url: the scheme is http or https; write one such as "https://api.openai.com/v1"
3 | base_url = "wss://api.openai.com/v1"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:4:9: agent.model: a model's name has 1 to 256 characters; write one such as "gpt-5-mini"
4 | model = " "
  |         ^^^
f.toml:5:11: agent.api_key: a secret's value does not belong in this file; write { env = "OPENAI_API_KEY" } or { file = "/run/secrets/…" }
5 | api_key = …
  |           ^
f.toml:6:10: agent.system: an array cannot stand here; write what the model is told first, in quotes
6 | system = ["You"]
  |          ^^^^^^^
f.toml:7:16: agent.memory_turns: 201 is out of range; write 0 to 200
7 | memory_turns = 201
  |                ^^^
f.toml:8:22: agent.first_byte_seconds: 0 is out of range; write 1 to 600
8 | first_byte_seconds = 0
  |                      ^
f.toml:9:16: agent.idle_seconds: a string cannot stand here; write a whole number, 1 to 600
9 | idle_seconds = "long"
  |                ^^^^^^
f.toml:10:1: agent.base_ulr: unknown key; did you mean base_url?
10 | base_ulr = …
   | ^^^^^^^^
"#,
    ),
    (
        r#"
[agent]
backend = "openai"
base_url = 5
model = 5
api_key = { env = "A", file = "b" }
"#,
        r#"
f.toml:3:12: agent.base_url: an integer cannot stand here; write "https://api.openai.com/v1"
3 | base_url = 5
  |            ^
f.toml:4:9: agent.model: an integer cannot stand here; write "gpt-5-mini"
4 | model = 5
  |         ^
f.toml:5:1: agent.api_key: both env and file; keep one of them
5 | api_key = { env = "A", file = "b" }
  | ^^^^^^^
"#,
    ),
    (
        r#"
[connectors.Occum]
[connectors.occum]
enabled = 1
account = {}
"#,
        r#"
f.toml:1:13: connectors.Occum: connector "Occum" is not a name: 1 to 64 characters of a-z, 0-9, '-', '_' and '.', starting with a letter or digit; write the id that `runtime inspect` shows
1 | [connectors.Occum]
  |             ^^^^^
f.toml:3:11: connectors.occum.enabled: an integer cannot stand here; write true or false
3 | enabled = 1
  |           ^
f.toml:4:1: connectors.occum.account: unknown key; did you mean accounts?
4 | account = {}
  | ^^^^^^^
"#,
    ),
    (
        r#"
[connectors.x.accounts."a b"]
[connectors.x.accounts.a]
tenant = "A"
"#,
        r#"
f.toml:1:24: connectors.x.accounts."a b": account "a b" is not a name: 1 to 64 characters of a-z, 0-9, '-', '_' and '.', starting with a letter or digit; choose another name
1 | [connectors.x.accounts."a b"]
  |                        ^^^^^
f.toml:3:10: connectors.x.accounts.a.tenant: tenant "A" is not a name: 1 to 64 characters of a-z, 0-9, '-', '_' and '.', starting with a letter or digit; choose another name
3 | tenant = "A"
  |          ^^^
"#,
    ),
    (
        r#"
[connectors.x.accounts.a]
config = 1
secrets = 2
limits = 3
grants = 4
"#,
        r#"
f.toml:2:10: connectors.x.accounts.a.config: an integer cannot stand here; write a table such as { apiUrl = "https://…" }
2 | config = 1
  |          ^
f.toml:3:11: connectors.x.accounts.a.secrets: an integer cannot stand here; write a table such as { token = { env = "TOKEN" } }
3 | secrets = …
  |           ^
f.toml:4:10: connectors.x.accounts.a.limits: an integer cannot stand here; write a table of limits, such as { max_in_flight = 16 }
4 | limits = 3
  |          ^
f.toml:5:10: connectors.x.accounts.a.grants: an integer cannot stand here; write a table with approved, or with capabilities, urls and secrets; and private, owner
5 | grants = 4
  |          ^
"#,
    ),
    (
        r#"
[connectors.x.accounts.a]
config = { a = nan, b = 1979-05-27, c = [{ d = inf }] }
"#,
        r#"
f.toml:2:16: connectors.x.accounts.a.config.a: JSON cannot hold this float; write a finite number
2 | config = { a = nan, b = 1979-05-27, c = [{ d = inf }] }
  |                ^^^
f.toml:2:25: connectors.x.accounts.a.config.b: JSON cannot hold this datetime; put it in quotes
2 | config = { a = nan, b = 1979-05-27, c = [{ d = inf }] }
  |                         ^^^^^^^^^^
f.toml:2:48: connectors.x.accounts.a.config.c[0].d: JSON cannot hold this float; write a finite number
2 | config = { a = nan, b = 1979-05-27, c = [{ d = inf }] }
  |                                                ^^^
"#,
    ),
    (
        r#"
[connectors.x.accounts.a.secrets]
a = {}
b = { env = "A", file = "b" }
c = { envv = "C" }
d = { env = "" }
e = { file = "" }
f = 1
"#,
        r#"
f.toml:2:1: connectors.x.accounts.a.secrets.a: neither env nor file; write { env = "CONNECTOR_X_A" } or { file = "/run/secrets/…" }
2 | a = {}
  | ^
f.toml:3:1: connectors.x.accounts.a.secrets.b: both env and file; keep one of them
3 | b = { env = "A", file = "b" }
  | ^
f.toml:4:1: connectors.x.accounts.a.secrets.c: neither env nor file; write { env = "CONNECTOR_X_C" } or { file = "/run/secrets/…" }
4 | c = { envv = … }
  | ^
f.toml:4:7: connectors.x.accounts.a.secrets.c.envv: unknown key; did you mean env?
4 | c = { envv = … }
  |       ^^^^
f.toml:5:13: connectors.x.accounts.a.secrets.d.env: not the name of an environment variable; letters, digits and '_' only, such as { env = "CONNECTOR_X_D" }
5 | d = { env = … }
  |             ^
f.toml:6:14: connectors.x.accounts.a.secrets.e.file: not the path of a file; write one such as "/run/secrets/token"
6 | e = { file = "" }
  |              ^^
f.toml:7:5: connectors.x.accounts.a.secrets.f: a secret's value does not belong in this file; write { env = "CONNECTOR_X_F" } or { file = "/run/secrets/…" }
7 | f = …
  |     ^
"#,
    ),
    (
        r#"
[connectors.x.accounts.a.grants]
urls = ["api.test", 5, "{apiUrl}/v1", "GET wss://a.test", "https://a.test?k=v"]
private = ["127.0.0.1", "10.0.0.1/8", "lan"]
"#,
        r#"
f.toml:2:9: connectors.x.accounts.a.grants.urls[0]: "api.test": write [METHOD[,METHOD] ]scheme://host[:port][/path], for example "GET https://api.example.com/v1/*"
2 | urls = ["api.test", 5, "{apiUrl}/v1", "GET wss://a.test", …]
  |         ^^^^^^^^^^
f.toml:2:21: connectors.x.accounts.a.grants.urls[1]: an integer cannot stand here; write a rule, such as "GET https://api.example.com/v1/*"
2 | urls = ["api.test", 5, "{apiUrl}/v1", "GET wss://a.test", …]
  |                     ^
f.toml:2:24: connectors.x.accounts.a.grants.urls[2]: "{apiUrl}/v1" is a connector's template; write the URL itself, without {…}
2 | urls = ["api.test", 5, "{apiUrl}/v1", "GET wss://a.test", …]
  |                        ^^^^^^^^^^^^^
f.toml:2:39: connectors.x.accounts.a.grants.urls[3]: "GET wss://a.test": methods are for http and https; a websocket rule has none
2 | urls = ["api.test", 5, "{apiUrl}/v1", "GET wss://a.test", …]
  |                                       ^^^^^^^^^^^^^^^^^^
f.toml:2:59: connectors.x.accounts.a.grants.urls[4]: a rule has no user name, password or query; write the URL without; for a secret there is grants.secrets
2 | urls = ["api.test", 5, "{apiUrl}/v1", "GET wss://a.test", …]
  |                                                           ^
f.toml:3:12: connectors.x.accounts.a.grants.private[0]: "127.0.0.1" is not an address range; write "127.0.0.1/32"
3 | private = ["127.0.0.1", "10.0.0.1/8", "lan"]
  |            ^^^^^^^^^^^
f.toml:3:25: connectors.x.accounts.a.grants.private[1]: "10.0.0.1/8" is not an address range; write "10.0.0.0/8"
3 | private = ["127.0.0.1", "10.0.0.1/8", "lan"]
  |                         ^^^^^^^^^^^^
f.toml:3:39: connectors.x.accounts.a.grants.private[2]: "lan" is not an address range; write one such as "127.0.0.0/8" or "fd00::/8"
3 | private = ["127.0.0.1", "10.0.0.1/8", "lan"]
  |                                       ^^^^^
"#,
    ),
    (
        r#"
[[connectors.x.accounts.a.grants.secrets.t]]
url = "wss://a.test"
at = { header = "Authorization" }
[[connectors.x.accounts.a.grants.secrets.t]]
at = { json = "token", query = "k" }
[[connectors.x.accounts.a.grants.secrets.t]]
url = "wss://a.test"
at = { json = "" }
when = [{ pointer = "type", equal = 1 }]
"#,
        r#"
f.toml:3:17: connectors.x.accounts.a.grants.secrets.t[0].at.header: "Authorization" is not the name of a header; write it in lower case, such as "authorization"
3 | at = { header = "Authorization" }
  |                 ^^^^^^^^^^^^^^^
f.toml:4:1: connectors.x.accounts.a.grants.secrets.t[1]: url is missing; write url = "https://api.example.com/v1/*"
4 | [[connectors.x.accounts.a.grants.secrets.t]]
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:5:1: connectors.x.accounts.a.grants.secrets.t[1].at: not one place; write one of { header = "authorization" }, { query = "key" }, { json = "/token" }
5 | at = { json = "token", query = "k" }
  | ^^
f.toml:8:15: connectors.x.accounts.a.grants.secrets.t[2].at.json: the whole document; point at one value, such as "/token"
8 | at = { json = "" }
  |               ^^
f.toml:9:9: connectors.x.accounts.a.grants.secrets.t[2].when[0]: equals is missing; write equals = "auth"
9 | when = [{ pointer = "type", equal = … }]
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
f.toml:9:21: connectors.x.accounts.a.grants.secrets.t[2].when[0].pointer: "type" is not a JSON pointer; write one such as "/token"; '~' is ~0 and '/' in a key is ~1
9 | when = [{ pointer = "type", equal = … }]
  |                     ^^^^^^
f.toml:9:29: connectors.x.accounts.a.grants.secrets.t[2].when[0].equal: unknown key; did you mean equals?
9 | when = [{ pointer = "type", equal = … }]
  |                             ^^^^^
"#,
    ),
    (
        r#"
a = 
[b
c = 1 2
"#,
        r#"
f.toml:1:5: not TOML: string values must be quoted, expected literal string
1 | … =
  |     ^
f.toml:2:3: not TOML: unclosed table, expected `]`
2 | […
  |   ^
"#,
    ),
    (
        r#"
[limits]
sockets = 1
sockets = 2

[limits]
timers = 1
"#,
        r#"
f.toml:3:1: not TOML: duplicate key
3 | sockets = …
  | ^^^^^^^
f.toml:5:2: not TOML: duplicate key
5 | [limits]
  |  ^^^^^^
"#,
    ),
];
