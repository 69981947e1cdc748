//! The places in the store: `cursor/<channel>` for each channel, and `begun` once the first login has them all.

use crate::Occum;
use crate::channel::ChannelId;
use crate::cursor::Cursor;
use crate::join;
use crate::lanes::{self, CHANGES};
use crate::posts;
use sdk::store::{self, Change};
use sdk::{log, timers};
use std::cell::RefCell;
use std::time::Duration;

const PREFIX: &str = "cursor/";
const BEGUN: &str = "begun";

/// Keys of one list, the most there may be.
const LISTED: u32 = 1000;

/// For the first look at all channels; `start` has ten seconds where the operator says nothing else (`start_seconds`).
const FIRST_LOOK: Duration = Duration::from_secs(3);

/// Channels that are looked at side by side.
const BESIDE: usize = 8;

/// Commits of one handler in a row; the next event goes on.
const COMMITS: usize = 20;

/// When a new instance asks for what an older one may have had waiting. A login in the meantime comes first.
const AFTER_START: Duration = Duration::from_secs(1);

impl Occum {
    /// What an older instance knew.
    pub(crate) async fn restore(&self) -> Result<(), store::Error> {
        let begun = store::get(BEGUN).await?.is_some();
        self.lanes.with(|lanes| lanes.begun = begun);
        let due = timers::monotonic() + AFTER_START;
        let mut after = None;
        loop {
            let keys = store::list(PREFIX, after.as_deref(), LISTED).await?;
            self.lanes.with(|lanes| {
                let channels = keys.iter().filter_map(|key| key.strip_prefix(PREFIX));
                for channel in channels.filter_map(|id| ChannelId::try_from(id.to_owned()).ok()) {
                    lanes.add(channel, due);
                }
            });
            match keys.last() {
                Some(last) if keys.len() == LISTED as usize => after = Some(last.clone()),
                _ => break,
            }
        }
        if !begun {
            self.first_look().await;
        }
        Ok(())
    }

    /// First start: where every channel stands, before the socket is even wanted. What is said from now on is found
    /// behind it, whatever happens. If it does not succeed, the login looks again.
    async fn first_look(&self) {
        let until = timers::monotonic() + FIRST_LOOK;
        let channels = match self.api.channels().await {
            Ok(channels) => channels,
            Err(error) => return log::warn!("could not look where the channels stand: {error}"),
        };
        let ids =
            channels.into_iter().filter_map(|mut channel| serde_json::from_value(channel["id"].take()).ok());
        let channels: RefCell<Vec<ChannelId>> = RefCell::new(
            ids.filter(|channel| self.lanes.with(|lanes| lanes.lane(channel).is_none())).collect(),
        );
        let failed = RefCell::new(Vec::new());
        let look = || async {
            while timers::monotonic() < until {
                let Some(channel) = channels.borrow_mut().pop() else { return };
                match self.api.page(&channel, &Cursor::Beginning, 1).await {
                    Ok(page) => {
                        let newest = Cursor::from(page.events.last().map(|event| event.id.clone()));
                        self.starts_at(&channel, newest);
                    }
                    Err(error) => {
                        log::warn!("could not look where a channel stands: {error}", channel = channel);
                        failed.borrow_mut().push(channel);
                    }
                }
            }
        };
        join::all((0..BESIDE).map(|_| look())).await;
        self.lanes.with(|lanes| {
            for channel in failed.take().into_iter().chain(channels.take()) {
                lanes.add(channel, until);
            }
        });
        self.save().await;
        self.all_have_begun().await;
    }

    /// The first login is over when every channel has its place.
    pub(crate) async fn all_have_begun(&self) {
        if self.lanes.with(|lanes| lanes.begun || !lanes.all_have_begun()) {
            return;
        }
        match store::set(BEGUN, "1").await {
            Ok(_) => self.lanes.with(|lanes| lanes.begun = true),
            Err(error) => log::warn!("could not note that all channels have begun: {error}"),
        }
    }

    pub(crate) async fn stored_cursor(&self, channel: &ChannelId) -> Result<Option<Cursor>, store::Error> {
        store::get_json(&key(channel)).await
    }

    /// A new place; written with the next save.
    pub(crate) fn starts_at(&self, channel: &ChannelId, cursor: Cursor) {
        self.lanes.with(|lanes| {
            lanes.add(channel.clone(), Duration::ZERO).starts_at(cursor);
            lanes.is_to_be_saved(channel);
        });
    }

    /// Writes the cursors that moved. One handler at a time does it for all, so that a busy channel costs one commit
    /// per sync of the disk and not one per message. Losing one costs a repeat, which the agent's room knows.
    pub(crate) async fn save(&self) {
        for _ in 0..COMMITS {
            let Some(cursors) = self.lanes.with(lanes::Lanes::begin_saving) else { return };
            let changes: Result<Vec<_>, _> =
                cursors.iter().map(|(channel, cursor)| Change::set_json(key(channel), cursor)).collect();
            let saved = async { store::commit(changes?).await };
            match saved.await {
                Ok(_) => self.lanes.with(|lanes| lanes.end_saving(Vec::new())),
                Err(error) => {
                    log::warn!("could not write the cursors: {error}", channels = cursors.len());
                    return self.lanes.with(|lanes| lanes.end_saving(cursors));
                }
            }
        }
    }

    /// Channels that we are not in any more: if we come back, what was said in between is not for us.
    pub(crate) async fn forget(&self, channels: Vec<ChannelId>) {
        for some in channels.chunks(CHANGES / 2) {
            let changes = some.iter().flat_map(|channel| [key(channel), posts::key(channel)]);
            match store::commit(changes.map(Change::Delete).collect()).await {
                Ok(_) => log::info!("no longer a member", channels = some.len()),
                Err(error) => log::warn!("could not forget channels: {error}", channels = some.len()),
            }
        }
    }
}

fn key(channel: &ChannelId) -> String {
    format!("{PREFIX}{channel}")
}
