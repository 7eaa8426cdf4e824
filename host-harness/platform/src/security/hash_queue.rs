//! Who may wait for a password to be hashed: a bounded queue in which nobody takes every place.
//! One flooded sign-in page (a company's, or staff's own) leaves places for all the others.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The places of everybody who waits or is being served.
pub(super) struct HashQueue {
    /// Places in all.
    places: usize,
    /// Most places of one caller.
    share: usize,
    taken: Mutex<BTreeMap<String, usize>>,
}

/// A place in the queue; free again when it is dropped.
pub(super) struct Place {
    queue: Arc<HashQueue>,
    whose: String,
}

impl HashQueue {
    /// `parallel` are served at once and `waiting` wait behind them.
    pub(super) fn new(parallel: usize, waiting: usize) -> Self {
        Self {
            places: parallel + waiting,
            share: parallel + waiting / 2,
            taken: Mutex::default(),
        }
    }

    /// A place for `whose`, if there is one left for them.
    pub(super) fn enter(self: &Arc<Self>, whose: &str) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(whose).copied().unwrap_or_default();
        if own >= self.share || taken.values().sum::<usize>() >= self.places {
            return None;
        }
        taken.insert(whose.to_owned(), own + 1);
        Some(Place {
            queue: Arc::clone(self),
            whose: whose.to_owned(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.queue.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.whose) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_leaves_places_for_others() {
        let queue = Arc::new(HashQueue::new(1, 4));
        let flood: Vec<_> = (0..9).filter_map(|_| queue.enter("summit")).collect();
        assert_eq!(flood.len(), 3, "one being served and half of those who wait");
        let staff: Vec<_> = (0..9).filter_map(|_| queue.enter("staff")).collect();
        assert_eq!(staff.len(), 2, "the rest, and no more than there is");
        drop(flood);
        assert!(queue.enter("brook").is_some());
        drop(staff);
        assert!(queue.taken.lock().unwrap().is_empty(), "nobody is remembered who left");
    }
}
