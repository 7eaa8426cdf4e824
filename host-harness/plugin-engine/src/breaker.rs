//! Pauses a plugin for a company after repeated failures, until an admin resumes it.
//! Counted by (plugin, company), across versions: an upgrade alone does not end a pause.

use crate::{
    config::{Limits, PauseListener},
    error::Failure,
};
use serde::Serialize;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A plugin that no longer runs for a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// The host's id of the company.
    pub company: String,
    /// Id of the plugin.
    pub plugin: String,
    /// What happened last, in plain words for staff.
    pub reason: String,
}

type Key = (Arc<str>, Arc<str>);

#[derive(Default)]
struct Record {
    failures: VecDeque<Instant>,
    pause: Option<Pause>,
}

/// The failures of every plugin for every company.
pub(crate) struct Breaker {
    most: usize,
    window: Duration,
    listener: Option<PauseListener>,
    records: Mutex<HashMap<Key, Record>>,
}

impl Breaker {
    pub(crate) fn new(limits: &Limits, listener: Option<PauseListener>) -> Self {
        Self {
            most: limits.breaker_failures.max(1),
            window: limits.breaker_window,
            listener,
            records: Mutex::default(),
        }
    }

    fn records(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pause in force, if any.
    pub(crate) fn paused(&self, plugin: &Arc<str>, company: &Arc<str>) -> Option<Pause> {
        self.records()
            .get(&(Arc::clone(plugin), Arc::clone(company)))?
            .pause
            .clone()
    }

    pub(crate) fn is_paused(&self, plugin: &Arc<str>, company: &Arc<str>) -> bool {
        let records = self.records();
        // Hardly anything ever fails, so most calls end here without touching a key.
        !records.is_empty()
            && records
                .get(&(Arc::clone(plugin), Arc::clone(company)))
                .is_some_and(|record| record.pause.is_some())
    }

    pub(crate) fn record(&self, plugin: &Arc<str>, company: &Arc<str>, failure: &Failure) {
        self.record_at(Instant::now(), plugin, company, failure);
    }

    fn record_at(&self, now: Instant, plugin: &Arc<str>, company: &Arc<str>, failure: &Failure) {
        let pause = {
            let mut records = self.records();
            let record = records.entry((Arc::clone(plugin), Arc::clone(company))).or_default();
            record.failures.push_back(now);
            while record
                .failures
                .front()
                .is_some_and(|first| now.duration_since(*first) > self.window)
            {
                record.failures.pop_front();
            }
            if record.pause.is_some() || record.failures.len() < self.most {
                return;
            }
            let reason = match failure {
                Failure::Trapped(_) => "it crashed",
                Failure::OutOfMemory => "it ran out of memory",
                Failure::TimedOut => "it took too long",
            };
            let pause = Pause {
                company: company.to_string(),
                plugin: plugin.to_string(),
                reason: format!(
                    "It failed {} times within {} seconds; the last time {reason}.",
                    record.failures.len(),
                    self.window.as_secs()
                ),
            };
            record.pause = Some(pause.clone());
            pause
        };
        tracing::warn!(company = %pause.company, plugin = %pause.plugin, reason = %pause.reason, "plugin paused");
        if let Some(listener) = &self.listener {
            listener(&pause);
        }
    }

    /// Pause without a failure: the host knows of one from before its own start.
    pub(crate) fn pause(&self, plugin: &Arc<str>, company: &Arc<str>, reason: String) {
        let pause = Pause {
            company: company.to_string(),
            plugin: plugin.to_string(),
            reason,
        };
        self.records()
            .entry((Arc::clone(plugin), Arc::clone(company)))
            .or_default()
            .pause = Some(pause);
    }

    /// Forget failures and pause. True when it was paused.
    pub(crate) fn resume(&self, plugin: &Arc<str>, company: &Arc<str>) -> bool {
        self.records()
            .remove(&(Arc::clone(plugin), Arc::clone(company)))
            .is_some_and(|record| record.pause.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn breaker(told: &Arc<AtomicUsize>) -> Breaker {
        let told = Arc::clone(told);
        let limits = Limits {
            breaker_failures: 3,
            breaker_window: Duration::from_secs(60),
            ..Limits::default()
        };
        Breaker::new(
            &limits,
            Some(Arc::new(move |_| _ = told.fetch_add(1, Ordering::SeqCst))),
        )
    }

    #[test]
    fn failures_within_the_window_pause_one_company_once() {
        let told = Arc::default();
        let breaker = breaker(&told);
        let (plugin, bad, good): (Arc<str>, Arc<str>, Arc<str>) = ("p".into(), "bad".into(), "good".into());
        let start = Instant::now();
        for second in 0..5 {
            breaker.record_at(start + Duration::from_secs(second), &plugin, &bad, &Failure::TimedOut);
        }
        assert_eq!(told.load(Ordering::SeqCst), 1);
        assert!(breaker.paused(&plugin, &bad).unwrap().reason.contains("took too long"));
        assert!(!breaker.is_paused(&plugin, &good));
        assert!(breaker.resume(&plugin, &bad));
        assert!(!breaker.is_paused(&plugin, &bad));
    }

    #[test]
    fn failures_far_apart_do_not_pause() {
        let told = Arc::default();
        let breaker = breaker(&told);
        let (plugin, company): (Arc<str>, Arc<str>) = ("p".into(), "c".into());
        let start = Instant::now();
        for minute in 0..10 {
            let now = start + Duration::from_secs(40 * minute);
            breaker.record_at(now, &plugin, &company, &Failure::OutOfMemory);
        }
        assert!(!breaker.is_paused(&plugin, &company));
        assert_eq!(told.load(Ordering::SeqCst), 0);
    }
}
