//! Which agent answers, made from the configuration.
use backend_openai::OpenAi;
use backend_openclaw::{OpenClaw, Permissions};
use config::Agent;
use ports::agent::Backend;
use ports::dial::Dial;
use ports::keys::KeyRing;
use room_agent::Echo;
use std::sync::Arc;
use std::time::Duration;

pub fn backend(
    agent: Agent,
    dial: Arc<dyn Dial>,
    ring: Arc<dyn KeyRing>,
) -> anyhow::Result<Arc<dyn Backend>> {
    Ok(match agent {
        Agent::Echo => Arc::new(Echo),
        Agent::OpenAi(asked) => Arc::new(OpenAi::new(openai(*asked), dial)?),
        Agent::OpenClaw(asked) => Arc::new(OpenClaw::new(openclaw(*asked), dial, ring)?),
    })
}

fn openai(asked: config::OpenAi) -> backend_openai::Options {
    let timeouts = backend_openai::Timeouts {
        first_byte: Duration::from_secs(asked.first_byte_seconds.into()),
        idle: Duration::from_secs(asked.idle_seconds.into()),
        ..Default::default()
    };
    backend_openai::Options {
        api_key: asked.api_key,
        system: asked.system,
        memory_turns: asked.memory_turns as usize,
        timeouts,
        ..backend_openai::Options::new(asked.base_url, asked.model)
    }
}

fn openclaw(asked: config::OpenClaw) -> backend_openclaw::Options {
    let known = Permissions::ALL.into_iter().find(|(name, _)| *name == asked.permissions);
    backend_openclaw::Options {
        token: asked.token,
        agent: asked.agent,
        agents: asked.agents,
        system: asked.system,
        permissions: known.map(|(_, permissions)| permissions).unwrap_or_default(),
        ..backend_openclaw::Options::new(asked.url)
    }
}
