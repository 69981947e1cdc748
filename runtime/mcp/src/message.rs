//! One message of a client, read: what `rmcp` gets to see, and what is answered without it.
use rmcp::model::{
    CallToolRequestMethod, ClientJsonRpcMessage, ClientNotification, ClientRequest, ConstString, ErrorCode,
    ErrorData, InitializeResultMethod, ListToolsRequestMethod, PingRequestMethod, ProtocolVersion, RequestId,
};
use serde_json::{Map, Value};

/// That are spoken. Later ones know no sessions.
pub(crate) const VERSIONS: &[ProtocolVersion] = &[
    ProtocolVersion::V_2024_11_05,
    ProtocolVersion::V_2025_03_26,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_11_25,
];

pub(crate) enum Message {
    /// The first of a session.
    Initialize(RequestId, ClientJsonRpcMessage),
    Request(RequestId, ClientJsonRpcMessage),
    /// A request that can be answered at once.
    Refused(RequestId, ErrorData),
    Cancelled(RequestId, ClientJsonRpcMessage),
    Notification(ClientJsonRpcMessage),
    /// Valid, and of no concern to us.
    Nothing,
}

/// Of a call, beside the message: what is in the message gets into the log.
#[derive(Clone, Default)]
pub(crate) struct Arguments(pub Map<String, Value>);

/// # Errors
/// It is no message, so that there is no id to answer to.
pub(crate) fn read(bytes: &[u8]) -> Result<Message, ErrorData> {
    let value = serde_json::from_slice(bytes).map_err(|error| {
        ErrorData::parse_error(format!("not JSON at line {}, column {}", error.line(), error.column()), None)
    })?;
    let fields = match value {
        Value::Object(fields) => fields,
        Value::Array(_) => return invalid("batches are not taken; send one message at a time"),
        _ => return invalid("a message is a JSON object"),
    };
    if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return invalid("a message has \"jsonrpc\": \"2.0\"");
    }
    let id = match fields.get("id") {
        None => None,
        Some(id @ (Value::String(_) | Value::Number(_))) => match serde_json::from_value(id.clone()) {
            Ok(id) => Some(id),
            Err(_) => return invalid("an id is a string or an integer"),
        },
        Some(_) => return invalid("an id is a string or an integer"),
    };
    match (fields.get("method"), id) {
        (Some(Value::String(_)), Some(id)) => Ok(request(id, fields)),
        (Some(Value::String(_)), None) => Ok(notification(fields)),
        (Some(_), _) => invalid("a method is a string"),
        // We ask the client for nothing.
        (None, Some(_)) if fields.contains_key("result") || fields.contains_key("error") => {
            Ok(Message::Nothing)
        }
        (None, _) => invalid("neither a request, nor a notification, nor a response"),
    }
}

fn invalid(why: &'static str) -> Result<Message, ErrorData> {
    Err(ErrorData::invalid_request(why, None))
}

fn request(id: RequestId, mut fields: Map<String, Value>) -> Message {
    let refused = |why: &'static str| Message::Refused(id.clone(), ErrorData::invalid_params(why, None));
    let method = fields["method"].as_str().unwrap_or_default();
    let known = [
        InitializeResultMethod::VALUE,
        PingRequestMethod::VALUE,
        ListToolsRequestMethod::VALUE,
        CallToolRequestMethod::VALUE,
    ];
    if !known.contains(&method) {
        let known = format!("no such method; there are {}", known.join(", "));
        return Message::Refused(id, ErrorData::new(ErrorCode::METHOD_NOT_FOUND, known, None));
    }
    let mut arguments = Map::new();
    if method == CallToolRequestMethod::VALUE {
        let Some(Value::Object(params)) = fields.get_mut("params") else {
            return refused("a call has params with the name of a tool");
        };
        match params.remove("arguments") {
            None => {}
            Some(Value::Object(given)) => arguments = given,
            Some(_) => return refused("arguments are a JSON object"),
        }
    }
    let Ok(mut message) = serde_json::from_value(Value::Object(fields)) else {
        return refused("the params are not those of this method");
    };
    let ClientJsonRpcMessage::Request(request) = &mut message else {
        return refused("a request has neither result nor error");
    };
    match &mut request.request {
        ClientRequest::InitializeRequest(_) => return Message::Initialize(id, message),
        ClientRequest::CallToolRequest(call) => drop(call.extensions.insert(Arguments(arguments))),
        ClientRequest::PingRequest(_) | ClientRequest::ListToolsRequest(_) => {}
        // What fits none is one of these.
        _ => return refused("the params are not those of this method"),
    }
    Message::Request(id, message)
}

fn notification(fields: Map<String, Value>) -> Message {
    let Ok(message) = serde_json::from_value(Value::Object(fields)) else { return Message::Nothing };
    let ClientJsonRpcMessage::Notification(notification) = &message else { return Message::Nothing };
    match &notification.notification {
        ClientNotification::InitializedNotification(_) => Message::Notification(message),
        ClientNotification::CancelledNotification(cancelled) => match cancelled.params.request_id.clone() {
            Some(id) => Message::Cancelled(id, message),
            None => Message::Nothing,
        },
        _ => Message::Nothing,
    }
}
