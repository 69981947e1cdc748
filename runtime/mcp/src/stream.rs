//! The stream of one session: says that the tools have changed, once for however many changes its reader missed.
use crate::conversation::{Conversation, Hold};
use crate::offer::Told;
use bytes::Bytes;
use futures::stream::unfold;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::sleep;

/// A client that is gone is noticed by what cannot be sent to it.
const BEAT: Duration = Duration::from_secs(15);

const CHANGED: &str =
    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n";

struct Listening {
    changes: watch::Receiver<u64>,
    told: Told,
    newest: watch::Receiver<u64>,
    number: u64,
    _place: OwnedSemaphorePermit,
    _hold: Hold,
}

/// Ends with its session, or when a newer one is opened: a client that lost one without our notice opens another.
pub(crate) fn open(
    session: &Arc<Conversation>,
    changes: watch::Receiver<u64>,
    place: OwnedSemaphorePermit,
) -> UnsyncBoxBody<Bytes, Infallible> {
    let mut number = 0;
    session.streams.send_modify(|newest| {
        *newest += 1;
        number = *newest;
    });
    let newest = session.streams.subscribe();
    let hold = session.hold();
    let told = session.told.clone();
    let listening = Listening { changes, told, newest, number, _place: place, _hold: hold };
    StreamBody::new(unfold(listening, next)).boxed_unsync()
}

async fn next(mut listening: Listening) -> Option<(Result<Frame<Bytes>, Infallible>, Listening)> {
    let version = *listening.changes.borrow_and_update();
    let text = if listening.told.tell(version) { CHANGED } else { wait(&mut listening).await? };
    Some((Ok(Frame::data(Bytes::from_static(text.as_bytes()))), listening))
}

async fn wait(listening: &mut Listening) -> Option<&'static str> {
    let Listening { changes, told, newest, number, .. } = listening;
    let changed = async {
        loop {
            if changes.changed().await.is_err() {
                // They never change again.
                pending::<()>().await;
            }
            if told.tell(*changes.borrow_and_update()) {
                return;
            }
        }
    };
    tokio::select! {
        () = changed => Some(CHANGED),
        _ = newest.wait_for(|newest| newest != number) => None,
        () = sleep(BEAT) => Some(": \n\n"),
    }
}
