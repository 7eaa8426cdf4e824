//! The outbox worker over an in-memory store, with the clock paused: hours of retries pass in no time.
//! The store keeps the rules of `OutboxStore`: one running lease per message, stale claims change nothing.

use crate::message;
use async_trait::async_trait;
use messaging::{
    Backoff, Channel, Claimed, OutboxStore, OutgoingMessage, Receipt, SendError, StoreError, Transport, Transports,
    Worker, WorkerConfig,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, PartialEq)]
enum State {
    Waiting,
    Sent(String),
    Dead(String),
}

struct Entry {
    message: OutgoingMessage,
    due: Instant,
    attempts: u32,
    state: State,
    waits: Vec<(Duration, String)>,
}

#[derive(Clone, Default)]
struct Memory {
    entries: Arc<Mutex<BTreeMap<String, Entry>>>,
    /// Calls of `mark_sent` that fail before one works.
    failing_marks: Arc<AtomicUsize>,
    failing_claims: Arc<AtomicUsize>,
}

fn take_one(counter: &AtomicUsize) -> bool {
    counter
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
        .is_ok()
}

impl Memory {
    fn with(messages: impl IntoIterator<Item = OutgoingMessage>) -> Self {
        let memory = Self::default();
        messages.into_iter().for_each(|message| memory.add(message));
        memory
    }

    fn add(&self, message: OutgoingMessage) {
        let entry = Entry {
            due: Instant::now(),
            attempts: 0,
            state: State::Waiting,
            waits: Vec::new(),
            message: message.clone(),
        };
        self.entries.lock().unwrap().insert(message.id, entry);
    }

    fn state(&self, id: &str) -> State {
        self.entries.lock().unwrap()[id].state.clone()
    }

    fn waits(&self, id: &str) -> Vec<u64> {
        self.entries.lock().unwrap()[id]
            .waits
            .iter()
            .map(|(wait, _)| wait.as_secs())
            .collect()
    }

    async fn until(&self, id: &str, done: impl Fn(&State) -> bool) {
        while !done(&self.state(id)) {
            sleep(SECOND).await;
        }
    }

    fn change(&self, claimed: &Claimed, change: impl FnOnce(&mut Entry)) -> bool {
        let mut entries = self.entries.lock().unwrap();
        let entry = entries.get_mut(&claimed.message.id).unwrap();
        let newest = entry.attempts.to_string() == claimed.lease && entry.state == State::Waiting;
        if newest {
            change(entry);
        }
        newest
    }
}

#[async_trait]
impl OutboxStore for Memory {
    async fn claim(&self, limit: usize, lease: Duration) -> Result<Vec<Claimed>, StoreError> {
        if take_one(&self.failing_claims) {
            return Err(StoreError("database is gone".to_owned()));
        }
        let mut entries = self.entries.lock().unwrap();
        let due = entries
            .values_mut()
            .filter(|entry| entry.state == State::Waiting && entry.due <= Instant::now());
        let claim = |entry: &mut Entry| {
            entry.due = Instant::now() + lease;
            entry.attempts += 1;
            Claimed {
                lease: entry.attempts.to_string(),
                attempt: entry.attempts,
                message: entry.message.clone(),
            }
        };
        Ok(due.take(limit).map(claim).collect())
    }

    async fn mark_sent(&self, claimed: &Claimed, receipt: &Receipt) -> Result<bool, StoreError> {
        if take_one(&self.failing_marks) {
            return Err(StoreError("database is gone".to_owned()));
        }
        Ok(self.change(claimed, |entry| entry.state = State::Sent(receipt.reference.clone())))
    }

    async fn mark_retry(&self, claimed: &Claimed, wait: Duration, reason: &str) -> Result<bool, StoreError> {
        Ok(self.change(claimed, |entry| {
            entry.due = Instant::now() + wait;
            entry.waits.push((wait, reason.to_owned()));
        }))
    }

    async fn mark_dead(&self, claimed: &Claimed, reason: &str) -> Result<bool, StoreError> {
        Ok(self.change(claimed, |entry| entry.state = State::Dead(reason.to_owned())))
    }
}

/// A transport that answers from a script, then succeeds; it takes its time over each message.
#[derive(Default)]
struct Scripted {
    answers: Mutex<Vec<SendError>>,
    takes: Duration,
    calls: Mutex<Vec<(String, Instant)>>,
    busy: AtomicUsize,
    busiest: AtomicUsize,
    finished: AtomicUsize,
}

impl Scripted {
    fn failing(answers: impl IntoIterator<Item = SendError>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Self::default()
        })
    }

    fn taking(takes: Duration) -> Arc<Self> {
        Arc::new(Self {
            takes,
            ..Self::default()
        })
    }

    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().iter().map(|(id, _)| id.clone()).collect()
    }
}

