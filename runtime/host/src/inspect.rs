//! `runtime inspect`: what a component is and asks for, without giving it anything.
use crate::cli::Inspect;
use crate::components::{Introduced, Workshop};
use crate::descriptor::{self, Described};
use config::{CompilerSettings, Request};
use ports::log_budget::printable;
use serde_json::{Value, json};
use std::process::ExitCode;

pub async fn inspect(asked: &Inspect) -> anyhow::Result<ExitCode> {
    let workshop = Workshop::open(None, CompilerSettings::default())?;
    let Introduced { described, imports, .. } = workshop.introduced(&asked.component).await?;
    match asked.json {
        true => out!("{}", serde_json::to_string_pretty(&as_json(&described, &imports))?),
        false => out_as_is!("{}", as_text(&described)),
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(described: &Described, imports: &[String]) -> Value {
    let asked = &described.asked;
    let request = Request::of(asked);
    let names = |offers: &[descriptor::Offer]| -> Vec<Value> {
        offers.iter().map(|offer| json!({ "name": offer.name, "description": offer.description })).collect()
    };
    json!({
        "request": { "digest": request.digest(), "lines": request.lines().collect::<Vec<_>>() },
        "id": asked.id, "label": described.label, "version": described.version, "imports": imports,
        "config_schema": asked.schema,
        "urls": asked.urls.iter().map(|url| json!({ "rule": url.rule, "reason": url.reason })).collect::<Vec<_>>(),
        "secrets": asked.secrets.iter().map(|secret| json!({
            "name": secret.name, "required": secret.required,
            "places": secret.places.iter().map(|place| format!("{} of {}", place.at, place.rule)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "tools": names(&described.tools), "commands": names(&described.commands),
    })
}

fn as_text(described: &Described) -> String {
    let asked = &described.asked;
    let mut out = format!("{} ({} {})\n", described.label, asked.id, described.version);
    let mut section = |head: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            out += &format!("\n{head}\n");
            lines.iter().for_each(|line| out += &format!("  {line}\n"));
        }
    };
    let request = Request::of(asked);
    section("asks to", request.lines().map(clean).collect());
    let reasons = asked.urls.iter().filter(|url| !url.reason.is_empty());
    section(
        "to reach URLs because",
        reasons.map(|url| format!("{:60}  {}", config::shown_rule(&url.rule), url.reason)).collect(),
    );
    let need = |required: bool| if required { "required" } else { "optional" };
    let secret = |secret: &config::SecretAsk| match secret.captures.is_empty() {
        true => format!("{} ({})", secret.name, need(secret.required)),
        false => format!("{} (arrives from the platform)", secret.name),
    };
    section("uses secrets", asked.secrets.iter().map(secret).collect());
    let offer = |offer: &descriptor::Offer| format!("{:24}  {}", offer.name, offer.description);
    section("offers tools", described.tools.iter().map(offer).collect());
    section("offers commands", described.commands.iter().map(|it| format!("/{}", offer(it))).collect());
    section("for runtime.toml", config::Config::example(asked).lines().map(str::to_owned).collect());
    out
}

fn clean(line: &str) -> String {
    printable(line, usize::MAX)
}
