//! What the handlers and the story share, and the one act that touches all of it: publishing an event.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::event::{Event, EventType, Sender};
use super::frames::ToClient;
use super::happening::Happening;
use super::recorder::Recorder;
use super::refusal::Refusal;
use super::settings::Settings;
use super::trouble::Faults;
use super::world::World;

/// Everything the handlers share.
pub(super) struct Platform {
    world: Mutex<World>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) faults: Faults,
    pub(super) settings: Settings,
}

impl Platform {
    pub(super) fn new(settings: Settings) -> Self {
        let recorder = Arc::new(Recorder::new(settings.keep));
        Self { world: Mutex::new(World::new(&settings)), recorder, faults: Faults::default(), settings }
    }

    /// NB: taken before the record's lock, never the other way round. A panic under it is a test's, about something
    /// that was not changed yet.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Make an event, keep it, note it as `happening` and send it out. All under one lock: sockets, history and record agree on the order.
    pub(super) fn publish(
        &self,
        channel: &str,
        from: Sender,
        what: EventType,
        body: Value,
        happening: fn(Arc<Event>) -> Happening,
    ) -> Result<Arc<Event>, Refusal> {
        let mut world = self.world();
        let id = world.opaque("ev");
        let World { channels, hub, .. } = &mut *world;
        let room = channels.get_mut(channel).ok_or(Refusal::unknown("channel"))?;
        let event = Arc::new(Event::new(id, channel, from, what, body));
        room.history.push(Arc::clone(&event));
        self.recorder.note(happening(Arc::clone(&event)));
        if !self.faults.silent() {
            hub.fan_out(room.members.iter(), &ToClient::Event(&event).text());
        }
        Ok(event)
    }
}