#[async_trait]
impl Transport for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn send(&self, message: &OutgoingMessage) -> Result<Receipt, SendError> {
        self.calls.lock().unwrap().push((message.id.clone(), Instant::now()));
        let busy = self.busy.fetch_add(1, Ordering::SeqCst) + 1;
        self.busiest.fetch_max(busy, Ordering::SeqCst);
        sleep(self.takes).await;
        self.busy.fetch_sub(1, Ordering::SeqCst);
        self.finished.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        if answers.is_empty() {
            Ok(Receipt {
                reference: "ok".to_owned(),
            })
        } else {
            Err(answers.remove(0))
        }
    }
}

fn config() -> WorkerConfig {
    WorkerConfig {
        concurrency: 2,
        poll: SECOND,
        lease: SECOND * 60,
        send_timeout: SECOND * 30,
        max_attempts: 5,
        backoff: Backoff {
            first: SECOND * 10,
            longest: SECOND * 60,
            jitter: 0.0,
        },
        grace: SECOND * 20,
    }
}

fn worker(memory: &Memory, transport: &Arc<Scripted>, config: WorkerConfig) -> Worker<Memory> {
    let transport = Arc::clone(transport) as Arc<dyn Transport>;
    Worker::new(
        memory.clone(),
        Transports::new(Arc::clone(&transport), transport),
        config,
    )
}

/// Start a worker; it stops when what is returned is dropped or told so.
fn start(memory: &Memory, transport: &Arc<Scripted>, config: WorkerConfig) -> watch::Sender<bool> {
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(worker(memory, transport, config).run(stopping));
    stop
}

fn is_sent(state: &State) -> bool {
    matches!(state, State::Sent(_))
}

fn is_dead(state: &State) -> bool {
    matches!(state, State::Dead(_))
}

