//! Schedules compilations: one at a time in this process, and built-in components never wait for foreign
//! ones.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The origin of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// Built in: small, known to compile, and a user may be waiting for it.
    Shipped,
    /// From a file.
    Foreign,
}

impl Maker {
    /// Returns the niceness of its compiler process.
    pub(crate) const fn niceness(self) -> i32 {
        match self {
            Self::Shipped => 0,
            Self::Foreign => 19,
        }
    }
}

/// The queue of this process.
static TURNS: Turns = Turns {
    who: Mutex::new(Who { shipped: 0, is_shipped: false, is_foreign: false }),
    ended: Condvar::new(),
};

struct Turns {
    who: Mutex<Who>,
    ended: Condvar,
}

#[derive(Debug)]
struct Who {
    /// How many built-in components are compiling or waiting.
    shipped: usize,
    is_shipped: bool,
    is_foreign: bool,
}

impl Turns {
    fn who(&self) -> MutexGuard<'_, Who> {
        self.who.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn to compile. It ends when dropped.
#[derive(Debug)]
pub(crate) struct Turn(Maker);

impl Turn {
    /// Waits for a turn. A foreign component waits for all others, a built-in one only for other built-in
    /// ones.
    pub(crate) fn wait(maker: Maker) -> Self {
        let mut who = TURNS.who();
        if maker == Maker::Shipped {
            who.shipped += 1;
        }
        let is_not_yet = |who: &mut Who| match maker {
            Maker::Shipped => who.is_shipped,
            Maker::Foreign => who.is_foreign || who.shipped > 0,
        };
        let mut who = TURNS.ended.wait_while(who, is_not_yet).unwrap_or_else(PoisonError::into_inner);
        match maker {
            Maker::Shipped => who.is_shipped = true,
            Maker::Foreign => who.is_foreign = true,
        }
        Self(maker)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut who = TURNS.who();
        match self.0 {
            Maker::Shipped => {
                who.is_shipped = false;
                who.shipped -= 1;
            }
            Maker::Foreign => who.is_foreign = false,
        }
        drop(who);
        TURNS.ended.notify_all();
    }
}
