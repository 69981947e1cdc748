//! The same without a crash and without an outage: what a runtime must manage in which nothing is durable. Shows that the
//! player and the oracle are right about the rest.
use super::{Act, End, Fault, Kind, Launch, Life, Plan};

impl Plan {
    pub fn calm(self) -> Self {
        let mut acts: Vec<Act> = self.lives.into_iter().flat_map(Life::into_acts).filter(is_calm).collect();
        acts.extend([Act::Pace(u64::MAX), Act::Arm]);
        let life = Life { launch: Launch::Plain, acts, end: End::Stop, meanwhile: Vec::new() };
        Self { lives: vec![life], ..self }
    }
}

impl Life {
    fn into_acts(self) -> impl Iterator<Item = Act> {
        self.acts.into_iter().chain(self.meanwhile)
    }
}

fn is_calm(act: &Act) -> bool {
    match act {
        Act::Open(_) | Act::Say(_) | Act::Again(_) | Act::Pace(_) => true,
        Act::Login => true,
        Act::Fault(Kind::Post | Kind::Complete, fault, _) => {
            !matches!(fault, Fault::LoseAnswer | Fault::LoseRequest)
        }
        Act::Fault(..) | Act::CutSockets | Act::FarEnd(_) | Act::Arm => false,
    }
}
