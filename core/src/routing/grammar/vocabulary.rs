//! The words of the grammar.

use crate::command::ControlAction;

/// Words that decline, wherever they stand.
pub(super) const NEGATIONS: &[&str] = &[
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

/// Words that consent by themselves.
pub(super) const AFFIRMATIONS: &[&str] = &[
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

/// Words that may stand beside an affirmation without changing it.
pub(super) const FILLERS: &[&str] = &[
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

/// What "don't worry" and "no worries" mean: a yes may follow, but they take back one that stands before.
pub(super) const DISMISSAL: &str = "no-worry";

/// Groups of words that are one word here: they hold a negation and consent, or mean nothing by themselves.
pub(super) const PHRASES: &[(&[&str], &str)] = &[
    (&["no", "problem"], "ok"),
    (&["no", "problems"], "ok"),
    (&["no", "hay", "problema"], "ok"),
    (&["no", "hay", "ningún", "problema"], "ok"),
    (&["ningún", "problema"], "ok"),
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

/// Words that ask to see more of what is asked.
pub(super) const DETAILS: &[&str] = &[
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

/// Words that end the agent's turn, where nothing else is said.
pub(super) const STOPS: &[&str] =
    &["stop", "cancel", "abort", "quit", "halt", "exit", "kill", "interrupt", "terminate"];

/// Words that may stand beside one that stops.
pub(super) const STOP_FILLERS: &[&str] = &[
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

/// Words that may stand in a text that wants no further questions of the kind.
pub(super) const ALWAYS_FILLERS: &[&str] = &[
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
pub(super) const INSTRUCTIONS: &[&str] = &["also", "remember", "mention", "document"];

/// Words that make a question of what follows them, unless their subject stands before.
pub(super) const ASKING: &[&str] = &[
    "is", "isn't", "are", "was", "were", "does", "did", "can", "could", "would", "will", "should", "may",
    "has", "have", "had", "shall", "might", "must", "am", "aren't", "wasn't", "won't",
];

/// Words for what is asked about.
pub(super) const PRONOUNS: &[&str] = &["that", "this", "it"];

/// Affirmations that say how something is.
pub(super) const STATES: &[&str] = &[
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

/// Affirmations that say what is to be done, and may have an object.
pub(super) const ORDERS: &[&str] = &[
    "do", "run", "start", "launch", "allow", "approve", "accept", "grant", "permit", "confirm", "continue",
    "go", "agree", "proceed",
];

/// Affirmations that decline beside thanks: "that's fine, thanks".
pub(super) const SOFT: &[&str] = &["ok", "okay", "okey", "k", "fine", "alright"];

/// Words that ask to be told so at the end of a statement: "that's allowed, right".
pub(super) const TAGS: &[&str] = &["right", "correct", "ok", "okay", "k", "alright", "yeah"];

/// Words that make a question of a "do" before them.
pub(super) const ASKED: &[&str] = &["you", "i", "we", "they", "these", "those"];

/// Verbs of what may be left alone by an agent that has a yes: never what it may just be asking for.
pub(super) const LEFT_ALONE: &[&str] =
    &["touch", "change", "modify", "edit", "break", "rename", "reformat", "reindent", "forget"];

/// Words that make an instruction a condition, or speak of the very thing that is asked.
pub(super) const HEDGES: &[&str] = &[
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

/// Whole texts that ask how things stand.
pub(super) const STATUS_QUESTIONS: &[&str] = &[
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

/// Whole texts that stop or interrupt the one session they can mean.
pub(super) const CONTROLS: &[(&str, ControlAction)] = &[
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

/// Words for the number of a reading.
pub(super) const ORDINALS: &[(&str, usize)] = &[
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

/// Words that may stand beside a number.
pub(super) const ORDINAL_FILLERS: &[&str] = &["the", "number", "option", "please", "take", "yes", "one"];

/// Words for what is not this one, in all languages whose words are known.
pub(super) const OTHERS: &[&str] =
    &["other", "others", "andere", "anderen", "otra", "otras", "autre", "autres", "\u{53e6}\u{4e00}\u{4e2a}"];

/// Words for a session after such a word.
pub(super) const SESSIONS: &[&str] = &[
    "session",
    "sessions",
    "agent",
    "agents",
    "one",
    "run",
    "job",
    "sitzung",
    "sitzungen",
    "sesi\u{f3}n",
    "sesiones",
];

/// Those of them that mean a session whatever is to be done.
pub(super) const NAMED_SESSIONS: &[&str] =
    &["session", "sessions", "agent", "agents", "sitzung", "sitzungen", "sesi\u{f3}n", "sesiones"];
