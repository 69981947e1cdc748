//! What we posted in a channel lately: enough to tell our own messages apart. Why, see [`crate::look`].

use crate::Occum;
use crate::channel::ChannelId;
use sdk::{log, store};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Posts of a channel that are remembered. Only those between a post in doubt and the look for it matter, and a
/// channel's blocks come one after the other.
const RECENT: usize = 16;

/// In the store under `posts/<channel>`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Posts {
    /// The newest block.
    block: Option<Post>,
    /// All, blocks too.
    recent: VecDeque<Post>,
}

/// Whose post it was, and its event; empty if the platform did not say it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Post {
    of: String,
    id: String,
}

/// What a post is for; a repeat of the same has the same name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// A reply of a ticket, by its number.
    Block { ticket: String, sequence: u64 },
    /// A message that the agent sends by itself, by its id.
    Outbound(String),
    /// Never repeated.
    Tool,
}

impl Purpose {
    fn name(&self) -> String {
        match self {
            Self::Block { ticket, sequence } => format!("block {ticket} {sequence}"),
            Self::Outbound(id) => format!("outbound {id}"),
            Self::Tool => String::new(),
        }
    }
}

impl Posts {
    pub(crate) fn add(&mut self, purpose: &Purpose, id: Option<&str>) {
        let post = Post { of: purpose.name(), id: id.unwrap_or_default().to_owned() };
        if matches!(purpose, Purpose::Block { .. }) {
            self.block = Some(post.clone());
        }
        self.recent.push_back(post);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    /// The event of this post, if it is known to be done; none inside if the platform did not say it.
    pub(crate) fn find(&self, purpose: &Purpose) -> Option<Option<String>> {
        let name = purpose.name();
        let mut known = self.block.iter().chain(&self.recent);
        let post = known.find(|post| post.of == name && *purpose != Purpose::Tool)?;
        Some(Some(post.id.clone()).filter(|id| !id.is_empty()))
    }

    /// Whether this event is a post that is known.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.recent.iter().any(|post| post.id == id)
    }

    pub(crate) fn block(&self) -> Option<&str> {
        self.block.as_ref().map(|post| post.id.as_str()).filter(|id| !id.is_empty())
    }
}

impl Occum {
    /// What is known of this channel's posts, from the store if this instance has not asked yet.
    pub(crate) async fn posts(&self, channel: &ChannelId) -> Result<Posts, store::Error> {
        self.load_posts(channel).await?;
        Ok(self.memory.with(|memory| memory.posts.get(channel).cloned().unwrap_or_default()))
    }

    async fn load_posts(&self, channel: &ChannelId) -> Result<(), store::Error> {
        if self.memory.with(|memory| memory.posts.contains_key(channel)) {
            return Ok(());
        }
        let stored = match store::get(&key(channel)).await? {
            None => Posts::default(),
            Some(entry) => serde_json::from_slice(&entry.value).unwrap_or_else(|error| {
                log::warn!("what is stored of the posts can't be read: {error}", channel = channel);
                Posts::default()
            }),
        };
        // Another handler may have asked meanwhile, and posted.
        self.memory.with(|memory| {
            memory.posts.entry(channel.clone()).or_insert(stored);
        });
        Ok(())
    }

    /// Remembers a post, and waits until that is durable: the next block must not be taken for this one. With it goes
    /// what was kept until it was posted.
    pub(crate) async fn remember(
        &self,
        channel: &ChannelId,
        purpose: &Purpose,
        id: Option<&str>,
        kept: Option<String>,
    ) {
        let noted = async {
            self.load_posts(channel).await?;
            let posts = self.memory.with(|memory| {
                let posts = memory.posts.entry(channel.clone()).or_default();
                posts.add(purpose, id);
                store::Change::set_json(key(channel), posts)
            });
            let kept = kept.map(store::Change::delete);
            store::commit([posts?].into_iter().chain(kept).collect()).await
        };
        if let Err(error) = noted.await {
            // It is posted: repeating it would be worse. Without the note a repeat still finds it by its text.
            log::warn!("could not note a post: {error}", channel = channel);
        }
    }
}

pub(crate) fn key(channel: &ChannelId) -> String {
    format!("posts/{channel}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(sequence: u64) -> Purpose {
        Purpose::Block { ticket: "t".into(), sequence }
    }

    #[test]
    fn a_post_is_known_by_what_it_is_for() {
        let mut posts = Posts::default();
        posts.add(&block(1), Some("ev_1"));
        posts.add(&Purpose::Outbound("t 1".into()), None);
        posts.add(&Purpose::Tool, Some("ev_2"));
        assert_eq!(posts.find(&block(1)), Some(Some("ev_1".into())));
        assert_eq!(posts.find(&block(2)), None);
        assert_eq!(posts.find(&Purpose::Outbound("t 1".into())), Some(None));
        assert_eq!(posts.find(&Purpose::Tool), None);
        assert!(posts.has("ev_2") && !posts.has("ev_3"));
        assert_eq!(posts.block(), Some("ev_1"));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut posts = Posts::default();
        (0..=RECENT as u64).for_each(|n| posts.add(&block(n), Some(&format!("ev_{n}"))));
        assert_eq!((posts.find(&block(0)), posts.has("ev_1")), (None, true));
        let stored = serde_json::to_vec(&posts).unwrap();
        assert_eq!(serde_json::from_slice::<Posts>(&stored).unwrap(), posts);
    }
}
