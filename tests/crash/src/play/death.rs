//! How a life ends.
use super::Stage;
use crate::plan::{End, Kind, Launch, Life, Moment};
use futures::StreamExt;
use platforms::occum::Happening;
use std::os::unix::process::ExitStatusExt;
use tokio_util::sync::CancellationToken;
use workbench::{Ended, Runtime};

const SIGKILL: i32 = 9;

/// What a life's acts and its end tell each other.
pub(super) struct Signs {
    /// The end may come.
    pub(super) armed: CancellationToken,
    /// All acts are through.
    pub(super) acted: CancellationToken,
    /// There is no process.
    pub(super) dead: CancellationToken,
    /// Logins and catch-ups before this life.
    pub(super) logins: u64,
    pub(super) catch_ups: usize,
}

pub(super) struct Death<'a> {
    pub(super) life: &'a Life,
    pub(super) stage: &'a Stage,
    pub(super) signs: &'a Signs,
}

/// How it ended.
pub(super) struct Over {
    pub(super) how: String,
    /// By strace, not by us.
    pub(super) at_call: bool,
    /// It said that the disk fails, and did not even begin.
    pub(super) refused: bool,
    pub(super) complaint: Option<String>,
}

impl Signs {
    pub(super) fn of(stage: &Stage) -> Self {
        Self {
            armed: CancellationToken::new(),
            acted: CancellationToken::new(),
            dead: CancellationToken::new(),
            logins: stage.logins(),
            catch_ups: stage.catch_ups(),
        }
    }
}

impl Death<'_> {
    pub(super) async fn of(self, mut runtime: Runtime) -> anyhow::Result<Over> {
        let by_itself = match self.life.end {
            End::AtCall => tokio::select! {
                gone = runtime.gone() => { gone?; true }
                () = self.nothing_more() => false,
            },
            End::Kill(moment) => self.before(&mut runtime, moment).await?,
            End::Stop | End::KillWhileStopping(_) => self.stopping(&mut runtime).await?,
        };
        let ended = match self.life.end {
            End::Stop if !by_itself => runtime.ended().await?,
            _ => runtime.kill().await?,
        };
        self.clear().await;
        Ok(self.judge(&ended, by_itself))
    }

    /// Waits for the moment; true if it ended before.
    async fn before(&self, runtime: &mut Runtime, moment: Moment) -> anyhow::Result<bool> {
        tokio::select! {
            gone = runtime.gone() => { gone?; Ok(true) }
            () = async { self.signs.armed.cancelled().await; self.reached(moment).await } => Ok(false),
        }
    }

    /// Asks it to stop; true if it ended before.
    async fn stopping(&self, runtime: &mut Runtime) -> anyhow::Result<bool> {
        if self.before(runtime, Moment::Now).await? {
            return Ok(true);
        }
        // NB: a process that has not begun to listen for signals dies of this one, which is no orderly stop.
        if let Err(error) = runtime.said("running").await {
            // It ended: whether it may have is for the judge to say.
            return if runtime.pid().is_err() { Ok(true) } else { Err(error) };
        }
        runtime.signal("INT").await?;
        if let End::KillWhileStopping(moment) = self.life.end {
            tokio::select! {
                gone = runtime.gone() => drop(gone?),
                () = self.reached(moment) => {}
            }
        }
        Ok(false)
    }

    async fn reached(&self, moment: Moment) {
        let occum = &self.stage.occum;
        // NB: before the rule is made, or what it holds could arrive unseen.
        let mut happenings = occum.happenings();
        match moment {
            Moment::Unserved(kind) => occum.slow(kind.requests().next(1), std::time::Duration::MAX),
            Moment::Unanswered(kind) => occum.slow_answers(kind.requests().next(1), std::time::Duration::MAX),
            _ => {}
        }
        let seen = async {
            let mut left = match moment {
                Moment::Now => 0,
                Moment::Asked(_, nth) | Moment::Answered(_, nth) => nth,
                Moment::Unserved(_) | Moment::Unanswered(_) => 1,
            };
            while left > 0
                && let Some(happening) = happenings.next().await
            {
                left -= u32::from(is(moment, &happening));
            }
        };
        tokio::select! {
            () = seen => {}
            () = self.nothing_more() => {}
        }
    }

    /// Until all was done and answered, so that nothing more will happen.
    async fn nothing_more(&self) {
        self.signs.acted.cancelled().await;
        self.stage.quiet(self.signs).await;
    }

    /// The process is dead: nothing of it may reach the far end any more, and what was held for it is let go.
    async fn clear(&self) {
        self.stage.left_alone().await;
        let held = |moment| matches!(moment, Moment::Unserved(_) | Moment::Unanswered(_));
        if let End::Kill(moment) | End::KillWhileStopping(moment) = self.life.end
            && held(moment)
        {
            self.stage.occum.heal();
        }
        self.signs.dead.cancel();
    }

    fn judge(&self, ended: &Ended, by_itself: bool) -> Over {
        let killed = ended.status.signal() == Some(SIGKILL);
        let at_call = by_itself && killed && self.life.end == End::AtCall;
        // A process that runs has to bear a bad disk; one that cannot open its journal may say so and end.
        let bad_disk = matches!(self.life.launch, Launch::Broken(..) | Launch::Full(..));
        let began = ended.log.lines().any(|line| line.contains("running "));
        let refused = by_itself && bad_disk && !began && ended.status.code() == Some(1);
        let complaint = match self.life.end {
            _ if by_itself && !at_call && !refused => Some(format!("it ended by itself ({})", ended.status)),
            End::Stop if !ended.status.success() && self.life.launch.is_plain() => {
                Some(format!("it did not stop in order ({})", ended.status))
            }
            _ => None,
        };
        let how = if at_call { "killed at that call".into() } else { ended.status.to_string() };
        Over { how, at_call, refused, complaint }
    }
}

fn is(moment: Moment, happening: &Happening) -> bool {
    match (moment, happening) {
        (Moment::Asked(kind, _) | Moment::Unserved(kind), Happening::Asked(request))
        | (Moment::Answered(kind, _), Happening::Answered(request)) => kind.matches(&request.path),
        (Moment::Unanswered(Kind::Post), Happening::Posted(_)) => true,
        (Moment::Unanswered(Kind::Work), Happening::Work(work)) => work.completed == 0,
        (Moment::Unanswered(Kind::Complete), Happening::Work(work)) => work.completed > 0,
        _ => false,
    }
}
