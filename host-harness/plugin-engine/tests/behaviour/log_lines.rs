//! `greedy`: its log lines are cut off by number and size, per call and per minute; none of them can pass for
//! one of the host's, and no token gets into the log by a slip.

use crate::guests::{engine, limits, load, page, tenant};
use plugin_engine::Limits;
use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Keeps every event of the plugins' target as text.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?};", field.name()).unwrap();
    }
}

impl Subscriber for Kept {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "plugin"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Kept {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

// One thread each: what is kept is what this thread logs.
#[tokio::test(flavor = "current_thread")]
async fn a_flood_is_cut_off_per_call_and_per_minute() {
    let kept = Kept::default();
    let _guard = tracing::subscriber::set_default(kept.clone());
    let engine = engine(Limits {
        log_lines_per_minute: 250,
        ..limits()
    });
    let plugin = load(&engine, "greedy").await;
    assert_eq!(page(&plugin, &tenant("bad"), "log?20000").await, "logged");
    let lines = kept.lines();
    assert!((50..=101).contains(&lines.len()), "{} lines", lines.len());
    assert!(
        lines
            .iter()
            .all(|line| line.contains("plugin=greedy") && line.contains("company=bad"))
    );
    assert!(lines.last().unwrap().contains("is left out"), "{:?}", lines.last());
    for _ in 0..20 {
        assert_eq!(page(&plugin, &tenant("bad"), "log?1000").await, "logged");
    }
    let flood = kept.lines().len();
    assert!((250..=260).contains(&flood), "{flood} lines");
    // Another company's lines are its own.
    page(&plugin, &tenant("other"), "log?1").await;
    assert!(kept.lines()[flood..].iter().any(|line| line.contains("company=other")));
}

#[tokio::test(flavor = "current_thread")]
async fn no_line_passes_for_another_and_none_has_a_token() {
    let kept = Kept::default();
    let _guard = tracing::subscriber::set_default(kept.clone());
    let plugin = load(&engine(limits()), "greedy").await;
    let token = "h3kq9x2mv7c4z8p5w6y1n0aa";
    let request = http::Request::get(format!("/summit/any/l/{token}/forge"))
        .body(http_body_util::Full::<bytes::Bytes>::default())
        .unwrap();
    plugin.handle(tenant("bad"), request).await.unwrap();
    let lines = kept.lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[1].contains("ERROR host: all is lost"),
        "the words stay: {lines:?}"
    );
    assert!(lines.iter().all(|line| line.contains("plugin=greedy")), "{lines:?}");
    for forbidden in ['\n', '\r', '\u{1b}', '\u{9b}', '\u{202e}', '\u{2028}'] {
        assert!(
            lines.iter().all(|line| !line.contains(forbidden)),
            "{forbidden:?} in {lines:?}"
        );
    }
    assert!(
        lines[2].contains("cannot open") && !lines[2].contains(token),
        "{lines:?}"
    );
}
