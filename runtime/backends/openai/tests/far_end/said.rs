//! What the model says, and how it ends.
use super::support::{Heard, ask, ask_on, backend, message, met, options};
use futures::future::BoxFuture;
use platforms::openai::{Api, Stream};
use ports::agent::{Backend, Failed, Gone, Question, Say};

#[tokio::test]
async fn pieces_are_said_in_order_and_verbatim() {
    let pieces = ["Hel", "lo,\n\n", "  data: wörld 🦀", "\"\\\u{7}", "\r\n"];
    let (heard, outcome) = met(Stream::of(pieces)).await;
    assert_eq!((heard.pieces, outcome), (pieces.map(String::from).to_vec(), Ok(())));
}

#[tokio::test]
async fn each_piece_is_said_when_it_comes_and_not_at_the_end() {
    let api = Api::start().await.unwrap();
    api.will(Stream::of(["first"]).held());
    let backend = backend(options(&api));
    let (message, mut heard) = (message("hello"), Once { api: api.clone(), text: String::new() });
    let question = Question { message: &message, memory: &[], said: "", repeated: false };
    // Only what is heard lets the stream go on.
    backend.answer(question, &mut heard).await.unwrap();
    assert_eq!(heard.text, "first");
}

struct Once {
    api: Api,
    text: String,
}

impl Say for Once {
    fn append<'a>(&'a mut self, piece: &'a str) -> BoxFuture<'a, Result<(), Gone>> {
        self.text.push_str(piece);
        self.api.release();
        Box::pin(std::future::ready(Ok(())))
    }

    fn replace<'a>(&'a mut self, whole: &'a str) -> BoxFuture<'a, Result<(), Gone>> {
        panic!("a completion only goes on; said was {whole:?}")
    }
}

#[tokio::test]
async fn however_the_bytes_are_cut_the_text_is_the_same() {
    let pieces = ["Grüße ", "🦀🦀", "\n\n", "ende"];
    let api = Api::start().await.unwrap();
    let backend = backend(options(&api));
    for bytes in 1..=40 {
        let stream = Stream::of(pieces).in_chunks_of(bytes).with_usage();
        api.will(match bytes % 4 {
            0 => stream,
            1 => stream.with_crlf(),
            2 => stream.with_pings(),
            _ => stream.with_pings().with_crlf(),
        });
        let (heard, outcome) = ask(&backend, "hello").await;
        assert_eq!((heard.pieces, outcome), (pieces.map(String::from).to_vec(), Ok(())), "{bytes}");
    }
}

#[tokio::test]
async fn an_answer_is_whole_with_a_finish_reason_or_done() {
    for stream in [Stream::of(["all"]).only_done(), Stream::of(["all"]).never_done()] {
        let (heard, outcome) = met(stream).await;
        assert_eq!((heard.text().as_str(), outcome), ("all", Ok(())));
    }
}

#[tokio::test]
async fn an_answer_that_hit_its_token_limit_or_the_filter_stands() {
    for reason in ["length", "content_filter", "eos"] {
        let (heard, outcome) = met(Stream::of(["so far"]).finishing(reason)).await;
        assert_eq!((heard.text().as_str(), outcome), ("so far", Ok(())), "{reason}");
    }
}

#[tokio::test]
async fn a_filter_that_let_nothing_through_is_a_refusal() {
    let (_, outcome) = met(Stream::of([""]).finishing("content_filter")).await;
    assert!(matches!(outcome, Err(Failed::Refused(_))), "{outcome:?}");
    let api = Api::start().await.unwrap();
    api.will(Stream::of([""]).finishing("content_filter"));
    let (_, outcome) = ask_on(&backend(options(&api)), "hello", "So far").await;
    assert_eq!(outcome, Ok(()), "what an earlier try said stands too");
}

#[tokio::test]
async fn a_model_that_only_calls_a_tool_has_failed() {
    for stream in [Stream::of([""]).calling("rm"), Stream::of([""]).calling("rm").finishing("stop")] {
        let (_, outcome) = met(stream).await;
        assert!(matches!(outcome, Err(Failed::Agent(_))), "{outcome:?}");
    }
    let (heard, outcome) = met(Stream::of(["Let me see."]).calling("rm")).await;
    assert_eq!((heard.text().as_str(), outcome), ("Let me see.", Ok(())));
    let (_, outcome) = met(Stream::of([""]).finishing("length")).await;
    assert!(matches!(outcome, Err(Failed::Agent(_))), "nor has one that ran out of tokens: {outcome:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_stopped_at_a_mebibyte() {
    let api = Api::start().await.unwrap();
    api.always(Stream::of(vec!["x".repeat(1 << 19); 2]));
    let backend = backend(options(&api));
    let (heard, outcome) = ask(&backend, "hello").await;
    assert_eq!((heard.text().len(), outcome), (1 << 20, Ok(())));
    let (heard, outcome) = ask_on(&backend, "hello", "said").await;
    assert_eq!(heard.text().len(), 1 << 19, "with what was said before it is one piece too many");
    assert!(matches!(outcome, Err(Failed::Agent(_))), "{outcome:?}");
}

#[tokio::test]
async fn when_the_connector_has_ended_so_does_the_answer() {
    let api = Api::start().await.unwrap();
    api.will(Stream::of(["one", "two"]).hanging());
    let (backend, message) = (backend(options(&api)), message("hello"));
    let mut heard = Heard { most: 1, ..Default::default() };
    let question = Question { message: &message, memory: &[], said: "", repeated: false };
    let outcome = backend.answer(question, &mut heard).await;
    assert_eq!((heard.pieces.len(), outcome), (1, Err(Failed::Gone)));
    api.alone().await;
}
