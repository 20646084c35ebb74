//! Words of answers in English.

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
    // A longer group comes before its beginning.
    (&["sounds", "good", "to", "me"], "sure"),
    (&["looks", "good", "to", "me"], "sure"),
    (&["fine", "by", "me"], "sure"),
    (&["fine", "with", "me"], "sure"),
    (&["works", "for", "me"], "sure"),
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

/// Instructions about the manner of the work. None of them can change an action.
pub(in crate::routing) const MANNERS: &[&[&str]] = &[
    &["hurry"],
    &["hurry", "up"],
    &["be", "quick"],
    &["be", "fast"],
    &["be", "careful"],
    &["be", "brief"],
    &["take", "your", "time"],
    &["keep", "me", "posted"],
    &["keep", "me", "updated"],
    &["keep", "your", "answers", "short"],
    &["keep", "your", "answer", "short"],
];

/// Verbs that set the language of the agent's answers.
pub(in crate::routing) const SPEAKS: &[&str] = &["answer", "reply", "respond"];

/// The languages of answers.
pub(in crate::routing) const LANGUAGES: &[&str] = &[
    "english",
    "german",
    "french",
    "spanish",
    "chinese",
    "italian",
    "portuguese",
    "dutch",
    "polish",
    "russian",
    "japanese",
    "korean",
];

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

/// Affirmations that are also instructions, and may have an object.
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
