//! As strict as the real thing: what is not in order is refused with the documented error, and uses up no script.

use serde_json::Value;

use super::record::Request;
use super::reply::Reply;
use super::settings::Settings;

const PATH: &str = "/v1/chat/completions";

/// From the API reference; the real thing refuses what it does not know.
const PARAMETERS: &[&str] = &[
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];

const ROLES: [&str; 5] = ["developer", "system", "user", "assistant", "tool"];

/// Nothing if the request may have its answer.
pub(super) fn judge(request: &Request, settings: &Settings) -> Result<(), Reply> {
    key(request, settings)?;
    let path = request.path.split('?').next().unwrap_or_default();
    if path != PATH {
        let message = format!("Invalid URL ({} {path})", request.method);
        return Err(Reply::empty(404).error(&message, "invalid_request_error", None));
    }
    if request.method != "POST" {
        return Err(Reply::empty(405).error(
            "Not allowed to use this method.",
            "invalid_request_error",
            None,
        ));
    }
    let media_type = request.header("content-type").and_then(|kind| kind.split(';').next()).map(str::trim);
    if !media_type.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Err(bad("you must send a content-type of application/json"));
    }
    let body =
        request.body.as_object().ok_or_else(|| bad("We could not parse the JSON body of your request."))?;
    if let Some(unknown) = body.keys().find(|key| !PARAMETERS.contains(&key.as_str())) {
        return Err(bad(&format!("Unrecognized request argument supplied: {unknown}")));
    }
    let model = request.body["model"].as_str().ok_or_else(|| bad("you must provide a model parameter"))?;
    if !settings.models.iter().any(|known| known == model) {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        return Err(Reply::empty(404).error(&message, "invalid_request_error", Some("model_not_found")));
    }
    messages(&request.body["messages"])?;
    if request.body["stream"] != true {
        // The real thing would answer in one piece.
        return Err(bad("this far end only streams"));
    }
    Ok(())
}

fn key(request: &Request, settings: &Settings) -> Result<(), Reply> {
    let refused = |message, code| Err(Reply::empty(401).error(message, "invalid_request_error", code));
    match request.authorization().map(|value| value.strip_prefix("Bearer ")) {
        None | Some(None) => refused("You didn't provide an API key.", None),
        Some(Some(key)) if key == settings.key => Ok(()),
        Some(Some(_)) => refused("Incorrect API key provided: sk-***.", Some("invalid_api_key")),
    }
}

fn messages(messages: &Value) -> Result<(), Reply> {
    let messages = messages.as_array().filter(|messages| !messages.is_empty());
    let messages = messages.ok_or_else(|| bad("[] is too short - 'messages'"))?;
    for (at, message) in messages.iter().enumerate() {
        if !message["role"].as_str().is_some_and(|role| ROLES.contains(&role)) {
            return Err(bad(&format!("Invalid value for 'messages[{at}].role'")));
        }
        if !message["content"].is_string() {
            return Err(bad(&format!("Invalid value for 'messages[{at}].content': expected a string")));
        }
        let known = |key: &String| matches!(key.as_str(), "role" | "content" | "name");
        if !message.as_object().is_some_and(|message| message.keys().all(known)) {
            return Err(bad(&format!("Additional properties are not allowed - 'messages[{at}]'")));
        }
    }
    Ok(())
}

fn bad(message: &str) -> Reply {
    Reply::empty(400).error(message, "invalid_request_error", None)
}
