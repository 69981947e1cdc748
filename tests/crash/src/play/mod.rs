//! Makes a plan happen to a real process and a far end.
mod death;
mod deaths;
mod faults;
mod stage;
mod warm;

use crate::Subject;
use crate::plan::{Launch, Life, Plan};
use crate::timeline::Timeline;
use anyhow::Context;
use platforms::occum::{Agent, Occum};
use std::path::Path;
use workbench::{Home, Runtime, Script, Strace};

use death::{Death, Signs};
pub(crate) use deaths::Deaths;
pub(crate) use stage::Stage;
pub(crate) use warm::Warm;

/// What the oracle judges.
pub(crate) struct Played {
    pub(crate) stage: Stage,
    /// All that the processes said.
    pub(crate) log: String,
    /// What `runtime deadletters list --json` said, if there is such a command.
    pub(crate) dead_letters: Option<String>,
    /// What was wrong with the processes themselves.
    pub(crate) complaints: Vec<String>,
    pub(crate) deaths: Deaths,
}

/// Plays it in this folder.
pub(crate) async fn play(
    subject: &Subject,
    warm: &Warm,
    plan: &Plan,
    folder: &Path,
    timeline: &Timeline,
) -> anyhow::Result<Played> {
    let stage = Stage::set(plan, timeline).await?;
    let home = Home::at(folder.to_owned(), script(subject, &stage.occum, &stage.agent))?;
    warm.furnish(&home)?;
    let mut player = Player { home, stage, complaints: Vec::new(), deaths: Deaths::default() };
    for (number, life) in plan.lives.iter().enumerate() {
        player.live(number + 1, life).await.with_context(|| format!("in life {}", number + 1))?;
    }
    let dead_letters = player.last_life(plan.seed).await.context("in the last, undisturbed life")?;
    let log = std::fs::read_to_string(player.home.log_file().context("this home stays")?)?;
    let Player { stage, complaints, deaths, .. } = player;
    Ok(Played { stage, log, dead_letters, complaints, deaths })
}

struct Player {
    home: Home,
    stage: Stage,
    complaints: Vec<String>,
    deaths: Deaths,
}

impl Player {
    async fn live(&mut self, number: usize, life: &Life) -> anyhow::Result<()> {
        self.stage.note(format_args!("== life {number}: {}", life.launch));
        let trace = self.home.folder().join(format!("strace-{number}.txt"));
        let runtime = match strace(life.launch, &self.home, &trace)? {
            None => self.home.start()?,
            Some(strace) => self.home.start_under(&strace).await?,
        };
        let signs = Signs::of(&self.stage);
        let death = Death { life, stage: &self.stage, signs: &signs };
        let ((), ended) = tokio::try_join!(self.stage.perform(&life.acts, &signs), death.of(runtime))?;
        self.stage.note(format_args!("== life {number} ended: {}", ended.how));
        let injected = std::fs::read_to_string(&trace).is_ok_and(|trace| trace.contains("(INJECTED)"));
        self.deaths.count(life, &ended, injected);
        self.complaints.extend(ended.complaint.map(|complaint| format!("life {number}: {complaint}")));
        let nobody = Signs::of(&self.stage);
        nobody.dead.cancel();
        self.stage.perform(&life.meanwhile, &nobody).await
    }

    /// Everything healed; the channels' last messages are answered after everything before them.
    async fn last_life(&mut self, seed: u64) -> anyhow::Result<Option<String>> {
        self.stage.note("== the last life: undisturbed");
        self.stage.occum.heal();
        let signs = Signs::of(&self.stage);
        let mut runtime = self.home.start()?;
        runtime.said("running").await?;
        self.stage.login(&signs).await;
        self.stage.close(seed).await;
        let dead_letters = dead_letters(&runtime).await?;
        let ended = runtime.stop().await?;
        if !ended.status.success() {
            self.complaints.push(format!("the orderly stop at the end: {}", ended.status));
        }
        self.stage.note("== the end");
        Ok(dead_letters)
    }
}

/// One occum account. Finer lines than usual: text must not be in them either.
pub(crate) fn script(subject: &Subject, occum: &Occum, agent: &Agent) -> Script {
    let config = format!(
        "[connectors.occum.accounts.default]\nconfig = {{ apiUrl = \"{}\" }}\n\
         secrets.agentToken = {{ env = \"OCCUM_TOKEN\" }}\n\
         grants = {{ private = [\"127.0.0.0/8\"] }}\n",
        occum.url()
    );
    let environment = [("OCCUM_TOKEN", agent.token.as_str()), ("RUNTIME_LOG", "debug")];
    Script {
        binary: subject.runtime.clone(),
        components: vec![subject.component.clone()],
        config,
        environment: environment.map(|(name, value)| (name.into(), value.into())).into(),
        arguments: vec!["--grant-requested".into()],
        files: Vec::new(),
    }
}

/// The calls are counted, and fail, on the journal's files only.
fn strace(launch: Launch, home: &Home, trace: &Path) -> anyhow::Result<Option<Strace>> {
    let on_journal = |calls: &[&str]| -> anyhow::Result<Strace> {
        let journal = std::path::absolute(home.state())?.join("journal.sqlite");
        let log = journal.with_extension("sqlite-wal");
        Ok(Strace::new(calls, std::path::absolute(trace)?)?.only(&journal).only(&log))
    };
    Ok(match launch {
        Launch::Plain => None,
        Launch::KillAt(call, nth) => Some(on_journal(call.names())?.kill_at(call.names(), nth)),
        Launch::Broken(call, from, to) => Some(on_journal(call.names())?.fail(call.names(), "EIO", from, to)),
        Launch::Full(from, to) => {
            let writes = crate::plan::Call::Write.names();
            Some(on_journal(writes)?.fail(writes, "ENOSPC", from, to))
        }
    })
}

/// None: this runtime has no such command.
async fn dead_letters(runtime: &Runtime) -> anyhow::Result<Option<String>> {
    let output = runtime.ask(&["deadletters", "list", "--json"]).await?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() && complaint.contains("unrecognized subcommand") {
        return Ok(None);
    }
    anyhow::ensure!(output.status.success(), "`runtime deadletters list --json` failed: {complaint}");
    Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()))
}
