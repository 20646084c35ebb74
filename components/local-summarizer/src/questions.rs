//! Reads the topic of a question.

use speech::words;

/// The part of a summary that a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// All of it; also used for an unknown question.
    Whole,
    /// Whether it has ended.
    Done,
    /// The current work.
    Doing,
    /// The changed files.
    Changes,
    /// The commands.
    Commands,
    /// The results of tests.
    Tests,
    /// The reason why it failed or stopped.
    Why,
    /// What the agent needs from the user.
    Waiting,
}

impl Topic {
    /// Returns the topic of a question. A more specific topic wins: "why do the tests fail" is about the
    /// tests.
    pub fn of(question: &str) -> Self {
        let question = words::head(question).to_ascii_lowercase();
        let words: Vec<&str> = question.split(|c: char| !c.is_alphanumeric() && c != '\'').collect();
        let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
        let is_about_tests = has(&["test", "tests", "suite"])
            && has(&[
                "pass",
                "passes",
                "passed",
                "passing",
                "fail",
                "fails",
                "failed",
                "failing",
                "green",
                "red",
                "run",
                "ran",
                "running",
                "how",
                "ok",
                "okay",
                "work",
                "succeed",
                "succeeded",
                "result",
                "results",
                "broken",
            ]);
        let is_about_commands =
            has(&["command", "commands"]) || (has(&["what"]) && has(&["ran", "run", "runs", "executed"]));
        if is_about_tests {
            Self::Tests
        } else if has(&[
            "wait", "waits", "waiting", "blocked", "stuck", "need", "needs", "approve", "approval",
        ]) {
            Self::Waiting
        } else if has(&["why", "wrong", "error", "errors", "fail", "failed", "failing", "problem", "reason"])
        {
            Self::Why
        } else if has(&[
            "change", "changes", "changed", "file", "files", "edit", "edits", "edited", "modified", "wrote",
            "written", "created", "diff",
        ]) {
            Self::Changes
        } else if is_about_commands {
            Self::Commands
        } else if has(&[
            "done",
            "finished",
            "finish",
            "complete",
            "completed",
            "ready",
            "over",
            "ended",
            "still",
        ]) {
            Self::Done
        } else if has(&["doing", "working", "now", "status", "progress", "happening", "going", "up", "far"]) {
            Self::Doing
        } else {
            Self::Whole
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_is_assigned_its_topic() {
        for (question, topic) in [
            ("is it done?", Topic::Done),
            ("Is it still running", Topic::Done),
            ("what is it doing right now?", Topic::Doing),
            ("what's it up to", Topic::Doing),
            ("how is it going", Topic::Doing),
            ("what changed?", Topic::Changes),
            ("which files did it edit", Topic::Changes),
            ("what did it run?", Topic::Commands),
            ("did the tests pass?", Topic::Tests),
            ("how are the tests", Topic::Tests),
            ("why did the tests fail?", Topic::Tests),
            ("is the login test fix done?", Topic::Done),
            ("why did it fail?", Topic::Why),
            ("what went wrong", Topic::Why),
            ("what is it waiting for?", Topic::Waiting),
            ("does it need anything from me?", Topic::Waiting),
            ("tell me about it", Topic::Whole),
            ("wie läuft es?", Topic::Whole),
            ("", Topic::Whole),
        ] {
            assert_eq!(Topic::of(question), topic, "{question}");
        }
    }
}
