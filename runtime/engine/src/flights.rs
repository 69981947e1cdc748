//! The book of events that were handed out and are not settled.
use contract::Call;
use ports::mailbox::Letter;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::component::GuestTaskId;

/// By the order in which they began. A letter in here still holds its place of the mailbox.
pub struct Flights<E> {
    out: BTreeMap<u64, Flight<E>>,
    again: VecDeque<Flight<E>>,
    later: BTreeMap<(Instant, u64), Flight<E>>,
    next: u64,
}

pub struct Flight<E> {
    pub letter: Letter<E>,
    call: Option<(GuestTaskId, Arc<Call>)>,
    begun: Instant,
    late: Lateness,
}

#[derive(Clone, Copy, PartialEq)]
enum Lateness {
    InTime,
    /// Its host calls end with `timeout`, since then; it may still answer.
    Asked(Instant),
    /// It did not answer in the time of grace.
    Lost,
}

impl<E> From<Letter<E>> for Flight<E> {
    fn from(letter: Letter<E>) -> Self {
        Self { letter, call: None, begun: Instant::now(), late: Lateness::InTime }
    }
}

impl<E> Default for Flights<E> {
    fn default() -> Self {
        Self { out: BTreeMap::new(), again: VecDeque::new(), later: BTreeMap::new(), next: 0 }
    }
}

/// What an instance left behind when it died.
pub struct Wreck<E> {
    pub in_flight: usize,
    /// In flight at too many deaths: set aside.
    pub poison: Vec<Flight<E>>,
    /// The room and order of the guilty handler, if one can be told.
    pub guilty: Option<Arc<Call>>,
}

impl<E> Flight<E> {
    fn ask(&mut self, now: Instant) {
        self.late = Lateness::Asked(now);
        if let Some((_, call)) = &self.call {
            call.late.cancel();
        }
    }
}

impl<E> Flights<E> {
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    pub fn count(&self) -> usize {
        self.out.len()
    }

    /// Events that wait for their next delivery.
    pub fn waiting(&self) -> usize {
        self.again.len() + self.later.len()
    }

    /// Of those that wait, how many nobody will deliver after the process.
    pub fn lost(&self) -> usize {
        let waiting = self.again.iter().chain(self.later.values()).chain(self.out.values());
        waiting.filter(|flight| !flight.letter.is_kept()).count()
    }

    pub fn begin(&mut self, flight: Flight<E>, task: GuestTaskId, call: Arc<Call>) -> u64 {
        let id = self.fresh();
        let flight =
            Flight { call: Some((task, call)), begun: Instant::now(), late: Lateness::InTime, ..flight };
        self.out.insert(id, flight);
        id
    }

    /// The handler answered.
    pub fn settle(&mut self, id: u64) -> Option<(Flight<E>, Option<GuestTaskId>)> {
        let flight = self.out.remove(&id)?;
        let task = flight.call.as_ref().map(|(task, _)| *task);
        Some((flight, task))
    }

    pub fn put_back(&mut self, flight: Flight<E>) {
        self.again.push_back(flight);
    }

    /// It was taken and did not get in: it is still the next.
    pub fn put_first(&mut self, flight: Flight<E>) {
        self.again.push_front(flight);
    }

    pub fn put_off(&mut self, flight: Flight<E>, until: Instant) {
        let id = self.fresh();
        self.later.insert((until, id), flight);
    }

    /// Moves what is due among the events to deliver again. Returns when the next one is.
    pub fn due(&mut self) -> Option<Instant> {
        let now = Instant::now();
        while let Some(entry) = self.later.first_entry() {
            if entry.key().0 > now {
                return Some(entry.key().0);
            }
            self.again.push_back(entry.remove());
        }
        None
    }

    /// Events to deliver again come before new ones.
    pub fn next_again(&mut self) -> Option<Flight<E>> {
        self.again.pop_front()
    }

    /// An event that ended an instance is delivered again alone, so that its next trap costs no other event.
    pub fn suspect(&self) -> bool {
        self.again.front().into_iter().chain(self.out.values()).any(|flight| flight.letter.past.deaths > 0)
    }

    /// Finds who is out of time; asks each once to end. Returns when to look again, and how many were asked.
    pub fn judge(&mut self, limit: Duration, grace: Duration) -> (Option<Instant>, usize) {
        let now = Instant::now();
        let mut asked = 0;
        let mut ends = Vec::new();
        for flight in self.out.values_mut() {
            match flight.late {
                Lateness::InTime if now < flight.begun + limit => ends.push(flight.begun + limit),
                Lateness::InTime => {
                    flight.ask(now);
                    asked += 1;
                    ends.push(now + grace);
                }
                Lateness::Asked(since) if now < since + grace => ends.push(since + grace),
                Lateness::Asked(_) | Lateness::Lost => flight.late = Lateness::Lost,
            }
        }
        (ends.into_iter().min(), asked)
    }

    /// A handler ignores its time: nothing new may begin, the others may finish.
    pub fn retiring(&self) -> bool {
        self.out.values().any(|flight| flight.late == Lateness::Lost)
    }

    pub fn all_lost(&self) -> bool {
        self.out.values().all(|flight| flight.late == Lateness::Lost)
    }

    /// The process ends: nobody gets the rest of its time.
    pub fn hurry(&mut self) {
        let now = Instant::now();
        self.out
            .values_mut()
            .filter(|flight| flight.late == Lateness::InTime)
            .for_each(|flight| flight.ask(now));
    }

    /// The instance is gone: all go again, in their order. Counts a death against the guilty: those that were lost, or
    /// the one whose task trapped, or all if nobody can tell. A task that outlived its handler is nobody's in here.
    /// With so many `deaths` an event is poison. `cause` is for the history of each.
    /// Where nobody of the guest is to blame (`blamed`), nothing is counted.
    pub fn take_back(
        &mut self,
        trapped: Option<GuestTaskId>,
        blamed: bool,
        deaths: u32,
        cause: &str,
    ) -> Wreck<E> {
        let out = std::mem::take(&mut self.out);
        let in_flight = out.len();
        let mut poison = Vec::new();
        let mut guilty = None;
        let someone_late = out.values().any(|flight| flight.late == Lateness::Lost);
        let is_trapped =
            |flight: &Flight<E>| trapped.is_some() && flight.call.as_ref().map(|(task, _)| *task) == trapped;
        for mut flight in out.into_values().rev() {
            let blame = match someone_late {
                true => flight.late == Lateness::Lost,
                false => trapped.is_none() || is_trapped(&flight),
            };
            let blame = blame && blamed;
            let call = flight.call.take().map(|(_, call)| call);
            match blame {
                true => {
                    guilty = call;
                    flight.letter.fails(format!("the instance died of it: {cause}"), true);
                }
                false => flight.letter.fails(format!("the instance died beside it: {cause}"), false),
            }
            match flight.letter.past.deaths < deaths {
                true => self.again.push_front(flight),
                false => poison.push(flight),
            }
        }
        Wreck { in_flight, poison, guilty }
    }

    fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}
