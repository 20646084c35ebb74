//! Words of answers in English.

use crate::command::ControlAction;
use crate::routing::lang::answers::{Elsewhere, SessionWords};

/// Words that decline anywhere in the text.
pub(in crate::routing) const NEGATIONS: &[&str] = &[
    "no",
    "n",
    "nope",
    "nah",
    "not",
    "never",
    "none",
    "neither",
    "nothing",
    "don't",
    "dont",
    "cancel",
    "abort",
    "stop",
    "quit",
    "halt",
    "exit",
    "decline",
    "declined",
    "reject",
    "rejected",
    "refuse",
    "refused",
    "deny",
    "denied",
    "disallow",
    "forbid",
    "block",
    "negative",
    "wait",
    "hold",
    "hang",
    "later",
    "nevermind",
    "won't",
    "wont",
    "shouldn't",
    "mustn't",
    "can't",
    "cannot",
    "isn't",
    "doesn't",
    "didn't",
    "without",
    "forget",
    "undo",
    "thumbs-down",
];

/// Words that consent on their own.
pub(in crate::routing) const AFFIRMATIONS: &[&str] = &[
    "yes",
    "y",
    "yeah",
    "yep",
    "yup",
    "ya",
    "aye",
    "ok",
    "okay",
    "okey",
    "k",
    "sure",
    "alright",
    "go",
    "proceed",
    "confirm",
    "confirmed",
    "continue",
    "absolutely",
    "definitely",
    "certainly",
    "correct",
    "agree",
    "agreed",
    "fine",
    "start",
    "launch",
    "run",
    "do",
    "allow",
    "allowed",
    "approve",
    "approved",
    "accept",
    "accepted",
    "grant",
    "granted",
    "permit",
    "permitted",
    "lgtm",
    "thumbs-up",
];

/// Words that may accompany an affirmation without changing it.
pub(in crate::routing) const FILLERS: &[&str] = &[
    "please",
    "it",
    "that",
    "ahead",
    "on",
    "for",
    "now",
    "thanks",
    "right",
    "of",
    "course",
    "sounds",
    "good",
    "great",
    "perfect",
    "the",
    "and",
    "then",
    "looks",
    "let's",
    "lets",
    "that's",
    "this",
    "permission",
    "access",
    "just",
    DISMISSAL,
];

/// The meaning of "don't worry" and "no worries": a yes may follow, but an earlier one is retracted.
pub(in crate::routing) const DISMISSAL: &str = "no-worry";

/// Groups of words that are read as one: they consent despite a negation, or have no meaning as single words.
pub(in crate::routing) const GROUPS: &[(&[&str], &str)] = &[
    (&["no", "problem"], "ok"),
    (&["no", "problems"], "ok"),
    (&["no", "worries"], DISMISSAL),
    (&["not", "a", "problem"], "ok"),
    (&["no", "objection"], "ok"),
    (&["no", "objections"], "ok"),
    (&["don't", "worry"], DISMISSAL),
    (&["thank", "you"], "thanks"),
    (&["that", "is"], "that's"),
    (&["this", "is"], "that's"),
    (&["it", "is"], "that's"),
    (&["permission", "is", "granted"], "granted"),
    (&["access", "is", "granted"], "granted"),
    (&["sounds", "good"], "sure"),
    (&["looks", "good"], "sure"),
    (&["all", "right"], "ok"),
    (&["all", "good"], "ok"),
    (&["carry", "on"], "go"),
    (&["ship", "it"], "go"),
    (&["make", "it", "so"], "go"),
    (&["by", "all", "means"], "ok"),
    (&["thumbs", "up"], "thumbs-up"),
    (&["thumbs", "down"], "thumbs-down"),
    (&["hang", "on"], "wait"),
    (&["hold", "on"], "wait"),
];

/// Words that ask for details.
pub(in crate::routing) const DETAILS: &[&str] = &[
    "what",
    "what's",
    "why",
    "which",
    "how",
    "who",
    "where",
    "when",
    "show",
    "see",
    "detail",
    "details",
    "explain",
    "describe",
    "more",
    "help",
    "list",
    "full",
    "whole",
    "everything",
];

/// Words that end the agent's turn if the text contains only them.
pub(in crate::routing) const STOPS: &[&str] =
    &["stop", "cancel", "abort", "quit", "halt", "exit", "kill", "interrupt", "terminate"];

/// Words that may accompany a word that stops.
pub(in crate::routing) const STOP_FILLERS: &[&str] = &[
    "no",
    "nope",
    "please",
    "it",
    "that",
    "this",
    "now",
    "everything",
    "all",
    "just",
    "right",
    "immediately",
    "at",
    "once",
    "the",
    "agent",
    "turn",
    "and",
];

/// Words that may occur in a text that allows all similar requests.
pub(in crate::routing) const ALWAYS_FILLERS: &[&str] = &[
    "always",
    "all",
    "every",
    "any",
    "ask",
    "asking",
    "me",
    "again",
    "anymore",
    "don't",
    "dont",
    "not",
    "never",
    "stop",
    "no",
    "need",
    "to",
    "these",
    "those",
    "such",
    "similar",
    "edit",
    "edits",
    "change",
    "changes",
    "file",
    "files",
    "command",
    "commands",
    "call",
    "calls",
    "in",
    "session",
    "from",
    "time",
    "of",
    "like",
    "everything",
    "rest",
    "future",
    "further",
    "questions",
    "without",
    "but",
];

/// Verbs of an instruction that may follow a yes.
pub(in crate::routing) const INSTRUCTIONS: &[&str] = &["also", "remember", "mention", "document"];

