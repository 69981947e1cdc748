//! Which agent answers, made from the configuration.
use backend_openai::{OpenAi, Options, Timeouts};
use config::Agent;
use ports::agent::Backend;
use ports::dial::Dial;
use room_agent::Echo;
use std::sync::Arc;
use std::time::Duration;

pub fn backend(agent: Agent, dial: Arc<dyn Dial>) -> anyhow::Result<Arc<dyn Backend>> {
    let asked = match agent {
        Agent::Echo => return Ok(Arc::new(Echo)),
        Agent::OpenAi(asked) => *asked,
    };
    let timeouts = Timeouts {
        first_byte: Duration::from_secs(asked.first_byte_seconds.into()),
        idle: Duration::from_secs(asked.idle_seconds.into()),
        ..Timeouts::default()
    };
    let options = Options {
        api_key: asked.api_key,
        system: asked.system,
        memory_turns: asked.memory_turns as usize,
        timeouts,
        ..Options::new(asked.base_url, asked.model)
    };
    Ok(Arc::new(OpenAi::new(options, dial)?))
}
