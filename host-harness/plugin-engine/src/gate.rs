//! How many instances run at once: over everything, and of one plugin for one company, so that a
//! company whose plugin hangs uses up its own share and nobody else's.

use crate::{config::Limits, tenant::Tenant};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};

type Key = (Arc<str>, Arc<str>);

/// Above this many companies' shares, idle ones are forgotten.
const SHARES_KEPT: usize = 4_096;

pub(crate) struct Gate {
    all: Arc<Semaphore>,
    per_company: usize,
    shares: Mutex<HashMap<Key, Arc<Semaphore>>>,
    queue_time: Duration,
}

/// No instance became free in time.
pub(crate) struct Full;

impl Gate {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.concurrent)),
            per_company: limits.concurrent_per_company.min(limits.concurrent).max(1),
            shares: Mutex::default(),
            queue_time: limits.queue_time,
        }
    }

    fn share(&self, plugin: &Arc<str>, company: &Arc<str>) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if shares.len() > SHARES_KEPT {
            // A share that somebody holds or waits for has another owner than this map.
            shares.retain(|_, share| Arc::strong_count(share) > 1);
        }
        let key = (Arc::clone(plugin), Arc::clone(company));
        Arc::clone(
            shares
                .entry(key)
                .or_insert_with(|| Arc::new(Semaphore::new(self.per_company))),
        )
    }

    /// Wait for a free instance, at most the queue time.
    pub(crate) async fn enter(
        &self,
        plugin: &Arc<str>,
        tenant: &Tenant,
        running: &Arc<Running>,
    ) -> Result<Permit, Full> {
        let share = self.share(plugin, &tenant.company);
        if let Ok(of_share) = Arc::clone(&share).try_acquire_owned()
            && let Ok(of_all) = Arc::clone(&self.all).try_acquire_owned()
        {
            return Ok(Permit::new(of_share, of_all, running));
        }
        let all = Arc::clone(&self.all);
        let waited = async move {
            let of_share = share.acquire_owned().await?;
            let of_all = all.acquire_owned().await?;
            Ok::<_, AcquireError>((of_share, of_all))
        };
        match tokio::time::timeout(self.queue_time, waited).await {
            Ok(Ok((of_share, of_all))) => Ok(Permit::new(of_share, of_all, running)),
            Ok(Err(_)) | Err(_) => Err(Full),
        }
    }
}

/// The right to one instance, given back when dropped.
pub(crate) struct Permit {
    _of_share: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
    running: Arc<Running>,
}

impl Permit {
    fn new(of_share: OwnedSemaphorePermit, of_all: OwnedSemaphorePermit, running: &Arc<Running>) -> Self {
        running.count.fetch_add(1, Ordering::SeqCst);
        Self {
            _of_share: of_share,
            _of_all: of_all,
            running: Arc::clone(running),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.running.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.running.idle.notify_waiters();
        }
    }
}

/// The instances of one loaded plugin.
#[derive(Default)]
pub(crate) struct Running {
    count: AtomicUsize,
    idle: Notify,
}

impl Running {
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Until no instance is left.
    pub(crate) async fn drained(&self) {
        loop {
            let idle = self.idle.notified();
            if self.count() == 0 {
                return;
            }
            idle.await;
        }
    }
}
