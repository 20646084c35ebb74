//! The inputs of a terminal.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Lines that follow each other within this time count as one pasted text.
pub(super) const PASTED: Duration = Duration::from_millis(30);

/// The minimum time that it takes to read a question.
pub const READING: Duration = Duration::from_millis(500);

/// An input of a terminal.
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    /// A text.
    Text(TypedLine),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D on an empty line, or a closed terminal.
    EndOfFile,
    /// The process was stopped and is in the foreground again.
    Resumed,
    /// A key was pressed on an empty line.
    Begun,
    /// The input is too long, so the paste was dropped. Holds its length in bytes.
    TooLong(usize),
    /// The line editor has failed; from now on, input is read as plain lines.
    EditorFailed,
}

/// A text that was typed or pasted.
#[derive(Debug, PartialEq, Eq)]
pub struct TypedLine {
    /// The text, without its last line end.
    pub text: String,
    /// When its first character was typed.
    pub begun: Instant,
    /// When it was completed.
    pub completed: Instant,
    /// Whether a part of it was pasted.
    pub pasted: bool,
}

/// The inputs of a terminal; pasted lines are combined.
pub struct Inputs {
    inputs: mpsc::UnboundedReceiver<Input>,
    /// A text that may continue, and until when.
    open: Option<(TypedLine, Instant)>,
    /// The input after the last text.
    next: Option<Input>,
    /// Whether the next text started immediately after the previous one, in which case both are parts of a
    /// paste.
    goes_on: bool,
}

impl Inputs {
    pub(super) const fn new(inputs: mpsc::UnboundedReceiver<Input>) -> Self {
        Self { inputs, open: None, next: None, goes_on: false }
    }

    /// Returns the next input, or `None` at the end. Cancel safe.
    pub async fn next(&mut self) -> Option<Input> {
        loop {
            let Some((_, until)) = &self.open else {
                let input = match self.next.take() {
                    Some(input) => Some(input),
                    None => self.inputs.recv().await,
                };
                match input {
                    Some(Input::Text(mut typed)) => {
                        typed.pasted |= std::mem::take(&mut self.goes_on);
                        self.open = Some((typed, Instant::now() + PASTED));
                    }
                    Some(Input::Begun) => self.goes_on = false,
                    other => return other,
                }
                continue;
            };
            let until = *until;
            // Even if the caller polls late.
            if Instant::now() >= until && self.inputs.is_empty() {
                return self.close();
            }
            let input = tokio::select! {
                biased;
                input = self.inputs.recv() => input,
                () = sleep_until(until) => return self.close(),
            };
            match input {
                // The rest of a paste without a line end.
                Some(Input::Begun) => {
                    if let Some((typed, _)) = &mut self.open {
                        typed.pasted = true;
                    }
                    self.goes_on = true;
                }
                Some(Input::Text(more)) => {
                    self.goes_on = false;
                    if let Some((typed, until)) = &mut self.open {
                        typed.append(more);
                        *until = Instant::now() + PASTED;
                    }
                }
                other => {
                    self.next = other;
                    return self.close();
                }
            }
        }
    }

    fn close(&mut self) -> Option<Input> {
        self.open.take().map(|(typed, _)| Input::Text(typed))
    }
}

impl TypedLine {
    fn append(&mut self, more: Self) {
        self.text.push('\n');
        self.text.push_str(&more.text);
        self.completed = more.completed;
        self.pasted = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Input {
        let now = Instant::now();
        Input::Text(TypedLine { text: text.to_owned(), begun: now, completed: now, pasted: false })
    }

    async fn texts(mut inputs: Inputs) -> Vec<(String, bool)> {
        let mut texts = Vec::new();
        while let Some(input) = inputs.next().await {
            match input {
                Input::Text(typed) => texts.push((typed.text, typed.pasted)),
                other => texts.push((format!("{other:?}"), false)),
            }
        }
        texts
    }

    #[tokio::test(start_paused = true)]
    async fn lines_that_arrive_at_once_are_one_pasted_text() {
        let (sender, inputs) = mpsc::unbounded_channel();
        for line in ["error:", "yes", "Stop"] {
            sender.send(typed(line)).unwrap();
        }
        sender.send(Input::Interrupt).unwrap();
        sender.send(typed("yes")).unwrap();
        drop(sender);
        let expected = [("error:\nyes\nStop", true), ("Interrupt", false), ("yes", false)]
            .map(|(t, p)| (t.to_owned(), p));
        assert_eq!(texts(Inputs::new(inputs)).await, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_paste_without_a_final_line_end_is_not_a_typed_line() {
        let (sender, inputs) = mpsc::unbounded_channel();
        let mut inputs = Inputs::new(inputs);
        // "yes\n more" is pasted, and later the user completes the second line.
        sender.send(Input::Begun).unwrap();
        sender.send(typed("yes")).unwrap();
        sender.send(Input::Begun).unwrap();
        let Some(Input::Text(first)) = inputs.next().await else { panic!("no text") };
        assert_eq!((first.text.as_str(), first.pasted), ("yes", true));
        tokio::time::sleep(PASTED * 2).await;
        for (text, pasted) in [(" more", true), ("no", false)] {
            if !pasted {
                sender.send(Input::Begun).unwrap();
            }
            sender.send(typed(text)).unwrap();
            let Some(Input::Text(next)) = inputs.next().await else { panic!("no text") };
            assert_eq!((next.text.as_str(), next.pasted), (text, pasted));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn successive_lines_are_separate_texts_however_late_they_are_read() {
        let (sender, inputs) = mpsc::unbounded_channel();
        let mut inputs = Inputs::new(inputs);
        tokio::spawn(async move {
            for line in ["yes", "no"] {
                sender.send(typed(line)).unwrap();
                tokio::time::sleep(PASTED * 2).await;
            }
        });
        let mut seen = Vec::new();
        loop {
            // The future is dropped repeatedly before it completes.
            match tokio::time::timeout(PASTED / 5, inputs.next()).await {
                Ok(Some(Input::Text(typed))) => seen.push((typed.text, typed.pasted)),
                Ok(Some(other)) => panic!("{other:?}"),
                Ok(None) => break,
                Err(_) => {}
            }
        }
        assert_eq!(seen, [("yes".to_owned(), false), ("no".to_owned(), false)]);
    }
}
