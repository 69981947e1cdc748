//! Many plans, some at a time.
use crate::plan::Plan;
use crate::play::{Deaths, Warm, play};
use crate::timeline::Timeline;
use crate::{Subject, oracle};
use anyhow::Context;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use workbench::Strace;

/// What became of one seed.
pub struct Verdict {
    pub plan: Plan,
    /// Nothing: it passed.
    pub wrong: Vec<String>,
    pub took: Duration,
    /// What the far end saw, and what was done to it and to the process.
    timeline: String,
    folder: PathBuf,
    deaths: Deaths,
}

/// Plays plans against one subject, each in a folder of its own that is kept if it fails.
#[derive(Clone)]
pub struct Suite(Arc<Inner>);

struct Inner {
    subject: Subject,
    warm: Warm,
    folder: PathBuf,
}

impl Suite {
    /// # Errors
    /// There is no strace; or the runtime does not run at all.
    pub async fn new(subject: Subject, folder: PathBuf) -> anyhow::Result<Self> {
        Strace::new(&["fsync"], PathBuf::new())?;
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        let warm = Warm::up(&subject, &folder).await?;
        Ok(Self(Arc::new(Inner { subject, warm, folder })))
    }

    /// Plays these, `jobs` at a time; `each` sees the verdicts as they come.
    pub async fn run(
        &self,
        plans: impl IntoIterator<Item = Plan>,
        jobs: usize,
        mut each: impl FnMut(&Verdict),
    ) -> Vec<Verdict> {
        let (mut plans, mut playing, mut verdicts) = (plans.into_iter(), JoinSet::new(), Vec::new());
        loop {
            while playing.len() < jobs.max(1)
                && let Some(plan) = plans.next()
            {
                let suite = self.clone();
                playing.spawn(async move { suite.one(plan).await });
            }
            let Some(verdict) = playing.join_next().await else { break };
            let verdict = verdict.expect("a verdict catches what panics");
            each(&verdict);
            verdicts.push(verdict);
        }
        verdicts.sort_by_key(|verdict| verdict.plan.seed);
        verdicts
    }

    async fn one(&self, plan: Plan) -> Verdict {
        let (timeline, begun) = (Timeline::new(), Instant::now());
        let folder = self.0.folder.join(format!("seed-{}", plan.seed));
        let play = {
            let (suite, plan, folder, timeline) =
                (self.clone(), plan.clone(), folder.clone(), timeline.clone());
            // In a task of its own: the far end panics when what it waits for does not happen.
            tokio::spawn(async move {
                let played = play(&suite.0.subject, &suite.0.warm, &plan, &folder, &timeline).await?;
                Ok::<_, anyhow::Error>((oracle::judge(&plan, &played), played.deaths))
            })
        };
        let (wrong, deaths) = match play.await {
            Ok(Ok(judged)) => judged,
            Ok(Err(error)) => (vec![format!("{error:#}")], Deaths::default()),
            Err(error) => (vec![format!("the play broke off: {error}")], Deaths::default()),
        };
        let verdict =
            Verdict { plan, wrong, took: begun.elapsed(), timeline: timeline.text(), folder, deaths };
        verdict.tidy();
        verdict
    }
}

impl Verdict {
    pub fn passed(&self) -> bool {
        self.wrong.is_empty()
    }

    /// What is needed to understand a failure stays in the folder; without one it goes.
    fn tidy(&self) {
        // The verdict is what counts; a disk that is full says so soon enough.
        let _ = if self.passed() {
            std::fs::remove_dir_all(&self.folder)
        } else {
            let write = |name: &str, text: String| std::fs::write(self.folder.join(name), text);
            write("plan.txt", self.plan.to_string())
                .and_then(|()| write("far-end.txt", self.timeline.clone()))
                .and_then(|()| write("wrong.txt", self.wrong.join("\n")))
        };
    }
}

/// One line.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.passed() { "ok" } else { "FAILED" };
        write!(f, "seed {:>4}  {how:<6}  {:>5.1} s", self.plan.seed, self.took.as_secs_f64())?;
        self.wrong.first().and_then(|wrong| wrong.lines().next()).map_or(Ok(()), |line| write!(f, "  {line}"))
    }
}

/// What was wanted many times and never happened: the suite does not test what it says, however green it is. The usual
/// reason is that the journal's files have another name than `play` thinks.
pub fn blind(verdicts: &[Verdict]) -> Option<String> {
    /// Below it, never may be chance: about one in five finds the process idle before it gets there.
    const MANY: u32 = 10;
    let deaths = total(verdicts);
    let never = |met: u32, wanted: u32| met == 0 && wanted >= MANY;
    if verdicts.is_empty() {
        return Some("no seed was played".into());
    }
    if never(deaths.at_call, deaths.at_call_wanted) {
        return Some(format!("{} kills at a call on the journal, and none met it", deaths.at_call_wanted));
    }
    if never(deaths.disk_faults, deaths.disk_faults_wanted) {
        return Some(format!("{} disk faults, and none met the journal", deaths.disk_faults_wanted));
    }
    None
}

fn total(verdicts: &[Verdict]) -> Deaths {
    let mut deaths = Deaths::default();
    verdicts.iter().for_each(|verdict| deaths.add(verdict.deaths));
    deaths
}

/// Everything about the failures, then the summary.
pub fn print(verdicts: &[Verdict], f: &mut impl fmt::Write) -> fmt::Result {
    let failed: Vec<_> = verdicts.iter().filter(|verdict| !verdict.passed()).collect();
    for verdict in &failed {
        writeln!(f, "\n{}{}", "=".repeat(80), format_args!("\n{}", verdict.plan))?;
        writeln!(f, "what happened:\n{}\n", verdict.timeline)?;
        writeln!(f, "wrong:")?;
        verdict.wrong.iter().try_for_each(|wrong| writeln!(f, "  {wrong}"))?;
        let file = |name: &str| verdict.folder.join(name).display().to_string();
        writeln!(f, "log of the process: {}\nstate: {}", file("log.txt"), file("state"))?;
        writeln!(f, "again: cargo run --bin crash -- --only {}", verdict.plan.seed)?;
    }
    let Deaths { kills, stops, at_call, at_call_wanted, disk_faults, disk_faults_wanted, refused } =
        total(verdicts);
    writeln!(
        f,
        "\n{} seeds, {} failed; {kills} kills ({at_call} of {at_call_wanted} within their call on the journal), \
         {stops} orderly stops, {disk_faults} of {disk_faults_wanted} disk faults met ({refused} of them at the opening: it did not start)",
        verdicts.len(),
        failed.len(),
    )?;
    if !failed.is_empty() {
        let seeds: Vec<_> = failed.iter().map(|verdict| verdict.plan.seed.to_string()).collect();
        writeln!(f, "failed: {}", seeds.join(" "))?;
    }
    if let Some(blind) = blind(verdicts) {
        writeln!(f, "BLIND: {blind}")?;
    }
    Ok(())
}
