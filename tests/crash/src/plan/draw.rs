//! Draws a plan. Kept short on purpose: two hundred plans have to be played in some minutes, so each of them waits for
//! few of the connector's delays (1 s after a failed request or a lost socket, doubling).
use super::dice::Dice;
use super::{Act, Call, End, Fault, Kind, Launch, Life, Moment, Plan, Said};

/// Messages of a plan, the last ones of the closing life not counted.
const MESSAGES: (u32, u32) = (6, 25);

pub(super) fn plan(seed: u64) -> Plan {
    let mut dice = Dice::new(seed);
    let channels = dice.range(1, 3) as usize;
    let mut draw = Draw { dice, seed, channels, told: Vec::new(), faults: 0 };
    let old = (0..draw.dice.range(0, 2)).map(|_| draw.fresh()).collect();
    let crashes = draw.dice.range(1, 4);
    let mut lives = Vec::new();
    // Sometimes it dies while it logs in for the first time. What was said then would be old, so nothing is.
    if draw.dice.percent(25) {
        let launch = draw.kill_at(12);
        lives.push(Life { launch, acts: vec![Act::Arm], end: End::AtCall, meanwhile: Vec::new() });
    }
    let most = draw.dice.range(MESSAGES.0, MESSAGES.1) as usize;
    for number in 0..crashes {
        // The openers have to be accepted, so the first life is a healthy one until then.
        let life = draw.life(number == 0, most);
        lives.push(life);
    }
    if let Some(life) = lives.last_mut() {
        let few = (MESSAGES.0 as usize).saturating_sub(draw.told.len());
        life.meanwhile.extend((0..few).filter_map(|_| draw.say(most)).map(Act::Say));
    }
    Plan { seed, channels, old, lives }
}

pub(super) struct Draw {
    pub(super) dice: Dice,
    pub(super) seed: u64,
    pub(super) channels: usize,
    pub(super) told: Vec<Said>,
    /// Only so many in a plan, for the sake of time.
    faults: u32,
}

impl Draw {
    fn life(&mut self, first: bool, most: usize) -> Life {
        let launch = if first { Launch::Plain } else { self.launch() };
        let mut acts = Vec::new();
        if first {
            acts.push(Act::Login);
            acts.push(Act::Open((0..self.channels).map(|channel| self.fresh_in(channel)).collect()));
        } else if self.dice.percent(60) {
            acts.push(Act::Login);
        }
        let begin = acts.len();
        for _ in 0..self.dice.range(2, 8) {
            let act = self.act(most);
            acts.extend(act);
        }
        let arm = begin + self.dice.below(acts.len() - begin + 1);
        acts.insert(arm, Act::Arm);
        let meanwhile = (0..self.dice.range(0, 3)).filter_map(|_| self.say(most)).map(Act::Say).collect();
        Life { launch, acts, end: self.end(launch), meanwhile }
    }

    fn launch(&mut self) -> Launch {
        match self.dice.range(1, 10) {
            1..=3 => self.kill_at(25),
            4 => self.broken(),
            5 => {
                let from = self.dice.range(1, 60);
                Launch::Full(from, from + self.dice.range(0, 12))
            }
            _ => Launch::Plain,
        }
    }

    /// Of its nth sync, at most; there are several writes to each.
    fn kill_at(&mut self, most: u32) -> Launch {
        match self.dice.range(1, 10) {
            1..=5 => Launch::KillAt(Call::Sync, self.dice.range(1, most)),
            6..=9 => Launch::KillAt(Call::Write, self.dice.range(1, most * 4)),
            _ => Launch::KillAt(Call::Truncate, self.dice.range(1, 2)),
        }
    }

    fn broken(&mut self) -> Launch {
        let call = self.dice.pick(&[Call::Sync, Call::Sync, Call::Write]);
        let from = self.dice.range(1, if call == Call::Sync { 15 } else { 60 });
        Launch::Broken(call, from, from + self.dice.range(0, 1))
    }

    fn end(&mut self, launch: Launch) -> End {
        if matches!(launch, Launch::KillAt(..)) {
            return End::AtCall;
        }
        let moment = self.moment();
        match self.dice.range(1, 10) {
            1 | 2 => End::Stop,
            3 => End::KillWhileStopping(Moment::Now),
            4 => End::KillWhileStopping(moment),
            _ => End::Kill(moment),
        }
    }

    fn moment(&mut self) -> Moment {
        let kind = self.dice.pick(&[Kind::Work, Kind::Post, Kind::Post, Kind::Complete, Kind::Events]);
        let served = self.dice.pick(&[Kind::Work, Kind::Post, Kind::Post, Kind::Complete]);
        let nth = self.dice.range(1, 6);
        match self.dice.range(1, 10) {
            1 => Moment::Now,
            2..=4 => Moment::Asked(kind, nth),
            5 | 6 => Moment::Answered(kind, nth),
            7 => Moment::Unserved(kind),
            _ => Moment::Unanswered(served),
        }
    }

    fn act(&mut self, most: usize) -> Option<Act> {
        match self.dice.range(1, 20) {
            1..=11 => self.say(most).map(Act::Say),
            12 | 13 => Some(Act::Pace(u64::from(self.dice.range(1, 3)))),
            14 => Some(Act::Again(self.dice.below(self.told.len()))),
            _ if self.faults >= 3 => self.say(most).map(Act::Say),
            kind => {
                self.faults += 1;
                Some(self.trouble(kind, most))
            }
        }
    }

    fn trouble(&mut self, kind: u32, most: usize) -> Act {
        match kind {
            15 => Act::CutSockets,
            16 => Act::FarEnd((0..2).filter_map(|_| self.say(most)).collect()),
            17 => {
                let kind = self.dice.pick(&[Kind::Events, Kind::Events, Kind::Login, Kind::Me]);
                Act::Fault(kind, Fault::Status(503), self.dice.range(1, 2))
            }
            _ => {
                let fault = self.dice.pick(&[
                    Fault::Status(503),
                    Fault::Busy(429, 1),
                    Fault::Busy(503, 0),
                    Fault::LoseAnswer,
                    Fault::LoseAnswer,
                    Fault::LoseRequest,
                    Fault::SlowMs(80),
                    Fault::SlowAnswerMs(80),
                ]);
                let kind = self.dice.pick(&[Kind::Post, Kind::Post, Kind::Work, Kind::Complete]);
                Act::Fault(kind, fault, self.dice.range(1, 2))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_plan() {
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }

    #[test]
    fn two_hundred_plans_have_everything_in_them() {
        let plans: Vec<Plan> = (1..=200).map(plan).collect();
        let text = plans.iter().map(ToString::to_string).collect::<String>();
        for part in [
            "kill at write",
            "kill at sync",
            "kill at truncate",
            "EIO",
            "ENOSPC",
            "unserved",
            "unanswered",
            "stop",
            "kill while stopping",
            "cut",
            "far end down",
            "lose the answer",
            "lose the request",
            "Retry-After",
            "once more",
        ] {
            assert!(text.contains(part), "no plan has {part:?}");
        }
        let twins = |plan: &Plan| {
            let told: Vec<_> = plan.lives.iter().flat_map(Life::told).collect();
            told.iter().enumerate().any(|(n, said)| told[..n].contains(said))
        };
        assert!(plans.iter().any(twins), "nobody says a thing twice");
        let told = |plan: &Plan| plan.lives.iter().flat_map(Life::told).count() as u32;
        assert!(plans.iter().all(|plan| (MESSAGES.0..=MESSAGES.1).contains(&told(plan))));
    }
}
