//! One session: a task that owns a mailbox and, while there is work, one instance.
use crate::aside::Aside;
use crate::backoff::Backoff;
use crate::bindings::LifecycleRoom;
use crate::cpu::{Budget, Share};
use crate::entry::Entry;
use crate::failure::Died;
use crate::flights::{Flight, Flights};
use crate::health::{Health, LastFailure, State};
use crate::limits::Limits;
use crate::walls::Meter;
use crate::wasi::Printer;
use crate::wit::{Instance, StartError, StopReason};
use crate::{Failure, Loaded, Shell};
use contract::types::Disposition;
use contract::{Admission, Call, Caller, CapabilitySet, Delivery, Gauge, Reviver, Stamp, Started};
use futures::FutureExt;
use futures::stream::{FuturesUnordered, StreamExt};
use ports::clock::epoch_ms;
use ports::journal::Journal;
use ports::limit::Limit;
use ports::log_budget::{LogBudget, Verdict, printable};
use ports::mailbox::{Lag, Queue, Settled, queue};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};
use wasmtime::component::{Accessor, GuestTaskId};
use wasmtime::{AsContextMut, Store};

/// What `start` is given, as JSON text; read at each start.
pub type Config = watch::Receiver<String>;

/// Asks a session to end in order: no more events in, what is in flight may finish, `stop`, the end.
pub type Stop = CancellationToken;

pub struct Session<S: CapabilitySet> {
    config: Config,
    loaded: Arc<Loaded<S>>,
    limits: Limits,
    caller: Caller,
    printer: Printer,
    /// Of the lines that the connector can cause.
    budget: Arc<LogBudget>,
    queue: Queue<S::Event>,
    /// `None` while an instance lives: then the store holds them.
    seats: Option<S::Seats>,
    flights: Flights<S::Event>,
    aside: Aside,
    health: Arc<Health>,
    share: Share,
    backoff: Backoff,
    by_operator: Arc<AtomicBool>,
    stop: Stop,
    door: Door,
    /// The handler that was started last.
    entered: Option<Arc<Call>>,
}

/// What a session begins with. What is shared outlives it: the next session of the same instance counts on.
pub struct Given<'a> {
    pub admission: &'a Admission,
    pub config: Config,
    pub limits: Limits,
    pub journal: Arc<dyn Journal>,
    pub health: Arc<Health>,
    pub share: Share,
    /// It was quarantined: the first failure is enough.
    pub on_trial: bool,
    /// Whether it is the operator who stops it, and not the end of the process: the guest is told.
    pub by_operator: Arc<AtomicBool>,
    pub stop: Stop,
}

/// How a session ended. Everything that the instance had open is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Stopped,
    /// `start` said that the configuration is wrong: only the operator can mend that.
    Failed,
    /// It failed too often in a row.
    Quarantined,
}

/// Where in its life an instance is, for the blame.
#[derive(Clone, Copy, PartialEq)]
enum Door {
    /// From nothing to the first export: start functions and initialisers.
    Instantiation,
    Start,
    Handlers,
}

