use crate::guest::bindings::types::connector::runtime::types as wit;
use crate::types::{Disposition, Event, Fill, Form, JsonTest, Place, millis};

impl From<wit::Event> for Event {
    fn from(event: wit::Event) -> Self {
        Self { order: event.order, sequence: event.sequence, attempt: event.attempt }
    }
}

impl From<Disposition> for wit::Disposition {
    fn from(answer: Disposition) -> Self {
        match answer {
            Disposition::Done => Self::Done,
            Disposition::Retry(after) => Self::Retry(millis(after)),
            Disposition::Reject(reason) => Self::Reject(reason),
        }
    }
}

impl From<Place> for wit::Place {
    fn from(place: Place) -> Self {
        match place {
            Place::Header(name) => Self::Header(name),
            Place::Query(key) => Self::Query(key),
            Place::Json(pointer) => Self::Json(pointer),
        }
    }
}

impl From<Form> for wit::Form {
    fn from(form: Form) -> Self {
        match form {
            Form::Raw => Self::Raw,
            Form::Bearer => Self::Bearer,
            Form::Basic(user) => Self::Basic(user),
        }
    }
}

impl From<Fill> for wit::Fill {
    fn from(fill: Fill) -> Self {
        Self { secret: fill.secret, at: fill.at.into(), as_: fill.form.into() }
    }
}

impl From<JsonTest> for wit::JsonTest {
    fn from(test: JsonTest) -> Self {
        Self { pointer: test.pointer, equals: test.equals.to_string() }
    }
}
