//! The whole crate from the outside: text in, reports and instances out.
mod agent;
mod approvals;
mod approving;
mod bad_egress;
mod bad_files;
mod bad_grants;
mod bad_limits;
mod checking;
mod compiler;
mod doors;
mod egress;
mod examples;
mod files;
mod granting;
mod hiding;
mod keyring;
mod limits;
mod request;
mod secrets;
mod telemetry;

use crate::{
    Approvals, Asked, CaptureAsk, Config, Env, Instance, Outcome, PlaceAsk, Problem, Request, SecretAsk,
    UrlAsk, Verdict, check,
};
use ports::json_test::JsonTest;
use ports::secret::At;
use serde_json::{Value, json};

/// What the occum connector asks for, shortened.
fn occum() -> Asked {
    Asked {
        id: "occum".into(),
        capabilities: vec!["agent".into(), "http".into()],
        schema: schema(json!({
            "apiUrl": {
                "type": "string", "pattern": "^https?://", "default": "https://api.occum.net",
                "description": "Where the platform's API is.",
            },
            "retries": { "type": "integer", "minimum": 1, "maximum": 9 },
        })),
        secrets: vec![SecretAsk {
            required: true,
            places: vec![
                place("{apiUrl:ws}/v1/ws", At::Json("/token".into()), vec![test("/type", "auth")]),
                place("GET {apiUrl}/v1/*", At::Header("authorization".into()), vec![]),
            ],
            ..secret("agentToken")
        }],
        urls: vec![url("{apiUrl:ws}/v1/ws", "hear what is said"), url("GET {apiUrl}/v1/*", "read")],
    }
}

/// A connector that gets a token from its platform, signs and authenticates.
fn relay() -> Asked {
    let gateway = json!({"type": "string", "default": "https://gateway.test"});
    let arrives = CaptureAsk {
        rule: "{gatewayUrl:ws}".into(),
        at: At::Json("/payload/auth/deviceToken".into()),
        when: vec![test("/type", "hello")],
    };
    Asked {
        id: "relay".into(),
        capabilities: vec!["crypto".into(), "websocket".into()],
        schema: schema(json!({ "gatewayUrl": gateway })),
        secrets: vec![
            SecretAsk { signs: vec!["device".into()], ..secret("token") },
            SecretAsk {
                required: true,
                captures: vec![arrives],
                signs: vec!["device".into()],
                ..secret("deviceToken")
            },
            SecretAsk { authenticates: true, ..secret("webhook") },
        ],
        urls: vec![url("{gatewayUrl:ws}", "the gateway")],
    }
}

fn secret(name: &str) -> SecretAsk {
    let (places, captures, signs) = (vec![], vec![], vec![]);
    SecretAsk { name: name.into(), required: false, places, captures, signs, authenticates: false }
}

fn place(rule: &str, at: At, when: Vec<JsonTest>) -> PlaceAsk {
    PlaceAsk { rule: rule.into(), at, when }
}

fn url(rule: &str, reason: &str) -> UrlAsk {
    UrlAsk { rule: rule.into(), reason: reason.into() }
}

fn test(pointer: &str, equals: &str) -> JsonTest {
    JsonTest { pointer: pointer.into(), equals: json!(equals) }
}

fn schema(properties: Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// An account that grants nothing.
const ACCOUNT: &str = "
[connectors.occum.accounts.default]
secrets.agentToken = { env = \"TOKEN\" }
";

/// An account that grants all that this asks for.
fn approved(asked: &Asked) -> String {
    format!("{ACCOUNT}grants.approved = \"{}\"\n", digest(asked)).replace("occum", &asked.id)
}

fn digest(asked: &Asked) -> String {
    Request::of(asked).digest()
}

fn approvals(asked: &Asked) -> Approvals {
    let mut approvals = Approvals::default();
    let id = format!("default/{}/default", asked.id).parse().unwrap();
    approvals.approve(&id, &Request::of(asked), 1);
    approvals
}

fn token(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| "canary-7f3a".into())
}

fn checked(text: &str, asked: &Asked, approvals: &Approvals, env: Env<'_>) -> Outcome {
    let config = Config::parse(text, "runtime.toml").unwrap_or_else(|report| panic!("{report}"));
    let accounts = config.instances_of(&asked.id).unwrap();
    check(&accounts[0], asked, approvals, env)
}

fn ready(text: &str, asked: &Asked) -> Instance {
    started(checked(text, asked, &Approvals::default(), &token))
}

fn started(outcome: Outcome) -> Instance {
    match outcome.verdict {
        Verdict::Ready(instance) => *instance,
        other => panic!("{}", said(&other)),
    }
}

/// The whole report of a verdict.
fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Ready(_) => "ready".into(),
        Verdict::Unapproved(unapproved) => unapproved.problem.to_string(),
        Verdict::NotConfigured { id, missing, .. } => format!("{id} is not configured\n{}", lines(missing)),
        Verdict::Wrong(problems) => lines(problems),
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn verdict(text: &str) -> String {
    said(&checked(text, &occum(), &Approvals::default(), &token).verdict)
}

fn rules(instance: &Instance) -> Vec<String> {
    instance.reach.rules.iter().map(ToString::to_string).collect()
}