/// Words that start a question, unless their subject comes before.
pub(in crate::routing) const ASKING: &[&str] = &[
    "is", "isn't", "are", "was", "were", "does", "did", "can", "could", "would", "will", "should", "may",
    "has", "have", "had", "shall", "might", "must", "am", "aren't", "wasn't", "won't",
];

/// Words for the subject of the question.
pub(in crate::routing) const PRONOUNS: &[&str] = &["that", "this", "it"];

/// Affirmations that describe a state.
pub(in crate::routing) const STATES: &[&str] = &[
    "ok",
    "okay",
    "okey",
    "k",
    "fine",
    "alright",
    "allowed",
    "permitted",
    "granted",
    "approved",
    "accepted",
    "agreed",
    "confirmed",
    "correct",
    "good",
    "great",
    "perfect",
];

/// Affirmations that order something, and may have an object.
pub(in crate::routing) const ORDERS: &[&str] = &[
    "do", "run", "start", "launch", "allow", "approve", "accept", "grant", "permit", "confirm", "continue",
    "go", "agree", "proceed",
];

/// Affirmations that decline together with thanks: "that's fine, thanks".
pub(in crate::routing) const SOFT: &[&str] = &["ok", "okay", "okey", "k", "fine", "alright"];

/// Words that ask for confirmation at the end of a statement: "that's allowed, right".
pub(in crate::routing) const TAGS: &[&str] = &["right", "correct", "ok", "okay", "k", "alright", "yeah"];

/// Words that make a preceding "do" a question.
pub(in crate::routing) const ASKED: &[&str] = &["you", "i", "we", "they", "these", "those"];

/// Verbs for actions that an agent may be told to omit; never one that it may be asking for.
pub(in crate::routing) const LEFT_ALONE: &[&str] =
    &["touch", "change", "modify", "edit", "break", "rename", "reformat", "reindent", "forget"];

/// Words that make an instruction a condition, or refer to the question.
pub(in crate::routing) const HEDGES: &[&str] = &[
    "if",
    "unless",
    "until",
    "before",
    "first",
    "only",
    "maybe",
    "perhaps",
    "probably",
    "wait",
    "later",
    "stop",
    "cancel",
    "hold",
    "instead",
    "except",
    "it",
    "this",
    "that",
    "these",
    "those",
    "them",
    "anything",
    "everything",
    "any",
    "all",
    "yet",
    "now",
    "permission",
    "beforehand",
    "dry",
    "backup",
    "back",
    "sandbox",
    "rather",
    "ask",
    "undo",
    "revert",
    "file",
    "files",
    "thing",
    "things",
    "code",
    "than",
    "another",
    "different",
    "skip",
    "joking",
    "kidding",
];

/// Whole texts that ask for the status.
pub(in crate::routing) const STATUS_QUESTIONS: &[&str] = &[
    "status",
    "what's the status",
    "what is the status",
    "what are you doing",
    "what is it doing",
    "what's it doing",
    "what is going on",
    "what's going on",
    "what is happening",
    "what's happening",
    "what is running",
    "what's running",
    "how is it going",
    "how's it going",
];

/// Whole texts that stop or interrupt the only possible session.
pub(in crate::routing) const CONTROLS: &[(&str, ControlAction)] = &[
    ("stop", ControlAction::Stop),
    ("stop it", ControlAction::Stop),
    ("stop that", ControlAction::Stop),
    ("stop now", ControlAction::Stop),
    ("cancel", ControlAction::Stop),
    ("cancel it", ControlAction::Stop),
    ("abort", ControlAction::Stop),
    ("abort it", ControlAction::Stop),
    ("quit", ControlAction::Stop),
    ("halt", ControlAction::Stop),
    ("kill it", ControlAction::Stop),
    ("interrupt", ControlAction::Interrupt),
    ("interrupt it", ControlAction::Interrupt),
    ("pause", ControlAction::Interrupt),
    ("pause it", ControlAction::Interrupt),
];

/// Words for the number of a plan.
pub(in crate::routing) const ORDINALS: &[(&str, usize)] = &[
    ("1", 1),
    ("one", 1),
    ("first", 1),
    ("2", 2),
    ("two", 2),
    ("second", 2),
    ("3", 3),
    ("three", 3),
    ("third", 3),
    ("4", 4),
    ("fourth", 4),
    ("5", 5),
    ("fifth", 5),
    ("6", 6),
    ("sixth", 6),
];

/// Words that may accompany a number.
pub(in crate::routing) const ORDINAL_FILLERS: &[&str] =
    &["the", "number", "option", "please", "take", "yes", "one"];

pub(in crate::routing) const ELSEWHERE: Elsewhere = Elsewhere {
    around: &[
        "yes",
        "yeah",
        "yep",
        "ok",
        "okay",
        "sure",
        "no",
        "nope",
        "sorry",
        "actually",
        "wait",
        "oh",
        "but",
        "in",
        "for",
        "on",
        "inside",
        "the",
        "my",
        "our",
        "project",
        "repo",
        "repository",
        "folder",
        "instead",
        "please",
        "rather",
        "it",
        "do",
        "i",
        "meant",
        "mean",
        "one",
    ],
    places: &[
        "in",
        "for",
        "inside",
        "project",
        "repo",
        "repository",
        "folder",
        "instead",
        "meant",
        "mean",
        "one",
    ],
    nouns: &["project", "repo", "repository", "folder"],
    others: &["other"],
    denials: &[],
};

pub(in crate::routing) const SESSIONS: SessionWords = SessionWords {
    others: &["other", "others"],
    nouns: &["session", "sessions", "agent", "agents", "one", "run", "job"],
    clear_nouns: &["session", "sessions", "agent", "agents"],
};
