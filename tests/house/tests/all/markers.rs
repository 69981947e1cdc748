//! The host never searches what people write for markers: whatever syntax a message holds, and the secret's name, it
//! arrives unchanged.
use crate::reach::Siege;
use crate::setup::{self, Result, chat};
use platforms::fort::{Answer, Echo, OnFrame};
use serde_json::{Value, json};

/// Every way that people have thought of to say "put a secret here", and what we write where one was.
fn text(name: &str) -> String {
    let around = [
        ("{{", "}}"),
        ("{{ ", " }}"),
        ("{{{", "}}}"),
        ("${", "}"),
        ("$", ""),
        ("$(", ")"),
        ("$((", "))"),
        ("%", "%"),
        ("%(", ")s"),
        ("{", "}"),
        ("{0:", "}"),
        ("#{", "}"),
        ("@{", "}"),
        ("<%= ", " %>"),
        ("<", ">"),
        ("</", ">"),
        ("[[", "]]"),
        ("[", "]"),
        ("__", "__"),
        ("!", "!"),
        ("!secret ", ""),
        ("!env ", ""),
        ("!!", ""),
        ("secret:", ""),
        ("secret://", ""),
        ("vault:", ""),
        ("vault:secret/data/", "#value"),
        ("op://vault/", "/password"),
        ("env:", ""),
        ("env.", ""),
        ("file:", ""),
        ("ref+vault://", ""),
        ("arn:aws:secretsmanager:eu:1:secret:", ""),
        ("@Microsoft.KeyVault(", ")"),
        ("sm://", ""),
        ("\u{1}", "\u{2}"),
        ("<secret:", ">"),
        ("{\"$secret\":\"", "\"}"),
        ("{{secrets.", "}}"),
        ("${{ secrets.", " }}"),
        ("${env:", "}"),
        ("${secret:", "}"),
        ("~{", "}"),
        ("§", "§"),
        ("\u{e000}", "\u{e001}"),
        ("\\u0000", "\\x00"),
        ("{% raw %}", "{% endraw %}"),
    ];
    let marked: Vec<String> = around.iter().map(|(before, after)| format!("{before}{name}{after}")).collect();
    let ours =
        "[redacted] [captured] Secret(…) Bearer Basic json:/auth/token header:authorization /auth/token";
    format!("{name} {} {ours}", marked.join(" "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_full_of_markers_goes_to_the_agent_and_back_unchanged() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    // The platform takes no control characters, and posts are cut at 4,000 characters.
    let text: String = text("agentToken").chars().filter(|c| !c.is_control()).collect();
    let posts = chat(&occum, &agent, &text, 1).await?;
    assert!(posts.concat().contains(&text), "{posts:?}");
    let memories = crate::secrets::guest_memories(runtime.pid()?)?;
    assert!(
        !memories
            .iter()
            .any(|memory| memory.windows(agent.token.len()).any(|it| it == agent.token.as_bytes()))
    );
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_and_a_frame_full_of_markers_go_out_and_come_back_unchanged() -> Result {
    let siege = Siege::lay(&[("token", "c4nary-t0ken-value")]).await?;
    let text = text("token");
    siege.fort.answer("/v1/", Answer::Echo(Echo::JsonEscaped));
    // With a fill beside it, in the same body.
    let body = json!({ "type": "auth", "text": text, "auth": { "token": "here" } }).to_string();
    let fills = json!([{ "secret": "token", "at": "json:/auth/token" }]);
    let asked = json!({ "method": "POST", "url": siege.url("/v1/login"), "body": body, "fills": fills });
    assert_eq!(siege.fetch(&asked).await?["status"], 200);
    let sent: Value = serde_json::from_slice(&siege.fort.requests()[0].body)?;
    assert_eq!(sent, json!({ "type": "auth", "text": text, "auth": { "token": "c4nary-t0ken-value" } }));
    // And without one, byte for byte, whatever it is.
    let asked = json!({ "method": "POST", "url": siege.url("/v1/x"), "body": text, "headers": [["x-token", "{{token}}"]] });
    let said = siege.fetch(&asked).await?;
    let request = siege.fort.requests().remove(1);
    assert_eq!((request.body.as_slice(), request.header("x-token")), (text.as_bytes(), Some("{{token}}")));
    assert!(
        serde_json::from_str::<Value>(said["body"].as_str().unwrap_or_default())?
            .to_string()
            .contains("[captured]")
    );
    siege.fort.on_frame(OnFrame::Text(Echo::Plain));
    siege
        .runtime
        .call("spy", "spy_subscribe", &json!({ "name": "s", "url": siege.socket("/v1/{{token}}") }))
        .await?;
    siege.fort.until("the socket", |record| record.requests().len() == 3).await;
    assert_eq!(siege.fort.requests()[2].target, "/v1/%7B%7Btoken%7D%7D", "as any URL is written");
    siege.runtime.call("spy", "spy_send", &json!({ "name": "s", "text": text })).await?;
    siege.fort.until("the frame", |record| record.messages().len() == 1).await;
    assert_eq!(siege.fort.messages()[0], text.as_bytes());
    let expected = format!("s said {text}");
    siege.hears("it", |heard| heard.contains(&expected)).await?;
    siege.runtime.stop().await?;
    Ok(())
}
