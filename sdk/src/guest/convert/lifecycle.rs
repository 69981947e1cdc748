use super::all;
use crate::guest::bindings::lifecycle::exports::connector::runtime::lifecycle as wit;
use crate::{
    CaptureRequest, Command, Descriptor, Hint, Instance, PlaceRequest, SecretRequest, StartError, StopReason,
    Tool, UrlRequest,
};

impl From<wit::Instance> for Instance {
    fn from(instance: wit::Instance) -> Self {
        Self { tenant: instance.tenant, connector: instance.connector, account: instance.account }
    }
}

impl From<wit::StopReason> for StopReason {
    fn from(reason: wit::StopReason) -> Self {
        match reason {
            wit::StopReason::Shutdown => Self::Shutdown,
            wit::StopReason::Operator => Self::Operator,
            wit::StopReason::Idle => Self::Idle,
            wit::StopReason::Upgrade => Self::Upgrade,
        }
    }
}

impl From<StartError> for wit::StartError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Configuration(what) => Self::Configuration(what),
            StartError::Unavailable(what) => Self::Unavailable(what),
        }
    }
}

impl From<Descriptor> for wit::Descriptor {
    fn from(descriptor: Descriptor) -> Self {
        Self {
            id: descriptor.id,
            label: descriptor.label,
            version: descriptor.version,
            config_schema: descriptor.config_schema.to_string(),
            hints: all(descriptor.hints),
            secrets: all(descriptor.secrets),
            urls: all(descriptor.urls),
            tools: all(descriptor.tools),
            commands: all(descriptor.commands),
        }
    }
}

impl From<Hint> for wit::Hint {
    fn from(hint: Hint) -> Self {
        Self { key: hint.key, label: hint.label, placeholder: hint.placeholder, sensitive: hint.sensitive }
    }
}

impl From<UrlRequest> for wit::UrlRequest {
    fn from(request: UrlRequest) -> Self {
        Self { rule: request.rule, reason: request.reason }
    }
}

impl From<SecretRequest> for wit::SecretRequest {
    fn from(request: SecretRequest) -> Self {
        Self {
            name: request.name,
            required: request.required,
            places: all(request.places),
            captures: all(request.captures),
            signs: request.signs,
            authenticates: request.authenticates,
        }
    }
}

impl From<PlaceRequest> for wit::PlaceRequest {
    fn from(request: PlaceRequest) -> Self {
        Self { rule: request.rule, at: request.at.into(), when: all(request.when) }
    }
}

impl From<CaptureRequest> for wit::CaptureRequest {
    fn from(request: CaptureRequest) -> Self {
        Self { rule: request.rule, at: request.at.into(), when: all(request.when) }
    }
}

impl From<Tool> for wit::Tool {
    fn from(tool: Tool) -> Self {
        Self { name: tool.name, description: tool.description, arguments: tool.arguments.to_string() }
    }
}

impl From<Command> for wit::Command {
    fn from(command: Command) -> Self {
        Self { name: command.name, description: command.description }
    }
}
