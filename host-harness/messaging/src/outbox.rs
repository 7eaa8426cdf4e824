//! The outbox worker: takes waiting messages under a lease, sends them, records what came of it.
//! The store is the host's; a message is written there in the transaction that causes it, so none is lost or invented.
//!
//! Delivery is at least once: a process that dies between the server's "accepted" and the record of it leaves a lease
//! that runs out, and the message goes again with the same Message-ID. Once a success is recorded, it never does.

use crate::transport::{Receipt, SendError, Transports};
use crate::{Backoff, OutgoingMessage};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// The store could not do it now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the message store failed: {0}")]
pub struct StoreError(pub String);

/// A message this worker may send while its lease runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Names this claim: a newer one of the same message has another.
    pub lease: String,
    /// Which attempt this is, from 1. Counted when it is claimed, so that a crash counts too.
    pub attempt: u32,
    /// What to send.
    pub message: OutgoingMessage,
}

/// Where messages wait. Times are told as durations from now: the store's clock is the one that counts.
#[async_trait]
pub trait OutboxStore: Send + Sync + 'static {
    /// Claim up to `limit` messages that are due and under no running lease, oldest first. Two workers never claim the
    /// same message at the same time; after `lease` an unfinished claim is void and the message due again.
    async fn claim(&self, limit: usize, lease: Duration) -> Result<Vec<Claimed>, StoreError>;

    /// It left. False when the claim is no longer the newest one of its message (nothing is changed then).
    async fn mark_sent(&self, claimed: &Claimed, receipt: &Receipt) -> Result<bool, StoreError>;

    /// It is due again after `wait`. False as for [`OutboxStore::mark_sent`].
    async fn mark_retry(&self, claimed: &Claimed, wait: Duration, reason: &str) -> Result<bool, StoreError>;

    /// It is given up and waits for staff. False as for [`OutboxStore::mark_sent`].
    async fn mark_dead(&self, claimed: &Claimed, reason: &str) -> Result<bool, StoreError>;
}

/// How eagerly a worker works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkerConfig {
    /// Messages in flight at a time.
    pub concurrency: usize,
    /// How often to look without being woken.
    pub poll: Duration,
    /// How long a claim lasts. A message that takes longer is tried again by whoever claims it next.
    pub lease: Duration,
    /// How long one attempt may take; at most half of the lease, so that its outcome can still be recorded.
    pub send_timeout: Duration,
    /// Attempts after which a message is given up.
    pub max_attempts: u32,
    /// Waiting times between attempts.
    pub backoff: Backoff,
    /// How long to wait for messages in flight when stopping.
    pub grace: Duration,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            concurrency: 8,
            poll: Duration::from_secs(5),
            lease: Duration::from_secs(180),
            send_timeout: Duration::from_secs(60),
            max_attempts: 10,
            backoff: Backoff::default(),
            grace: Duration::from_secs(20),
        }
    }
}

/// Tells a worker that there is something to send, so that it need not wait for its next look.
#[derive(Debug, Clone)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// Look now. Cheap, and never lost: a busy worker looks again when it has a free hand.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// Sends what the store holds, until told to stop.
pub struct Worker<S> {
    delivery: Arc<Delivery<S>>,
    wake: Arc<Notify>,
}

/// What one delivery needs; shared by those in flight.
struct Delivery<S> {
    store: S,
    transports: Transports,
    config: WorkerConfig,
}

impl<S: OutboxStore> Worker<S> {
    /// A worker that does nothing until [`Worker::run`].
    pub fn new(store: S, transports: Transports, mut config: WorkerConfig) -> Self {
        config.concurrency = config.concurrency.max(1);
        config.max_attempts = config.max_attempts.max(1);
        config.send_timeout = config.send_timeout.min(config.lease / 2);
        Self {
            delivery: Arc::new(Delivery {
                store,
                transports,
                config,
            }),
            wake: Arc::new(Notify::new()),
        }
    }

