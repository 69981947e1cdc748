//! One run: from the request to its second answer, step by step.

use std::sync::Arc;

use serde_json::json;

use super::ends::{aborted, chat, end, failed, last, lifecycle};
use super::record::Prompt;
use super::script::{Plan, Step};
use super::sessions::blocks;
use super::settings::Recovery;
use super::state::{Run, Shared, State, now_ms, unique};

/// Begin what was asked for: its place in the line is taken before this returns.
pub(super) fn begin(shared: &Arc<Shared>, state: &mut State, id: &str, run: Run, plan: Plan) {
    state.memory.lanes.entry(run.session.clone()).or_default().push_back(id.to_owned());
    state.sessions.ensure(&run.session).wait(id, &run.text, now_ms());
    let drive = drive(Arc::clone(shared), id.to_owned(), plan);
    insert(state, id, run, drive);
}

/// After a crash: these runs had a row and no end.
pub(super) fn recover(shared: &Arc<Shared>, state: &mut State, interrupted: Vec<(String, String)>) {
    let recovery = state.recovery;
    if recovery == Recovery::Never {
        return;
    }
    for (session, old) in interrupted {
        let said = state.sessions.get(&session).and_then(|session| session.said(&old)).unwrap_or_default();
        let run = Run::new(&session, said, "", None);
        let id = unique();
        state.memory.lanes.entry(session).or_default().push_back(id.clone());
        let shared = Arc::clone(shared);
        let driven = id.clone();
        insert(state, &id, run, async move {
            match recovery {
                Recovery::After(pause) => tokio::time::sleep(pause).await,
                Recovery::WhenTold => take(&shared.resumes).await,
                Recovery::Never => {}
            }
            resumed(shared, driven).await;
        });
    }
}

fn insert(state: &mut State, id: &str, mut run: Run, drive: impl Future<Output = ()> + Send + 'static) {
    // NB: the task waits for the lock that we hold, so it finds its run.
    run.task = Some(tokio::spawn(drive).abort_handle());
    state.memory.runs.insert(id.to_owned(), run);
}

/// A run is ended from outside. The order is the real gateway's: event, answer to whoever asked for it, second answer.
pub(super) fn abort(state: &mut State, id: &str, answer: impl FnOnce(&mut State)) {
    if let Some(task) = state.memory.runs.get(id).and_then(|run| run.task.as_ref()) {
        task.abort();
    }
    aborted(state, id);
    answer(state);
    let ended = json!({ "runId": id, "status": "timeout", "summary": "aborted", "stopReason": "rpc" });
    end(state, id, ended, None);
}

async fn drive(shared: Arc<Shared>, id: String, plan: Plan) {
    for step in plan.before_accept {
        perform(&shared, &id, step).await;
    }
    shared.change(|state| accept(state, &id));
    turn(&shared, &id).await;
    for step in plan.before_row {
        perform(&shared, &id, step).await;
    }
    shared.change(|state| {
        let Some((session, text)) = state.run(&id).map(|run| (run.session.clone(), run.text.clone())) else {
            return;
        };
        let row = state.sessions.ensure(&session).user(&id, &text, now_ms());
        state.tell_row(&session, &row);
        state.ask_model(&id);
    });
    for step in plan.after_row {
        perform(&shared, &id, step).await;
    }
    end_if_open(&shared, &id);
}

async fn resumed(shared: Arc<Shared>, id: String) {
    let plan = shared.change(|state| {
        let (session, text) =
            state.run(&id).map(|run| (run.session.clone(), run.text.clone())).unwrap_or_default();
        let row = state.sessions.ensure(&session).system(&session, &id, now_ms());
        state.tell_row(&session, &row);
        lifecycle(state, &id, json!({ "phase": "start" }));
        state.script.take(&text)
    });
    for step in plan.before_accept.into_iter().chain(plan.before_row).chain(plan.after_row) {
        perform(&shared, &id, step).await;
    }
    end_if_open(&shared, &id);
}

