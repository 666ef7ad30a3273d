//! Times the prover's own spans: seconds and count of every path in the span tree.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use tracing::span::{Attributes, Id};
use tracing::Subscriber;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

#[derive(Clone, Copy, Default)]
struct Total {
    count: u64,
    busy: Duration,
}

/// The spans that closed since the last `clear`.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<BTreeMap<String, Total>>>);

impl Log {
    /// Starts to record the spans of level INFO and above, the level of the prover's stages.
    pub fn install() -> Log {
        let log = Log::default();
        tracing_subscriber::registry().with(Recorder(log.clone()).with_filter(LevelFilter::INFO)).init();
        log
    }

    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// `{path: [count, seconds]}`.
    pub fn totals(&self) -> BTreeMap<String, Value> {
        let totals = self.0.lock().unwrap();
        totals
            .iter()
            .map(|(path, total)| (path.clone(), json!([total.count, total.busy.as_secs_f64()])))
            .collect()
    }
}

struct Recorder(Log);

/// What a span carries until it closes.
struct Timing {
    path: String,
    busy: Duration,
    entered: Option<Instant>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("a new span is registered");
        let parent = span
            .parent()
            .and_then(|parent| parent.extensions().get::<Timing>().map(|timing| timing.path.clone()));
        let path = match parent {
            Some(parent) => format!("{parent}/{}", span.name()),
            None => span.name().to_owned(),
        };
        span.extensions_mut().insert(Timing { path, busy: Duration::ZERO, entered: None });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("an entered span is registered");
        if let Some(timing) = span.extensions_mut().get_mut::<Timing>() {
            timing.entered = Some(Instant::now());
        };
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("an exited span is registered");
        if let Some(timing) = span.extensions_mut().get_mut::<Timing>() {
            timing.busy += timing.entered.take().map_or(Duration::ZERO, |entered| entered.elapsed());
        };
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("a closing span is registered");
        let extensions = span.extensions();
        if let Some(timing) = extensions.get::<Timing>() {
            let mut totals = self.0 .0.lock().unwrap();
            let total = totals.entry(timing.path.clone()).or_default();
            total.count += 1;
            total.busy += timing.busy;
        }
    }
}
