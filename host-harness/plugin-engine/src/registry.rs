//! The installed plugins by id. Installing another version swaps it in at once: calls that began with
//! the old one end with it, new ones meet the new one, and nothing is refused in between.

use crate::{breaker::Pause, engine::Engine, plugin::Plugin};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

#[derive(Clone)]
struct Slot {
    current: Arc<Plugin>,
    previous: Option<Arc<Plugin>>,
}

/// Installed plugins. Cheap to read: looking one up copies an `Arc`.
pub struct Registry {
    engine: Engine,
    slots: RwLock<BTreeMap<String, Slot>>,
}

impl Registry {
    /// An empty registry of plugins that this engine loads.
    pub fn new(engine: &Engine) -> Self {
        Self {
            engine: engine.clone(),
            slots: RwLock::default(),
        }
    }

    /// Make this version the current one of its id. Gives back the version it replaces, which
    /// stays at hand for `rollback`; wait for its `drained()` to know when its last call is over.
    pub fn install(&self, plugin: Arc<Plugin>) -> Option<Arc<Plugin>> {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        let id = plugin.manifest().id.clone();
        let previous = slots.get(&id).map(|slot| Arc::clone(&slot.current));
        slots.insert(
            id,
            Slot {
                current: plugin,
                previous: previous.clone(),
            },
        );
        previous
    }

    /// Swap back to the version before. Gives back the one that is current now; none when there
    /// is no other, and then nothing changes.
    pub fn rollback(&self, id: &str) -> Option<Arc<Plugin>> {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.get_mut(id)?;
        let previous = slot.previous.take()?;
        slot.previous = Some(std::mem::replace(&mut slot.current, previous));
        Some(Arc::clone(&slot.current))
    }

    /// Forget a plugin. Calls that run end undisturbed.
    pub fn remove(&self, id: &str) -> Option<Arc<Plugin>> {
        self.slots
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id)
            .map(|slot| slot.current)
    }

    /// The current version.
    pub fn get(&self, id: &str) -> Option<Arc<Plugin>> {
        Some(Arc::clone(
            &self
                .slots
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .get(id)?
                .current,
        ))
    }

    /// The version that `rollback` would bring back.
    pub fn previous(&self, id: &str) -> Option<Arc<Plugin>> {
        self.slots
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)?
            .previous
            .clone()
    }

    /// The plugin whose pages are mounted at a path segment.
    pub fn by_mount(&self, mount: &str) -> Option<Arc<Plugin>> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        let mounted = |slot: &&Slot| {
            slot.current
                .manifest()
                .routes
                .as_ref()
                .is_some_and(|r| r.mount == mount)
        };
        slots.values().find(mounted).map(|slot| Arc::clone(&slot.current))
    }

    /// Every current version, by id.
    pub fn all(&self) -> Vec<Arc<Plugin>> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.values().map(|slot| Arc::clone(&slot.current)).collect()
    }

    /// The pause of a plugin for a company, if it is paused.
    pub fn paused(&self, id: &str, company: &str) -> Option<Pause> {
        self.engine.breaker().paused(&id.into(), &company.into())
    }

    /// Pause a plugin for a company: what the host stored before its last stop.
    pub fn pause(&self, id: &str, company: &str, reason: impl Into<String>) {
        self.engine.breaker().pause(&id.into(), &company.into(), reason.into());
    }

    /// Let a paused plugin run again. True when it was paused.
    pub fn resume(&self, id: &str, company: &str) -> bool {
        self.engine.breaker().resume(&id.into(), &company.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EngineConfig;

    #[test]
    fn pauses_are_known_by_plugin_and_company() {
        let registry = Registry::new(&Engine::new(EngineConfig::default()).unwrap());
        registry.pause("portal", "summit", "It crashed yesterday.");
        assert_eq!(
            registry.paused("portal", "summit").unwrap().reason,
            "It crashed yesterday."
        );
        assert_eq!(registry.paused("portal", "brook"), None);
        assert!(registry.resume("portal", "summit"));
        assert!(!registry.resume("portal", "summit"));
    }
}
