//! The whole crate from the outside: text in, reports and instances out.
mod agent;
mod bad_files;
mod checking;
mod examples;
mod files;
mod hiding;
mod secrets;

use crate::{Asked, Config, Env, Options, Outcome, PlaceAsk, Problem, SecretAsk, UrlAsk, Verdict, check};
use ports::json_test::JsonTest;
use ports::secret::At;
use serde_json::{Value, json};

/// What the occum connector asks for, shortened.
fn occum() -> Asked {
    let url = |rule: &str, reason: &str| UrlAsk { rule: rule.into(), reason: reason.into() };
    let place = |rule: &str, at, when| PlaceAsk { rule: rule.into(), at, when };
    let auth = JsonTest { pointer: "/type".into(), equals: json!("auth") };
    Asked {
        id: "occum".into(),
        schema: schema(json!({
            "apiUrl": {
                "type": "string", "pattern": "^https?://", "default": "https://api.occum.net",
                "description": "Where the platform's API is.",
            },
            "retries": { "type": "integer", "minimum": 1, "maximum": 9 },
        })),
        secrets: vec![SecretAsk {
            name: "agentToken".into(),
            required: true,
            places: vec![
                place("{apiUrl:ws}/v1/ws", At::Json("/token".into()), vec![auth]),
                place("GET {apiUrl}/v1/*", At::Header("authorization".into()), vec![]),
            ],
        }],
        urls: vec![url("{apiUrl:ws}/v1/ws", "hear what is said"), url("GET {apiUrl}/v1/*", "read")],
    }
}

fn schema(properties: Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

const REQUESTED: &str = "
[connectors.occum.accounts.default]
secrets.agentToken = { env = \"TOKEN\" }
grants.requested = true
";

fn token(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| "canary-7f3a".into())
}

fn checked(text: &str, asked: &Asked, options: Options, env: Env<'_>) -> Outcome {
    let config = Config::parse(text, "runtime.toml").unwrap_or_else(|report| panic!("{report}"));
    let accounts = config.instances_of(&asked.id).unwrap();
    check(&accounts[0], asked, options, env)
}

fn ready(text: &str, asked: &Asked) -> crate::Instance {
    match checked(text, asked, Options::default(), &token).verdict {
        Verdict::Ready(instance) => *instance,
        other => panic!("{}", said(&other)),
    }
}

/// The whole report of a file that is wrong by itself or for its connector, or not configured.
fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Ready(_) => "ready".into(),
        Verdict::NotConfigured { id, missing } => format!("{id} is not configured\n{}", lines(missing)),
        Verdict::Wrong(problems) => lines(problems),
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn verdict(text: &str) -> String {
    said(&checked(text, &occum(), Options::default(), &token).verdict)
}
