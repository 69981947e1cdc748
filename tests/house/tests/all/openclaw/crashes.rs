//! `kill -9` of the gateway at random moments: every message ends in one posted answer or one clear failure, and none is
//! submitted twice by us.
use super::{connected, posts, until_within};
use crate::setup::{Result, platform};
use platforms::occum::Occum;
use platforms::openclaw::real::{Gateway, Setup};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often the gateway is killed, unless `OPENCLAW_SEEDS` says otherwise. It has to survive 50 and does not yet: past some
/// twenty a message can be answered with the text of another one of its conversation.
const SEEDS: u64 = 5;
/// Conversations that go on at once, so that each kill meets messages in many states.
const CHANNELS: usize = 10;
/// For all messages to end, after the last restart: some wait minutes for a gateway that does not go on with them.
const END_WITHIN: Duration = Duration::from_secs(900);

/// Marsaglia's xorshift: the same moments for the same seed.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// What is said, by the mark that is in it: where, and whether its answer has two parts.
struct Said {
    channel: String,
    mark: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_ends_once_however_often_the_gateway_is_killed() -> Result {
    let seeds = std::env::var("OPENCLAW_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    // Not one of those that wait for each other: they would wait for a quarter of an hour.
    let mut gateway = Gateway::start(Setup::default()).await?;
    let (occum, clanker) = platform().await?;
    let channels: Vec<String> =
        (0..CHANNELS).map(|number| occum.add_channel(&format!("c{number}"), &[&clanker])).collect();
    let runtime = connected(&gateway, &occum, &clanker, "").await?;
    let mut said: Vec<Said> = Vec::new();
    let begun = Instant::now();
    for seed in 0..seeds {
        let mut random = Random::new(seed + 1);
        // Nobody piles up more than the gateway can work off between two kills.
        let few =
            async || Ok((said.len() as u64 - ended(&occum, &channels) < 2 * CHANNELS as u64).then_some(()));
        // The gateway goes on with what it was interrupted in one by one, half a minute each.
        until_within("some of them to end", END_WITHIN, few).await?;
        for number in 0..1 + random.below(4) {
            let (channel, mark) =
                (channels[random.below(CHANNELS as u64) as usize].clone(), format!("m{seed}n{number}."));
            let delay = [15, 60, 250][random.below(3) as usize];
            let text = match random.below(2) {
                0 => format!("{mark} [[words=12]] [[delay={delay}]]"),
                _ => format!("{mark} [[reply=echo: {mark} first\n\nsecond of {mark}]] [[delay={delay}]]"),
            };
            occum.say(&channel, 42, &text).await;
            said.push(Said { channel, mark });
            tokio::time::sleep(Duration::from_millis(random.below(200))).await;
        }
        tokio::time::sleep(Duration::from_millis(random.below(3000))).await;
        gateway.kill().await?;
        tokio::time::sleep(Duration::from_millis(random.below(300))).await;
        gateway.restart().await?;
    }
    let kills = begun.elapsed();
    let all = async || anyhow::Ok((ended(&occum, &channels) == said.len() as u64).then_some(()));
    tokio::time::timeout(END_WITHIN, async {
        while all().await?.is_none() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        anyhow::Ok(())
    })
    .await
    .map_err(|_| {
        anyhow::anyhow!("{} of {} ended: {}", ended(&occum, &channels), said.len(), runtime.log())
    })??;
    judge(&occum, &gateway, &said)?;
    eprintln!("{seeds} kills in {kills:?}, all ended after {:?}", begun.elapsed());
    assert!(runtime.stop().await?.status.success());
    Ok(())
}

fn ended(occum: &Occum, channels: &[String]) -> u64 {
    channels.iter().map(|channel| occum.record(|record| record.work_completed_count(channel))).sum()
}

fn judge(occum: &Occum, gateway: &Gateway, said: &[Said]) -> Result {
    let mut of: BTreeMap<&str, u64> = BTreeMap::new();
    for said in said {
        *of.entry(&said.channel).or_default() += 1;
    }
    for (channel, count) in &of {
        let work = occum.record(|record| record.work(channel));
        assert_eq!(work.len() as u64, *count, "one work session for each message in {channel}");
        assert!(work.iter().all(|work| work.summary.is_some()), "{work:?}");
    }
    let prompts = gateway.prompts()?;
    let (mut answered, mut failed) = (0, 0);
    for Said { channel, mark } in said {
        let begins = posts(occum, channel)
            .iter()
            .filter(|post| post.starts_with("echo:") && post.contains(mark))
            .count();
        assert!(begins <= 1, "{mark} was answered {begins} times: {:?}", posts(occum, channel));
        match begins {
            1 => answered += 1,
            _ => failed += 1,
        }
        // A gateway that goes on by itself asks the model in other words.
        let spoken = format!("From User #42: {mark}");
        let asked = prompts.iter().filter(|prompt| prompt.user.starts_with(&spoken)).count();
        assert!(asked <= 1, "{mark} was submitted {asked} times");
    }
    let failures: Vec<String> = of
        .keys()
        .flat_map(|channel| occum.record(|record| record.work(channel)))
        .filter_map(|work| work.summary.clone())
        .filter(|summary| summary.starts_with("Error: "))
        .collect();
    eprintln!("{} messages: {answered} answered, {failed} failed: {failures:?}", said.len());
    assert_eq!(failures.len(), failed, "what has no answer says so");
    assert!(answered > failed, "most are answered");
    Ok(())
}
