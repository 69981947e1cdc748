//! One connection, from its first request to its end.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::sleep;

use super::Shared;
use super::events::Events;
use super::http::Wire;
use super::judge::judge;
use super::record::Request;
use super::script::Answer;
use super::stream::{End, Stream};

pub(super) async fn talk(tcp: TcpStream, shared: &Shared) {
    let mut wire = Wire::new(tcp);
    loop {
        // Whoever breaks HTTP, or leaves in the middle, is left alone.
        let Ok(Some(request)) = wire.request().await else { return };
        let closing = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let mut numbered = None;
        shared.note(|record| numbered = Some(record.add(request)));
        let Some(request) = numbered else { return };
        match answer(&mut wire, shared, &request).await {
            Ok(Next::Request) if !closing => {}
            Ok(Next::Request | Next::End) | Err(_) => return,
            Ok(Next::Reset) => return wire.reset(),
        }
    }
}

enum Next {
    Request,
    End,
    Reset,
}

async fn answer(wire: &mut Wire, shared: &Shared, request: &Arc<Request>) -> io::Result<Next> {
    if let Err(refusal) = judge(request, &shared.settings) {
        wire.reply(&refusal).await?;
        return Ok(Next::Request);
    }
    // NB: the lock is gone before the first wait.
    let scripted = shared.script().take();
    match scripted {
        Answer::Stream(stream) => say(wire, shared, request, &stream).await,
        Answer::Reply(reply) => wire.reply(&reply).await.map(|()| Next::Request),
        Answer::Reset => Ok(Next::Reset),
        Answer::Hang => {
            wire.left().await;
            Ok(Next::End)
        }
    }
}

async fn say(wire: &mut Wire, shared: &Shared, request: &Request, stream: &Stream) -> io::Result<Next> {
    let asked = request.body["stream_options"]["include_usage"] == true;
    let events = Events {
        number: request.number,
        model: request.body["model"].as_str().unwrap_or_default(),
        crlf: stream.crlf,
        pings: stream.pings,
        usage: asked,
    };
    let head = "HTTP/1.1 200 OK\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n";
    wire.write(format!("{head}content-type: {}\r\n\r\n", stream.content_type)).await?;
    let mut body = Body { wire, chunk_bytes: stream.chunk_bytes };
    body.write(events.role()).await?;
    for piece in pieces(stream, request) {
        body.write(events.piece(&piece)).await?;
        if !stream.gap.is_zero() {
            body.unless_left(sleep(stream.gap)).await?;
        }
    }
    if let Some(tool) = &stream.tool {
        body.write(events.tool_call(tool)).await?;
    }
    if stream.held {
        let released = body.unless_left(shared.releases.acquire()).await?;
        // Never closed, so there is a permit.
        released.into_iter().for_each(|permit| permit.forget());
    }
    match &stream.end {
        End::Whole | End::NeverDone => body.write(events.finish(&stream.finish)).await?,
        End::Raw(bytes) => body.write(bytes).await?,
        _ => {}
    }
    match &stream.end {
        End::Whole | End::OnlyDone => {
            if asked || stream.usage {
                body.write(events.usage()).await?;
            }
            body.write(events.done()).await?;
        }
        End::Early | End::Raw(_) => {}
        End::NeverDone | End::Hang => {
            body.wire.left().await;
            return Ok(Next::End);
        }
        End::CutShort => {
            body.wire.write("fff\r\ndata: {\"id\":\"chatcmpl-").await?;
            return Ok(Next::End);
        }
        End::Reset => return Ok(Next::Reset),
    }
    body.wire.chunk(b"").await?;
    Ok(Next::Request)
}

fn pieces(stream: &Stream, request: &Request) -> Vec<String> {
    stream.pieces.clone().unwrap_or_else(|| {
        let echo = format!("You said: {}", request.text().unwrap_or("nothing"));
        echo.split_inclusive(' ').map(str::to_owned).collect()
    })
}

struct Body<'a> {
    wire: &'a mut Wire,
    chunk_bytes: Option<usize>,
}

impl Body<'_> {
    async fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let bytes = bytes.as_ref();
        for chunk in bytes.chunks(self.chunk_bytes.unwrap_or(bytes.len().max(1))) {
            self.wire.chunk(chunk).await?;
            // The reader may look now, and then sees this chunk alone.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn unless_left<F: Future>(&mut self, wait: F) -> io::Result<F::Output> {
        tokio::select! {
            done = wait => Ok(done),
            () = self.wire.left() => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
}
