//! Takes each line that is written, and whose it is, into memory.
use crate::rings::Rings;
use crate::text::{Told, Whose};
use ports::clock::epoch_ms;
use std::sync::Arc;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

pub struct Keep(pub Arc<Rings>);

/// A span of an instance.
struct Owned(Arc<str>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut whose = Whose::default();
        attributes.record(&mut whose);
        own(whose, id, &context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut whose = Whose::default();
        values.record(&mut whose);
        own(whose, id, &context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut told = Told::default();
        event.record(&mut told);
        let nearest = || {
            let mut spans = context.event_scope(event)?;
            spans.find_map(|span| span.extensions().get::<Owned>().map(|owned| owned.0.clone()))
        };
        let instance = told.connector.map(Arc::from).or_else(nearest);
        self.0.push(epoch_ms(), *event.metadata().level(), instance.as_deref(), told.text.into_string());
    }
}

fn own<S: Subscriber + for<'a> LookupSpan<'a>>(whose: Whose, id: &Id, context: &Context<'_, S>) {
    if let (Some(name), Some(span)) = (whose.0, context.span(id)) {
        span.extensions_mut().replace(Owned(name.into()));
    }
}
