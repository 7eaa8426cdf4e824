//! How many instances run at once: over everything, of one plugin, and of one plugin for one company, so
//! that a plugin which hangs uses up its own share and nobody else's, first at the company where it does.

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

/// A plugin, and a company or all of them.
type Key = (Arc<str>, Option<Arc<str>>);

/// Above this many shares, idle ones are forgotten.
const SHARES_KEPT: usize = 4_096;

pub(crate) struct Gate {
    all: Arc<Semaphore>,
    per_plugin: usize,
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
            per_plugin: limits.concurrent_per_plugin.min(limits.concurrent).max(1),
            per_company: limits.concurrent_per_company.min(limits.concurrent).max(1),
            shares: Mutex::default(),
            queue_time: limits.queue_time,
        }
    }

    fn share(&self, plugin: &Arc<str>, company: Option<&Arc<str>>) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if shares.len() > SHARES_KEPT {
            // A share that somebody holds or waits for has another owner than this map.
            shares.retain(|_, share| Arc::strong_count(share) > 1);
        }
        let most = if company.is_some() {
            self.per_company
        } else {
            self.per_plugin
        };
        let key = (Arc::clone(plugin), company.cloned());
        Arc::clone(shares.entry(key).or_insert_with(|| Arc::new(Semaphore::new(most))))
    }

    /// Wait for a free instance, at most the queue time.
    pub(crate) async fn enter(
        &self,
        plugin: &Arc<str>,
        tenant: &Tenant,
        running: &Arc<Running>,
    ) -> Result<Permit, Full> {
        // The narrowest first: whoever waits for a wider one holds nothing that others could use.
        let company = self.share(plugin, Some(&tenant.company));
        let whole = self.share(plugin, None);
        if let Ok(of_company) = Arc::clone(&company).try_acquire_owned()
            && let Ok(of_plugin) = Arc::clone(&whole).try_acquire_owned()
            && let Ok(of_all) = Arc::clone(&self.all).try_acquire_owned()
        {
            return Ok(Permit::new([of_company, of_plugin, of_all], running));
        }
        let all = Arc::clone(&self.all);
        let waited = async move {
            Ok::<_, AcquireError>([
                company.acquire_owned().await?,
                whole.acquire_owned().await?,
                all.acquire_owned().await?,
            ])
        };
        match tokio::time::timeout(self.queue_time, waited).await {
            Ok(Ok(places)) => Ok(Permit::new(places, running)),
            Ok(Err(_)) | Err(_) => Err(Full),
        }
    }
}

/// The right to one instance, given back when dropped.
pub(crate) struct Permit {
    _places: [OwnedSemaphorePermit; 3],
    running: Arc<Running>,
}

impl Permit {
    fn new(places: [OwnedSemaphorePermit; 3], running: &Arc<Running>) -> Self {
        running.count.fetch_add(1, Ordering::SeqCst);
        Self {
            _places: places,
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