    /// For whoever writes into the outbox.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.wake))
    }

    /// Work until `stop` turns true or its sender is gone; then finish what is in flight, for at most the grace time.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let config = self.delivery.config;
        let mut in_flight: JoinSet<()> = JoinSet::new();
        let mut failures = 0u32;
        loop {
            while let Some(finished) = in_flight.try_join_next() {
                note_panic(finished);
            }
            if *stop.borrow() {
                break;
            }
            // Only as many as can start at once: a claimed message that waits would eat up its lease.
            let free = config.concurrency.saturating_sub(in_flight.len());
            let mut maybe_more = free == 0;
            if free > 0 {
                match self.delivery.store.claim(free, config.lease).await {
                    Ok(claimed) => {
                        failures = 0;
                        maybe_more = claimed.len() >= free;
                        for claimed in claimed {
                            let delivery = Arc::clone(&self.delivery);
                            in_flight.spawn(async move { delivery.deliver(claimed).await });
                        }
                    }
                    Err(error) => {
                        failures = failures.saturating_add(1);
                        tracing::warn!(%error, failures, "cannot look into the outbox");
                    }
                }
            }
            let pause = match failures {
                0 => config.poll,
                failures => Backoff {
                    first: config.poll,
                    longest: config.lease,
                    jitter: 0.25,
                }
                .after(failures, None),
            };
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                Some(finished) = in_flight.join_next(), if maybe_more && !in_flight.is_empty() => note_panic(finished),
                () = self.wake.notified(), if !maybe_more => {}
                () = sleep(pause) => {}
            }
        }
        let deadline = Instant::now() + config.grace;
        loop {
            tokio::select! {
                finished = in_flight.join_next() => match finished {
                    Some(finished) => note_panic(finished),
                    None => break,
                },
                () = sleep_until(deadline) => {
                    tracing::warn!(left = in_flight.len(), "stopping with messages in flight: their leases will run out");
                    in_flight.shutdown().await;
                    break;
                }
            }
        }
    }
}

fn note_panic(finished: Result<(), tokio::task::JoinError>) {
    if let Err(error) = finished {
        tracing::error!(%error, "a delivery broke off: its lease will run out");
    }
}

/// What came of an attempt.
enum Outcome {
    Sent(Receipt),
    Retry(Duration, String),
    Dead(String),
}

impl<S: OutboxStore> Delivery<S> {
    async fn deliver(&self, claimed: Claimed) {
        // The claim is a moment older than this; half of the lease is left for that and for the record.
        let lease_ends = Instant::now() + self.config.lease;
        let outcome = self.attempt(&claimed).await;
        self.record(&claimed, &outcome, lease_ends).await;
    }

    async fn attempt(&self, claimed: &Claimed) -> Outcome {
        let transport = self.transports.of(claimed.message.channel);
        let sent = match timeout(self.config.send_timeout, transport.send(&claimed.message)).await {
            Ok(sent) => sent,
            Err(_) => Err(SendError::transient("it took too long")),
        };
        match sent {
            Ok(receipt) => Outcome::Sent(receipt),
            Err(SendError::Permanent(reason)) => Outcome::Dead(reason),
            Err(SendError::Transient { reason, .. }) if claimed.attempt >= self.config.max_attempts => {
                Outcome::Dead(format!("given up after {} attempts: {reason}", claimed.attempt))
            }
            Err(SendError::Transient { reason, retry_after }) => {
                Outcome::Retry(self.config.backoff.after(claimed.attempt, retry_after), reason)
            }
        }
    }

    /// Try to record the outcome for as long as the claim holds: an unrecorded success would be sent twice.
    async fn record(&self, claimed: &Claimed, outcome: &Outcome, lease_ends: Instant) {
        let (id, transport) = (&claimed.message.id, self.transports.of(claimed.message.channel).name());
        let mut pause = Duration::from_millis(200);
        loop {
            let recorded = match outcome {
                Outcome::Sent(receipt) => self.store.mark_sent(claimed, receipt).await,
                Outcome::Retry(wait, reason) => self.store.mark_retry(claimed, *wait, reason).await,
                Outcome::Dead(reason) => self.store.mark_dead(claimed, reason).await,
            };
            match recorded {
                Ok(true) => break,
                Ok(false) => {
                    tracing::warn!(message = %id, transport, "the lease had run out before the outcome was recorded");
                    return;
                }
                Err(error) if Instant::now() + pause >= lease_ends => {
                    tracing::error!(message = %id, transport, %error, "the outcome could not be recorded");
                    return;
                }
                Err(_) => sleep(pause).await,
            }
            pause = (pause * 2).min(Duration::from_secs(10));
        }
        match outcome {
            Outcome::Sent(_) => tracing::info!(message = %id, transport, "sent"),
            Outcome::Retry(wait, reason) => {
                tracing::warn!(message = %id, transport, wait_seconds = wait.as_secs(), reason, "not sent, will try again");
            }
            Outcome::Dead(reason) => tracing::error!(message = %id, transport, reason, "given up"),
        }
    }
}