fn many(count: usize) -> Vec<OutgoingMessage> {
    (0..count)
        .map(|n| message(&format!("m-{n:02}"), Channel::Email))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_is_tried_again_ever_later_until_it_works() {
    let memory = Memory::with([message("m", Channel::Email)]);
    let transport = Scripted::failing((0..4).map(|_| SendError::transient("451 busy")));
    let _stop = start(&memory, &transport, config());
    memory.until("m", is_sent).await;
    assert_eq!(memory.waits("m"), [10, 20, 40, 60]);
    let calls = transport.calls.lock().unwrap().clone();
    let gaps: Vec<u64> = calls.windows(2).map(|pair| (pair[1].1 - pair[0].1).as_secs()).collect();
    assert!(
        gaps.iter()
            .zip([10, 20, 40, 60])
            .all(|(gap, wait)| (wait..=wait + 1).contains(gap)),
        "{gaps:?}"
    );
    assert_eq!(memory.state("m"), State::Sent("ok".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_wait_the_other_side_asks_for_is_kept() {
    let memory = Memory::with([message("m", Channel::Sms)]);
    let asked = SendError::Transient {
        reason: "429".to_owned(),
        retry_after: Some(SECOND * 500),
    };
    let transport = Scripted::failing([asked]);
    let _stop = start(&memory, &transport, config());
    memory.until("m", is_sent).await;
    assert_eq!(memory.waits("m"), [500]);
}

#[tokio::test(start_paused = true)]
async fn after_the_last_attempt_it_is_given_up_with_the_reason() {
    let memory = Memory::with([message("m", Channel::Email)]);
    let transport = Scripted::failing((0..99).map(|_| SendError::transient("451 busy")));
    let _stop = start(&memory, &transport, config());
    memory.until("m", is_dead).await;
    sleep(SECOND * 3600).await;
    assert_eq!(transport.calls().len(), 5);
    assert_eq!(
        memory.state("m"),
        State::Dead("given up after 5 attempts: 451 busy".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_permanent_failure_is_not_tried_again_and_holds_nobody_up() {
    let memory = Memory::with(many(3));
    let transport = Scripted::failing([SendError::permanent("550 no such user")]);
    let _stop = start(
        &memory,
        &transport,
        WorkerConfig {
            concurrency: 1,
            ..config()
        },
    );
    memory.until("m-02", is_sent).await;
    sleep(SECOND * 3600).await;
    assert_eq!(memory.state("m-00"), State::Dead("550 no such user".to_owned()));
    assert_eq!(transport.calls(), ["m-00", "m-01", "m-02"]);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_transport_is_cut_off_and_tried_again() {
    let memory = Memory::with([message("m", Channel::Email)]);
    let transport = Scripted::taking(SECOND * 1000);
    let _stop = start(&memory, &transport, config());
    memory.until("m", is_dead).await;
    assert_eq!(
        memory.state("m"),
        State::Dead("given up after 5 attempts: it took too long".to_owned())
    );
    assert_eq!(transport.finished.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_success_is_never_sent_again_though_recording_it_failed_at_first() {
    let memory = Memory::with([message("m", Channel::Email)]);
    memory.failing_marks.store(4, Ordering::SeqCst);
    let transport = Scripted::failing([]);
    let _stop = start(&memory, &transport, config());
    memory.until("m", is_sent).await;
    sleep(SECOND * 3600).await;
    assert_eq!(transport.calls(), ["m"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_worker_held_is_taken_over_when_its_lease_ends_and_not_before() {
    let memory = Memory::with([message("m", Channel::Email)]);
    let slow = Scripted::taking(SECOND * 25);
    let (_stop, stopping) = watch::channel(false);
    let doomed = tokio::spawn(worker(&memory, &slow, config()).run(stopping));
    sleep(SECOND).await;
    doomed.abort();
    assert_eq!(slow.calls(), ["m"]);

    let quick = Scripted::failing([]);
    let _stop = start(&memory, &quick, config());
    sleep(SECOND * 50).await;
    assert!(quick.calls().is_empty());
    sleep(SECOND * 15).await;
    assert_eq!(quick.calls(), ["m"]);
    assert!(is_sent(&memory.state("m")));
}

#[tokio::test(start_paused = true)]
async fn two_workers_share_the_work_and_send_nothing_twice() {
    let memory = Memory::with(many(40));
    let transport = Scripted::taking(SECOND);
    let _stops = [
        start(&memory, &transport, config()),
        start(&memory, &transport, config()),
    ];
    for n in 0..40 {
        memory.until(&format!("m-{n:02}"), is_sent).await;
    }
    let mut calls = transport.calls();
    calls.sort();
    calls.dedup();
    assert_eq!((calls.len(), transport.calls().len()), (40, 40));
    assert_eq!(transport.busiest.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn stopping_finishes_what_is_in_flight_and_starts_nothing_more() {
    let memory = Memory::with(many(6));
    let transport = Scripted::taking(SECOND * 10);
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(worker(&memory, &transport, config()).run(stopping));
    sleep(SECOND).await;
    stop.send(true).unwrap();
    running.await.unwrap();
    assert!(is_sent(&memory.state("m-00")) && is_sent(&memory.state("m-01")));
    assert_eq!(transport.calls(), ["m-00", "m-01"]);
    assert_eq!(memory.state("m-02"), State::Waiting);
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_no_longer_than_the_grace_time() {
    let memory = Memory::with([message("m", Channel::Email)]);
    let transport = Scripted::taking(SECOND * 29);
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(
        worker(
            &memory,
            &transport,
            WorkerConfig {
                grace: SECOND * 5,
                ..config()
            },
        )
        .run(stopping),
    );
    sleep(SECOND).await;
    let told = Instant::now();
    stop.send(true).unwrap();
    running.await.unwrap();
    assert_eq!(told.elapsed().as_secs(), 5);
    assert_eq!(memory.state("m"), State::Waiting);
}

#[tokio::test(start_paused = true)]
async fn a_wake_up_saves_the_wait_for_the_next_look() {
    let memory = Memory::default();
    let transport = Scripted::failing([]);
    let (_stop, stopping) = watch::channel(false);
    let worker = worker(
        &memory,
        &transport,
        WorkerConfig {
            poll: SECOND * 600,
            ..config()
        },
    );
    let waker = worker.waker();
    tokio::spawn(worker.run(stopping));
    sleep(SECOND).await;
    memory.add(message("m", Channel::Email));
    waker.wake();
    sleep(SECOND).await;
    assert!(is_sent(&memory.state("m")));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_for_a_while_is_asked_again() {
    let memory = Memory::with([message("m", Channel::Email)]);
    memory.failing_claims.store(4, Ordering::SeqCst);
    let transport = Scripted::failing([]);
    let _stop = start(&memory, &transport, config());
    memory.until("m", is_sent).await;
    assert_eq!(transport.calls(), ["m"]);
}

#[tokio::test(start_paused = true)]
async fn each_channel_has_its_transport() {
    let memory = Memory::with([message("mail", Channel::Email), message("text", Channel::Sms)]);
    let (email, sms) = (Scripted::failing([]), Scripted::failing([]));
    let transports = Transports::new(
        Arc::clone(&email) as Arc<dyn Transport>,
        Arc::clone(&sms) as Arc<dyn Transport>,
    );
    let (_stop, stopping) = watch::channel(false);
    tokio::spawn(Worker::new(memory.clone(), transports, config()).run(stopping));
    memory.until("mail", is_sent).await;
    memory.until("text", is_sent).await;
    assert_eq!(
        (email.calls(), sms.calls()),
        (vec!["mail".to_owned()], vec!["text".to_owned()])
    );
}