/// A script that simply stops leaves a run that says nothing.
fn end_if_open(shared: &Shared, id: &str) {
    shared.change(|state| {
        if state.run(id).is_some_and(|run| run.ended.is_none()) {
            last(state, id, None);
        }
    });
}

fn accept(state: &mut State, id: &str) {
    let Some(run) = state.run(id) else { return };
    let (session, asked) = (run.session.clone(), run.asked.clone());
    let Some((connection, request)) = asked else { return };
    let payload = json!({
        "runId": id, "sessionKey": session, "agentId": agent(&session), "status": "accepted", "acceptedAt": now_ms(),
    });
    state.answer(connection, json!({ "type": "res", "id": request, "ok": true, "payload": payload }));
}

/// Wait until the runs before this one have ended.
async fn turn(shared: &Shared, id: &str) {
    loop {
        let changed = shared.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let first = |state: &State| {
            let session = state.memory.runs.get(id).map(|run| run.session.clone()).unwrap_or_default();
            state.lane(&session).first().is_none_or(|first| first == id)
        };
        if first(&shared.state()) {
            return;
        }
        changed.await;
    }
}

async fn perform(shared: &Shared, id: &str, step: Step) {
    match step {
        Step::Hold => return take(&shared.releases).await,
        Step::Silence => return std::future::pending().await,
        _ => {}
    }
    shared.change(|state| match step {
        Step::Status => chat(state, id, json!({ "state": "status", "phase": "starting_model" })),
        Step::Delta(text) => delta(state, id, &text, false),
        Step::Replace(text) => delta(state, id, &text, true),
        Step::Final(text) => last(state, id, Some(&text)),
        Step::FinalWithoutMessage => last(state, id, None),
        Step::ErrorTwice(message) => failed(state, id, &message),
        Step::Aborted => abort(state, id, |_| {}),
        Step::SideResult { question, text } => {
            let payload = json!({ "kind": "btw", "question": question, "text": text, "isError": false, "ts": now_ms() });
            state.tell_run("chat.side_result", id, payload);
        }
        Step::Cut(code) => state.close_all(code, ""),
        Step::GapInSeq => state.memory.connections.values_mut().for_each(|connection| connection.seq += 1),
        // What they mean was dealt with before.
        Step::Accept | Step::Row | Step::RefuseUnavailable { .. } | Step::Hold | Step::Silence => {}
    });
}

async fn take(permits: &tokio::sync::Semaphore) {
    // Never closed.
    if let Ok(permit) = permits.acquire().await {
        permit.forget();
    }
}

fn delta(state: &mut State, id: &str, text: &str, replace: bool) {
    let Some(run) = state.memory.runs.get_mut(id) else { return };
    if replace {
        run.so_far.clear();
    }
    run.so_far.push_str(text);
    let message = json!({ "role": "assistant", "content": blocks(&run.so_far), "timestamp": now_ms() });
    let mut payload = json!({ "state": "delta", "deltaText": text, "message": message });
    if replace {
        payload["replace"] = json!(true);
    }
    chat(state, id, payload);
}

pub(super) fn agent(session: &str) -> &str {
    session.split(':').nth(1).unwrap_or("main")
}

impl Run {
    pub(super) fn new(session: &str, text: &str, system: &str, asked: Option<(u64, String)>) -> Self {
        Self {
            session: session.to_owned(),
            text: text.to_owned(),
            system: system.to_owned(),
            asked,
            so_far: String::new(),
            seq: 0,
            ended: None,
            task: None,
        }
    }
}

impl State {
    pub(super) fn run(&self, id: &str) -> Option<&Run> {
        self.memory.runs.get(id)
    }

    fn ask_model(&mut self, id: &str) {
        let Some(run) = self.run(id) else { return };
        let (session, text, system) = (run.session.clone(), run.text.clone(), run.system.clone());
        self.record.prompt(Prompt { run: id.to_owned(), session, text, system });
        lifecycle(self, id, json!({ "phase": "start" }));
    }
}
