//! Random histories: a stored session equals the fold of its events.

use std::cell::{Cell, RefCell};

use codewalk_core::event::{Event, EventKind, SessionEvent, SummaryEvent};
use codewalk_core::ids::SessionId;
use codewalk_core::session::{Outcome, Session};
use codewalk_core::state::{history, lifecycle};
use codewalk_core::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};

use super::keep;
use crate::testing::samples::{
    asked, decided, delivery, ended, made, never_ran, next, not_searched, of_session, out_of_order, person,
    session, started, starting, summary_made, undelivered, used, withdrawn,
};
use crate::{Store, StoreError};

/// A random step: the session, the event, the text and the cost.
type Choice = (u8, u8, String, f64);

/// Returns events for a session, legal or not.
fn imaginable(session: Option<&Session>, text: &str, cost: f64) -> Vec<SessionEvent> {
    let run = session.and_then(Session::run).map_or(0, |run| run.number);
    let mut all = vec![
        starting(run + 1, text),
        started(),
        SessionEvent::ConversationIdentified { conversation: text.to_owned() },
        SessionEvent::PromptSent { prompt: text.to_owned(), by: person(), call: None },
        SessionEvent::PromptSent { prompt: text.to_owned(), by: person(), call: Some(delivery(1)) },
        SessionEvent::InterruptRequested { by: person(), call: Some(delivery(2)) },
        SessionEvent::Delivered { call: delivery(1) },
        SessionEvent::DeliveryFailed { call: delivery(2), error: out_of_order() },
        used(cost),
        made(text),
        SessionEvent::FilesChangedConcurrently { files: 7 },
        not_searched(text),
        undelivered(text),
        SessionEvent::AgentContinued,
        SessionEvent::TurnEnded { failure: Some(text.to_owned()) },
        SessionEvent::InterruptRequested { by: person(), call: None },
        SessionEvent::StopRequested { by: person(), call: None },
        never_ran(),
        ended(Outcome::Completed),
        ended(Outcome::Failed { reason: text.to_owned() }),
    ];
    for request in ["r1", "r2"] {
        all.extend([asked(request), decided(request), withdrawn(request)]);
    }
    all
}

/// Applies random events to two sessions in batches, tries an illegal event at each step, and compares the
/// sessions with the fold of their events.
fn live(store: &mut dyn Store, first_id: u64, choices: &[Choice], batch: usize) {
    let mut expected: [Option<Session>; 2] = [None, None];
    let mut staged = Vec::new();
    for (at, (who, what, text, cost)) in (1..).zip(choices) {
        let who = usize::from(who % 2);
        let (id, session) = (session(first_id + who as u64), &mut expected[who]);
        let (can, cannot): (Vec<_>, Vec<_>) = imaginable(session.as_ref(), text, *cost)
            .into_iter()
            .partition(|event| lifecycle::next(session.as_ref(), event).is_ok());
        let what = usize::from(*what);
        if let Some(impossible) = cannot.get(what % cannot.len().max(1)) {
            staged.push(of_session(id, at, impossible.clone()));
            let refused = store.append(&next(store, &staged));
            assert!(matches!(refused, Err(StoreError::Illegal { .. })), "{refused:?}");
            staged.pop();
        }

        // The last choice is a summary.
        let event = match (can.get(what % (can.len() + 1)), session.as_mut()) {
            (Some(event), session) => {
                let begun = history::apply(session, id, Timestamp(at), event).unwrap();
                if let Some(begun) = begun {
                    expected[who] = Some(begun);
                }
                of_session(id, at, event.clone())
            }
            (None, Some(session)) => {
                let event = summary_made(text);
                history::apply_summary(session, Timestamp(at), &event);
                summary(id, at, event)
            }
            (None, None) => continue,
        };
        staged.push(event);
        if staged.len() >= batch {
            keep(store, &staged);
            staged.clear();
        }
    }
    keep(store, &staged);
    for (n, expected) in (first_id..).zip(expected) {
        assert_eq!(store.session(session(n)).unwrap(), expected);
    }
}

fn summary(session: SessionId, at: u64, event: SummaryEvent) -> Event {
    Event { at: Timestamp(at), kind: EventKind::Summary { session, event } }
}

pub fn a_session_equals_the_fold_of_its_events(store: &mut dyn Store) {
    let choice = (any::<u8>(), any::<u8>(), ".{0,12}", 0.0..1e6_f64);
    let life = (vec(choice, 1..40), 1..8_usize);
    let store = RefCell::new(store);
    let first_id = Cell::new(1);
    let config = Config { cases: 32, source_file: Some(file!()), ..Config::default() };
    TestRunner::new(config)
        .run(&life, |(choices, batch)| {
            // Shrinking runs the same choices again, with new identifiers.
            let first = first_id.replace(first_id.get() + 2);
            live(&mut **store.borrow_mut(), first, &choices, batch);
            Ok(())
        })
        .unwrap();
}
