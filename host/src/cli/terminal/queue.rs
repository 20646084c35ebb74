//! The texts waiting to be printed above the input line, in order, and no more of them than a user can read.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many rows of agent output may wait. If there are more, the oldest are omitted.
const MOST_ROWS: usize = 100;
/// How many other texts may wait.
const MOST_TEXTS: usize = 1_000;
/// How long agent output waits after some of it was omitted.
const PACE: Duration = Duration::from_millis(100);

/// The kind of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Agent output. Some is omitted if there is too much.
    Agent,
    /// A message from codewalk.
    Own,
    /// No text, only a redraw of the line.
    Redraw,
    /// A page of a question, with its number. It replaces a page that has not been printed yet.
    Page(u64),
}

/// A text to be printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub text: String,
    pub kind: Kind,
}

/// The queue of texts.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Backlog>,
    changed: Condvar,
}

#[derive(Default)]
struct Backlog {
    texts: VecDeque<Text>,
    /// The number of agent rows among them.
    rows: usize,
    /// The number of omitted rows that have not been reported yet.
    left_out: usize,
    /// Whether a text is being printed.
    printing: bool,
    closed: bool,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Backlog> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a text. Returns `false` if the queue is closed.
    pub(super) fn push(&self, text: Text) -> bool {
        let mut waiting = self.waiting();
        if waiting.closed {
            return false;
        }
        waiting.push(text);
        self.changed.notify_all();
        true
    }

    /// Waits for the next text, or returns `None` if the queue is closed. By now the previous text has been
    /// printed.
    pub(super) fn next(&self) -> Option<Text> {
        let mut waiting = self.waiting();
        waiting.printing = false;
        self.changed.notify_all();
        loop {
            if waiting.is_paced() {
                let waits = self.changed.wait_timeout_while(waiting, PACE, |waiting| waiting.is_paced());
                waiting = waits.unwrap_or_else(PoisonError::into_inner).0;
            }
            if let Some(text) = waiting.take() {
                waiting.printing = true;
                return Some(text);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Closes the queue, and waits at most this long until everything is printed.
    pub(super) fn close(&self, patience: Duration) {
        let mut waiting = self.waiting();
        waiting.closed = true;
        self.changed.notify_all();
        let is_busy = |waiting: &mut Backlog| waiting.printing || !waiting.texts.is_empty();
        let waits = self.changed.wait_timeout_while(waiting, patience, is_busy);
        waits.unwrap_or_else(PoisonError::into_inner).0.texts.clear();
    }
}

impl Backlog {
    fn push(&mut self, text: Text) {
        match text.kind {
            Kind::Agent => {
                self.rows += rows(&text.text);
                self.texts.push_back(text);
                while self.rows > MOST_ROWS && self.leave_out(|kind| kind == Kind::Agent) {}
            }
            Kind::Own | Kind::Redraw => {
                self.texts.push_back(text);
                if self.texts.len() > MOST_TEXTS {
                    self.leave_out(|kind| !matches!(kind, Kind::Page(_)));
                }
            }
            Kind::Page(_) => {
                self.texts.retain(|text| !matches!(text.kind, Kind::Page(_)));
                self.texts.push_back(text);
            }
        }
    }

    /// Omits the oldest text of a kind, but never the newest text in the queue.
    fn leave_out(&mut self, is_meant: impl Fn(Kind) -> bool) -> bool {
        let older = self.texts.len().saturating_sub(1);
        let Some(at) = self.texts.iter().take(older).position(|text| is_meant(text.kind)) else {
            return false;
        };
        let Some(text) = self.texts.remove(at) else { return false };
        let rows = rows(&text.text);
        self.left_out += rows;
        if text.kind == Kind::Agent {
            self.rows -= rows;
        }
        true
    }

    /// Returns whether the next text can wait.
    fn is_paced(&self) -> bool {
        self.left_out > 0 && !self.closed && self.texts.iter().all(|text| text.kind == Kind::Agent)
    }

    /// Takes the next text. Waiting agent output is combined.
    fn take(&mut self) -> Option<Text> {
        let mut next = self.texts.pop_front()?;
        if next.kind == Kind::Agent {
            self.rows -= rows(&next.text);
            while let Some(more) = self.texts.pop_front_if(|text| text.kind == Kind::Agent) {
                self.rows -= rows(&more.text);
                if !next.text.ends_with('\n') {
                    next.text.push('\n');
                }
                next.text.push_str(&more.text);
            }
        }
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            let rows = if left_out == 1 { "row" } else { "rows" };
            next.text = format!("  ({left_out} {rows} omitted: codewalk sessions log)\n{}", next.text);
        }
        Some(next)
    }
}

/// Returns the number of rows of a text.
pub(super) fn rows(text: &str) -> usize {
    text.lines().count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: Kind, text: &str) -> Text {
        Text { text: text.to_owned(), kind }
    }

    /// Returns everything that is waiting, in the form in which it would be printed.
    fn printed(queue: &Queue) -> Vec<(Kind, String)> {
        queue.waiting().closed = true;
        std::iter::from_fn(|| queue.next()).map(|text| (text.kind, text.text)).collect()
    }

    #[test]
    fn the_oldest_rows_are_omitted_and_counted() {
        let queue = Queue::default();
        for n in 0..10_000 {
            assert!(queue.push(text(Kind::Agent, &format!("{n}\nand more"))));
        }
        assert_eq!(queue.waiting().texts.len(), MOST_ROWS / 2);
        let printed = printed(&queue);
        let [(Kind::Agent, all)] = printed.as_slice() else { panic!("{printed:?}") };
        assert!(
            all.starts_with("  (19900 rows omitted: codewalk sessions log)\n9950\nand more\n9951"),
            "{all}"
        );
        assert!(all.ends_with("9999\nand more"), "{all}");
        assert_eq!(all.lines().count(), 1 + MOST_ROWS);
    }

    #[test]
    fn questions_and_messages_are_never_omitted_for_agent_output() {
        let queue = Queue::default();
        queue.push(text(Kind::Own, "consent"));
        queue.push(text(Kind::Page(1), "start it?"));
        for n in 0..1_000 {
            queue.push(text(Kind::Agent, &n.to_string()));
        }
        queue.push(text(Kind::Own, "denied"));
        let kinds: Vec<Kind> = printed(&queue).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [Kind::Own, Kind::Page(1), Kind::Agent, Kind::Own]);
    }

    #[test]
    fn messages_of_codewalk_are_bounded_too() {
        let queue = Queue::default();
        queue.push(text(Kind::Page(1), "start it?"));
        for n in 0..MOST_TEXTS * 2 {
            queue.push(text(Kind::Own, &n.to_string()));
        }
        let printed = printed(&queue);
        assert_eq!(printed.len(), MOST_TEXTS);
        assert_eq!(printed[0].0, Kind::Page(1));
        assert!(printed[0].1.starts_with("  (1001 rows omitted"), "{:?}", printed[0]);
    }

    #[test]
    fn a_page_replaces_one_that_was_not_printed() {
        let queue = Queue::default();
        queue.push(text(Kind::Page(1), "use ls?"));
        queue.push(text(Kind::Own, "withdrawn"));
        queue.push(text(Kind::Page(2), "use rm?"));
        let expected = [(Kind::Own, "withdrawn"), (Kind::Page(2), "use rm?")];
        assert_eq!(printed(&queue), expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn nothing_is_accepted_after_the_end() {
        let queue = Queue::default();
        queue.close(Duration::ZERO);
        assert!(!queue.push(text(Kind::Own, "late")));
        assert_eq!(queue.next(), None);
    }
}
