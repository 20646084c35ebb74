//! Words of questions in English that codewalk answers itself.

/// The words of a question about the agents.
pub(in crate::routing) const OF_AGENTS: &[&str] = &[
    "which",
    "what",
    "list",
    "show",
    "me",
    "all",
    "the",
    "of",
    "my",
    "agents",
    "are",
    "there",
    "is",
    "available",
    "configured",
    "do",
    "i",
    "we",
    "have",
    "can",
    "use",
    "you",
    "know",
    "please",
    "installed",
];

/// Words for the cost.
pub(in crate::routing) const COST: &[&str] = &["cost", "costs", "spent", "spend"];

/// The ends of a question about the cost.
pub(in crate::routing) const AFTER_COST: &[&str] = &[
    "cost",
    "costs",
    "spent",
    "spend",
    "me",
    "us",
    "so",
    "far",
    "session",
    "run",
    "now",
    "total",
    "altogether",
    "today",
    "all",
];

/// Words of a question about the duration, in addition to "how long".
pub(in crate::routing) const RUNNING: &[&str] = &["running", "been", "take", "took", "taken", "run"];

/// Words for the log.
pub(in crate::routing) const LOG: &[&str] = &["log", "logs", "transcript"];

/// Words that ask to see it.
pub(in crate::routing) const SHOW: &[&str] =
    &["show", "see", "print", "read", "where", "open", "display", "give"];
