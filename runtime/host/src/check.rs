//! `runtime check`: what would start and what it may, with nothing started.
use crate::cli::Check;
use crate::components::Refused;
use crate::judging::{self, Judged};
use crate::keys;
use crate::plan::Plan;
use crate::ways::Ways;
use config::{Instance, Report};
use ports::log_budget::printable;
use serde_json::{Value, json};
use std::process::ExitCode;

pub async fn check(asked: Check) -> anyhow::Result<ExitCode> {
    let judged = judging::judge(asked.config.as_deref(), &asked.state.folder, &asked.components).await?;
    let Judged { plan, refused } = match judged {
        Ok(judged) => judged,
        Err(Report(problems)) => return judging::refuse(&problems),
    };
    // What only turns out when it is used.
    let ways = Ways::new(&plan.egress)?;
    for (_, instance) in &plan.ready {
        ways.of(&instance.egress)?;
    }
    keys::keys(&plan.keyring)?;
    match asked.json {
        true => out!("{}", serde_json::to_string_pretty(&as_json(&plan, &refused))?),
        false => out_as_is!("{}", as_text(&plan, &refused)),
    }
    let all =
        refused.is_empty() && plan.missing.is_empty() && plan.unapproved.is_empty() && !plan.ready.is_empty();
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn as_text(plan: &Plan, refused: &[Refused]) -> String {
    let mut out = String::new();
    for it in refused {
        out += &format!("{} is refused\n{}\n\n", it.path.display(), indented(&it.why));
    }
    for warning in &plan.warnings {
        out += &format!("warning: {warning}\n\n");
    }
    for (_, instance) in &plan.ready {
        out += &format!("{} is ready\n", instance.id);
        instance.given().iter().for_each(|line| out += &format!("  {}\n", clean(line)));
        for line in &instance.withheld {
            out += &format!("  asks to {}: not granted\n", clean(line));
        }
        out.push('\n');
    }
    for missing in &plan.missing {
        out += &format!("{} is not configured\n{}\n\n", missing.id, indented(&missing.what.join("\n")));
    }
    for unapproved in &plan.unapproved {
        let problem = indented(&unapproved.problem.to_string());
        out += &format!("{} is not approved\n{problem}\n\n", unapproved.id);
    }
    if plan.ready.is_empty() {
        out += "nothing would start\n";
    }
    out
}

fn as_json(plan: &Plan, refused: &[Refused]) -> Value {
    let ready = |(_, it): &(String, Instance)| json!({ "instance": it.id.to_string(), "given": it.given(), "withheld": it.withheld });
    json!({
        "refused": refused.iter().map(Refused::as_json).collect::<Vec<_>>(),
        "ready": plan.ready.iter().map(ready).collect::<Vec<_>>(),
        "not_configured": plan.missing.iter().map(|it| it.as_json()).collect::<Vec<_>>(),
        "unapproved": plan.unapproved.iter().map(|it| json!({
            "instance": it.id.to_string(), "digest": it.request.digest(), "beyond": it.beyond,
            "approved_before": it.approved_before,
        })).collect::<Vec<_>>(),
        "warnings": plan.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn clean(line: &str) -> String {
    printable(line, usize::MAX)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