/// What `status` may read of a session while it runs.
#[derive(Clone)]
pub struct Watch {
    pub health: Arc<Health>,
    pub lag: Lag,
    pub gauges: Arc<[(&'static str, Gauge)]>,
    /// By room: delivers again what was set aside.
    pub revivers: Arc<[(&'static str, Reviver)]>,
}

/// An instance ended without blame.
enum End {
    Idle,
    Stop,
    /// As `Stop`, while a handler did not end: its instance is not even told.
    CutOff,
}

/// Longest text of a guest that is kept as a reason.
const REASON_BYTES: usize = 1024;

impl<S: CapabilitySet> Session<S> {
    pub fn new(loaded: Arc<Loaded<S>>, rooms: &S, given: Given<'_>) -> (Self, Watch) {
        let Given { admission, config, limits, journal, health, share, on_trial, by_operator, stop } = given;
        let backoff =
            if on_trial { Backoff::after(limits.failures.saturating_sub(1)) } else { Backoff::default() };
        let (post, queue) = queue(admission.hits.clone());
        let seats = rooms.admit(admission, &loaded.indices, &post);
        let watch = Watch {
            health,
            lag: queue.lag(),
            gauges: S::gauges(&seats).into(),
            revivers: S::revivers(&seats).into(),
        };
        let session = Self {
            config,
            caller: Caller::new(admission.id.clone(), limits.calls, admission.hits.clone()),
            printer: Printer::new(admission),
            budget: admission.log_budget.clone(),
            queue,
            seats: Some(seats),
            loaded,
            limits,
            flights: Flights::default(),
            aside: Aside { journal, instance: admission.id.clone() },
            health: watch.health.clone(),
            share,
            backoff,
            by_operator,
            stop,
            door: Door::Instantiation,
            entered: None,
        };
        (session, watch)
    }

    /// First start, restart after a failure, and waking up are this one loop. At its end the seats are dropped, which
    /// closes what they hold: what is open would be heard by nobody.
    pub async fn run(mut self) -> Ended {
        let stop = self.stop.clone();
        let mut ended = Ended::Stopped;
        while !stop.is_cancelled() {
            // Boxed: a session that sleeps should not keep the room that a living one needs.
            match Box::pin(self.live()).await {
                Ok(End::Stop | End::CutOff) => break,
                Ok(End::Idle) => self.sleep().await,
                Err(_) if stop.is_cancelled() => break,
                Err(Failure::Configuration(_)) => {
                    ended = Ended::Failed;
                    break;
                }
                Err(failure) => {
                    let delay = self.backoff.after_failure(self.hung(&failure), failure.is_the_guests());
                    if self.backoff.blamed() >= self.limits.failures {
                        ended = Ended::Quarantined;
                        self.caller.hit(Limit::Failures);
                        break;
                    }
                    self.back_off(delay).await;
                }
            }
        }
        let left =
            self.flights.lost() + self.queue.close().into_iter().filter(|letter| !letter.is_kept()).count();
        if left > 0 {
            info!(connector = %self.caller.id, left, "events that were waiting end with the instance");
        }
        self.health.count(|counts| (counts.in_flight, counts.waiting) = (0, 0));
        ended
    }

    /// How long ago it began to hang, where that is how it failed.
    fn hung(&self, failure: &Failure) -> Duration {
        match failure {
            Failure::Deadline | Failure::Deaf | Failure::Blocked => {
                self.limits.handler.max(self.limits.start) + 3 * self.limits.grace
            }
            _ => Duration::ZERO,
        }
    }

    async fn sleep(&mut self) {
        self.health.becomes(State::Asleep);
        debug!(connector = %self.caller.id, "asleep");
        tokio::select! {
            () = self.stop.cancelled() => {}
            letter = self.queue.next() => self.flights_from(letter),
        }
    }

    fn flights_from(&mut self, letter: Option<ports::mailbox::Letter<S::Event>>) {
        if let Some(letter) = letter {
            self.flights.put_back(letter.into());
        }
    }

    async fn back_off(&mut self, delay: Duration) {
        self.health.waits(State::BackingOff, delay);
        info!(connector = %self.caller.id, delay_ms = delay.as_millis(), "will be started again");
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = sleep(delay) => self.health.count(|counts| counts.restarts += 1),
        }
    }

    /// One instance, from its store to its end. Whatever happens, the seats come back.
    async fn live(&mut self) -> Result<End, Failure> {
        self.door = Door::Instantiation;
        self.printer.begin();
        let alive = match self.loaded.commons.admit() {
            Ok(alive) => alive,
            Err(failure) => {
                self.bury(&failure.clone().into(), None);
                return Err(failure);
            }
        };
        let seats = self.seats.take().expect("seats are here while no instance lives");
        self.health.becomes(State::Starting);
        self.caller.reborn();
        let meter = Meter::new(self.limits.walls, self.health.memory.clone());
        let shell = Shell::new(seats, self.caller.clone(), meter, alive, &self.printer);
        let mut store = Store::new(&self.loaded.engine, shell);
        let ended = self.live_in(&mut store).await;
        match &ended {
            // At a stop there is little time; what does not end in it is no poison. What is kept comes again.
            Err(died) if self.stop.is_cancelled() => {
                let cause = self.printer.clean(&died.failure.to_string(), REASON_BYTES);
                warn!(connector = %self.caller.id, blame = "guest", cause, "the instance died at the stop");
            }
            Err(died) => {
                let trapped = guilty(&mut store);
                self.bury(died, trapped);
            }
            Ok(_) => {}
        }
        self.seats = Some(store.into_data().seats);
        ended.map_err(|died| died.failure)
    }

    /// Takes the events back, and says what happened.
    fn bury(&mut self, died: &Died, trapped: Option<GuestTaskId>) {
        let cause = self.printer.clean(&died.failure.to_string(), REASON_BYTES);
        // Who lets nothing in any more is none of those that are in.
        let blamed = died.failure.is_the_guests() && died.failure != Failure::Deaf;
        let wreck = self.flights.take_back(trapped, blamed, self.limits.deaths, &cause);
        // Who lets nothing in any more was the last to be let in.
        let entered = self.entered.take().filter(|_| died.failure == Failure::Deaf);
        let door = match (self.door, wreck.guilty.as_ref().or(entered.as_ref())) {
            (Door::Instantiation, _) => "instantiation".into(),
            (Door::Start, _) => "start".into(),
            (Door::Handlers, Some(call)) => {
                let Call { room, handler, order, attempt, .. } = &**call;
                format!("{room} {handler}, event {order}, attempt {attempt}")
            }
            (Door::Handlers, None) => "a task that outlived its handler".into(),
        };
        if self.door != Door::Handlers && died.failure == Failure::Deadline {
            self.caller.hit(Limit::Start);
        }
        self.blame(died, cause.clone(), door, wreck.in_flight);
        for flight in wreck.poison {
            let deaths = flight.letter.past.deaths;
            let reason = format!("poison: the instance died {deaths} times with it in flight: {cause}");
            self.health.count(|counts| counts.poison += 1);
            self.reject(flight, reason);
        }
        self.tally();
    }

    /// Counts it, and says it to whoever watches.
    fn blame(&self, died: &Died, cause: String, door: String, in_flight: usize) {
        died.failure.limit().into_iter().for_each(|limit| self.caller.hit(limit));
        // A panic is told in one of two ways: SDKs log it, standard libraries write it.
        let said = self.printer.said_last().or(self.caller.last_words());
        let class = died.failure.class();
        let trace = died.trace.join(" < ");
        let blame = if died.failure.is_the_guests() { "guest" } else { "other" };
        warn!(connector = %self.caller.id, blame, cause, door, said, trace, in_flight, "the instance died");
        let trace = died.trace.clone();
        self.health.failed(LastFailure { class, cause, door, said, trace, unix_ms: epoch_ms() });
    }

    async fn live_in(&mut self, store: &mut Store<Shell<S>>) -> Result<End, Died> {
        let budget = Budget::new(self.limits.cpu, self.loaded.commons.overtime.clone(), self.share.clone());
        let walls = self.limits.walls;
        store.limiter(|shell| &mut shell.meter);
        store.set_hostcall_fuel(walls.host_call_bytes);
        store.set_max_component_handles(walls.handles);
        if let Some(table) = store.concurrent_resource_table() {
            table.set_max_capacity(walls.guest_tasks);
        }
        budget.guard(store);

        let born = Instant::now();
        S::begin(&mut store.data_mut().seats);
        let (limit, stop) = (self.limits.start, self.stop.clone());
        let begun = tokio::select! {
            begun = timeout(limit, budget.stepping(self.start(store, &budget))) => begun,
            // What has not begun need not be told that it ends.
            () = async { stop.cancelled().await; sleep(START_PATIENCE).await } => return Ok(End::CutOff),
        };
        let (lifecycle, handlers) = begun.map_err(|_| Failure::Deadline)??;
        self.door = Door::Handlers;
        S::commit(&mut store.data_mut().seats);
        self.health.count(|counts| counts.starts += 1);
        self.health.becomes(State::Running);
        info!(connector = %self.caller.id, in_us = born.elapsed().as_micros(), "started");

        let patience = STOP_PATIENCE + 2 * self.limits.grace;
        let blocked = budget.blocked(self.limits.handler + self.limits.grace, self.limits.grace);
        let pumping =
            store.run_concurrent(async |accessor| budget.turns(self.pump(accessor, &handlers)).await);
        let pumping = budget.stepping(pumping);
        let end = tokio::select! {
            end = pumping => end??,
            () = blocked => return Err(Failure::Blocked.into()),
            // The loop inside hears of a stop too, unless a call that blocks holds the store.
            () = async { stop.cancelled().await; sleep(patience).await } => {
                return Ok(End::CutOff);
            }
        };
        let reason = match end {
            End::Idle => StopReason::Idle,
            End::Stop if self.by_operator.load(Relaxed) => StopReason::Operator,
            End::Stop => StopReason::Shutdown,
            End::CutOff => return Ok(End::CutOff),
        };
        if let Err(died) = self.say_stop(store, &lifecycle, &budget, reason).await {
            if died.failure == Failure::Deadline {
                self.caller.hit(Limit::Stop);
            }
            let cause = self.printer.clean(&died.failure.to_string(), REASON_BYTES);
            self.blame(&died, cause, "stop".into(), 0);
        }
        Ok(end)
    }

    /// From nothing to `start` returned ok.
    async fn start(
        &mut self,
        store: &mut Store<Shell<S>>,
        budget: &Budget,
    ) -> Result<(LifecycleRoom, S::Handlers), Died> {
        let loaded = self.loaded.clone();
        let instance = loaded.pre.instantiate_async(&mut *store).await?;
        self.door = Door::Start;
        let handlers = S::handlers(&loaded.indices, &mut *store, &instance)?;
        let lifecycle = loaded.lifecycle.load(&mut *store, &instance)?;
        let config = self.config.borrow().clone();
        let id = &self.caller.id;
        let whose = Instance {
            tenant: id.tenant.to_string(),
            connector: id.connector.to_string(),
            account: id.account.to_string(),
        };
        let guest = lifecycle.connector_runtime_lifecycle();
        let start = store
            .run_concurrent(async |accessor| budget.turns(guest.call_start(accessor, whose, config)).await);
        match start.await?? {
            Ok(()) => Ok((lifecycle, handlers)),
            Err(StartError::Configuration(why)) => Err(Failure::Configuration(why).into()),
            Err(StartError::Unavailable(why)) => Err(Failure::Unavailable(why).into()),
        }
    }

    async fn say_stop(
        &self,
        store: &mut Store<Shell<S>>,
        lifecycle: &LifecycleRoom,
        budget: &Budget,
        reason: StopReason,
    ) -> Result<(), Died> {
        let guest = lifecycle.connector_runtime_lifecycle();
        let stop =
            store.run_concurrent(async |accessor| budget.turns(guest.call_stop(accessor, reason)).await);
        timeout(self.limits.stop, budget.stepping(stop)).await.map_err(|_| Failure::Deadline)???;
        Ok(())
    }

    /// Mailbox in, handlers out; the heart of it. A handler's future is never dropped while its instance lives: dropping
    /// it would not stop the guest, and its end would go unseen.
    ///
    /// The next handler is started when the last has been entered (see [`Entry`]). So handlers begin in order whatever
    /// the guest is made of, and what one does before its first wait is done before the next event is looked at.
    async fn pump(&mut self, accessor: &Accessor<Shell<S>>, handlers: &S::Handlers) -> Result<End, Died> {
        let mut running = FuturesUnordered::new();
        let mut last = Instant::now();
        let mut order = 0;
        let mut entry: Option<Entry> = None;
        let mut hurry: Option<Instant> = None;
        let mut crowded = false;
        let stop = self.stop.clone();
        let alarm = sleep(Duration::ZERO);
        tokio::pin!(alarm);
        loop {
            let stopping = stop.is_cancelled();
            if stopping && hurry.is_none() {
                let at = Instant::now() + STOP_PATIENCE;
                hurry = Some(at);
                let soonest = alarm.deadline().min(at.into());
                alarm.as_mut().reset(soonest);
            }
            // NB: here and not in a branch below, where a mailbox that is never empty would always come first.
            if alarm.deadline() <= Instant::now().into() {
                if entry.as_ref().is_some_and(|entry| entry.age() >= self.limits.handler) {
                    return Err(Failure::Deaf.into());
                }
                let Some(next) = self.ring(last, hurry) else { return Ok(End::Idle) };
                let next = entry.as_ref().map_or(next, |entry| next.min(entry.begun() + self.limits.handler));
                alarm.as_mut().reset(next.into());
            }
            let retiring = self.flights.retiring();
            if retiring && self.flights.all_lost() {
                // Cut off by the end of the process is nobody's fault: what is kept comes again.
                if stopping {
                    return Ok(End::CutOff);
                }
                return Err(Failure::Deadline.into());
            }
            if stopping && running.is_empty() {
                return Ok(End::Stop);
            }
            let width = if self.flights.suspect() { 1 } else { self.limits.in_flight };
            let open = entry.is_none() && !retiring && !stopping && running.len() < width;
            let full = running.len() >= self.limits.in_flight && self.queue.waiting() > 0;
            if full && !crowded {
                self.caller.hit(Limit::InFlight);
            }
            crowded = full;
            tokio::select! {
                biased;
                () = stop.cancelled(), if !stopping => {}
                Some((id, answer)) = running.next() => {
                    if let Some(due) = self.settle(id, answer)? && alarm.deadline() > due.into() {
                        alarm.as_mut().reset(due.into());
                    }
                }
                () = Entry::passed(&mut entry, accessor), if entry.is_some() => entry = None,
                Some(flight) = next(&mut self.flights, &mut self.queue), if open => {
                    last = Instant::now();
                    let soonest = (last + self.limits.handler).into();
                    if alarm.deadline() > soonest {
                        alarm.as_mut().reset(soonest);
                    }
                    let stamp = Stamp { order, attempt: flight.letter.past.attempts + 1 };
                    let room = S::room(&flight.letter.event);
                    let delivery = match S::deliver(handlers, accessor, flight.letter.event.clone(), stamp) {
                        Ok(delivery) => delivery,
                        Err(error) => {
                            self.flights.put_first(flight);
                            return Err(error.into());
                        }
                    };
                    match delivery {
                        Delivery::Started(Started { handler, func, task, done }) => {
                            entry = Some(Entry::of(func, accessor)?);
                            order += 1;
                            let late = CancellationToken::new();
                            let Stamp { order, attempt } = stamp;
                            let call = Arc::new(Call { room, handler, order, attempt, late });
                            self.entered = Some(call.clone());
                            self.caller.begins(task, call.clone());
                            self.health.delivers();
                            let id = self.flights.begin(flight, task, call);
                            running.push(done.map(move |answer| (id, answer)));
                            self.tally();
                        }
                        Delivery::NoHandler => {
                            self.reject(flight, "the component has no handler for it".into());
                            self.tally();
                        }
                        Delivery::Stale if flight.letter.revived => {
                            flight.letter.settle(Settled::Rejected("what it came from was closed".into()));
                        }
                        Delivery::Stale => {
                            flight.letter.done();
                            self.tally();
                        }
                    }
                }
                () = &mut alarm => {}
            }
        }
    }

    /// One alarm for all handlers, for delayed retries, for idleness and for the end of patience at a stop (`hurry`):
    /// when to ring next, or `None`: time to sleep.
    fn ring(&mut self, last: Instant, hurry: Option<Instant>) -> Option<Instant> {
        let hurry = match hurry {
            Some(at) if at <= Instant::now() => {
                self.flights.hurry();
                None
            }
            later => later,
        };
        let (end, late) = self.flights.judge(self.limits.handler, self.limits.grace);
        (0..late).for_each(|_| self.caller.hit(Limit::Handler));
        let due = self.flights.due();
        let now = Instant::now();
        let busy = !self.flights.is_empty() || self.flights.waiting() > 0;
        if !busy && self.limits.idle.is_some_and(|idle| last + idle <= now) {
            return None;
        }
        // At least one turn in a handler's time: that is how the watch outside knows that nothing holds the store.
        let rest = match self.limits.idle {
            Some(idle) if !busy => (last + idle).min(now + self.limits.handler),
            _ => now + self.limits.handler,
        };
        Some([end, due, hurry].into_iter().flatten().fold(rest, Instant::min))
    }

    /// Returns when the event is due again, if it is.
    fn settle(&mut self, id: u64, answer: wasmtime::Result<Disposition>) -> Result<Option<Instant>, Died> {
        let disposition = answer?;
        let Some((mut flight, task)) = self.flights.settle(id) else { return Ok(None) };
        task.into_iter().for_each(|task| self.caller.answered(task));
        let mut due = None;
        match disposition {
            Disposition::Done => {
                self.health.count(|counts| counts.done += 1);
                flight.letter.settle(Settled::Done);
            }
            Disposition::Retry(ms) => due = self.put_off(flight, ms),
            Disposition::Reject(reason) => {
                let reason = printable(&reason, REASON_BYTES);
                flight.letter.past.fails(epoch_ms(), &reason);
                self.reject(flight, reason);
            }
        }
        self.tally();
        Ok(due)
    }

    /// Until when, unless that was the last attempt.
    fn put_off(&mut self, mut flight: Flight<S::Event>, asked_ms: u32) -> Option<Instant> {
        let letter = &mut flight.letter;
        let age = Duration::from_millis(epoch_ms().saturating_sub(letter.since_ms));
        const ASKED: &str = "the connector asked for another attempt";
        match self.limits.patience.next(asked_ms, &letter.past, age) {
            Ok(delay) => {
                letter.fails(ASKED, false);
                self.health.count(|counts| counts.retried += 1);
                let again = Instant::now() + delay;
                self.flights.put_off(flight, again);
                Some(again)
            }
            Err(why) => {
                letter.past.fails(epoch_ms(), ASKED);
                self.reject(flight, why);
                None
            }
        }
    }

    fn reject(&self, flight: Flight<S::Event>, reason: String) {
        let room = S::room(&flight.letter.event);
        let attempts = flight.letter.past.attempts;
        match self.budget.take() {
            Verdict::Write { dropped } => {
                if dropped > 0 {
                    warn!(connector = %self.caller.id, dropped, "lines were dropped");
                }
                warn!(connector = %self.caller.id, room, attempts, reason, "an event was rejected");
            }
            Verdict::Drop { .. } => self.caller.hit(Limit::LogLines),
        }
        self.health.count(|counts| counts.rejected += 1);
        self.aside.put::<S>(flight.letter, reason);
    }

    fn tally(&self) {
        let (in_flight, waiting) = (self.flights.count(), self.flights.waiting() + self.queue.waiting());
        self.health.count(|counts| (counts.in_flight, counts.waiting) = (in_flight, waiting));
    }
}

/// How long a `start` may go on when the process is asked to end.
const START_PATIENCE: Duration = Duration::from_secs(1);

/// How long handlers may go on when the process is asked to end; then their host calls answer `timeout`.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

async fn next<E>(flights: &mut Flights<E>, queue: &mut Queue<E>) -> Option<Flight<E>> {
    match flights.next_again() {
        Some(flight) => Some(flight),
        None => queue.next().await.map(Flight::from),
    }
}

/// After a trap the store still says which task was running.
fn guilty<T: 'static>(store: &mut Store<T>) -> Option<GuestTaskId> {
    store.as_context_mut().async_call_stack().ok()?.last()
}
