//! What the model is asked.
use super::support::{Heard, ask, ask_on, backend, message, options, turn};
use backend_openai::Options;
use platforms::openai::{Api, Settings, Stream};
use ports::agent::{Backend, Question};
use serde_json::json;

#[tokio::test]
async fn a_request_is_what_the_api_wants_with_the_key_and_the_extra_members() {
    let api = Api::start().await.unwrap();
    let extra = json!({"temperature": 0.2, "max_completion_tokens": 99}).as_object().unwrap().clone();
    let backend = backend(Options { extra, ..options(&api) });
    let (heard, outcome) = ask(&backend, "hi there").await;
    assert_eq!((heard.text().as_str(), outcome), ("You said: hi there", Ok(())));
    let asked = api.asked(1).await;
    assert_eq!(asked[0].authorization(), Some(format!("Bearer {}", api.key()).as_str()));
    let expected = json!({
        "model": api.model(),
        "messages": [{"role": "user", "content": "hi there"}],
        "stream": true,
        "temperature": 0.2,
        "max_completion_tokens": 99,
    });
    assert_eq!(asked[0].body, expected);
}

#[tokio::test]
async fn the_system_prompt_comes_first_then_the_memory_then_the_message() {
    let api = Api::start().await.unwrap();
    let system = Some("Be brief.".to_owned());
    let backend = backend(Options { system, memory_turns: 3, ..options(&api) });
    assert_eq!((backend.name(), backend.memory_turns()), ("openai", 3));
    let message = message("and now?");
    let memory = [turn(false, "Is it late?"), turn(true, "Yes."), turn(false, "")];
    let question = Question { message: &message, memory: &memory, said: "", repeated: false };
    backend.answer(question, &mut Heard::default()).await.unwrap();
    assert_eq!(
        api.asked(1).await[0].messages(),
        [("system", "Be brief."), ("user", "Is it late?"), ("assistant", "Yes."), ("user", "and now?")]
    );
}

#[tokio::test]
async fn in_a_group_the_model_is_told_who_speaks() {
    let api = Api::start().await.unwrap();
    let backend = backend(options(&api));
    for (label, expected) in [("Ada", "Ada: hello"), ("Ada\nBob", "Ada Bob: hello"), (" \n", "42: hello")] {
        let message =
            ports::agent::Message { in_group: true, sender_label: label.into(), ..message("hello") };
        let question = Question { message: &message, memory: &[], said: "", repeated: false };
        backend.answer(question, &mut Heard::default()).await.unwrap();
        assert_eq!(api.record(|record| record.requests().last().cloned()).unwrap().text(), Some(expected));
    }
}

#[tokio::test]
async fn an_answer_that_was_interrupted_is_asked_to_go_on() {
    let api = Api::start().await.unwrap();
    let backend = backend(options(&api));
    api.will(Stream::of(["Once upon", " a ti"]).cut_short());
    let (heard, outcome) = ask(&backend, "a tale").await;
    assert!(outcome.is_err());
    api.will(Stream::of(["me."]));
    let (rest, outcome) = ask_on(&backend, "a tale", &heard.text()).await;
    assert_eq!((heard.text() + &rest.text(), outcome), ("Once upon a time.".to_owned(), Ok(())));
    let asked = api.asked(2).await;
    let [("user", "a tale"), ("assistant", "Once upon a ti"), ("user", go_on)] = asked[1].messages()[..]
    else {
        panic!("{:?}", asked[1].messages());
    };
    assert!(go_on.contains("exactly where it stopped") && go_on.contains("not repeat"), "{go_on}");
}

#[tokio::test]
async fn without_a_key_none_is_sent() {
    let api = Api::start_with(Settings { keep: 1, ..Settings::default() }).await.unwrap();
    let backend = backend(Options { api_key: None, ..options(&api) });
    // The far end is stricter than a server on the own machine.
    assert!(ask(&backend, "hello").await.1.is_err());
    assert_eq!(api.asked(1).await[0].authorization(), None);
}
