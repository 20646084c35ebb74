//! Words of questions in English that codewalk answers itself.

use crate::session::SessionState;

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

/// The beginnings of a question.
pub(in crate::routing) const ASKS: &[&[&str]] = &[
    &["what"],
    &["which"],
    &["why"],
    &["how"],
    &["when"],
    &["who"],
    &["where"],
    &["did"],
    &["does"],
    &["is"],
    &["are"],
    &["was"],
    &["were"],
    &["has"],
    &["tell", "me"],
    &["show", "me"],
];

/// Words that turn a question into a request.
pub(in crate::routing) const POLITE: &[&str] = &["can", "could", "would", "will", "please", "mind"];

/// Words for sessions.
pub(in crate::routing) const SESSIONS: &[&str] =
    &["sessions", "session", "runs", "run", "agents", "agent", "ones", "tasks"];

/// The states in which a session ends.
pub(in crate::routing) const ENDED: &[(&str, SessionState)] = &[
    ("failed", SessionState::Failed),
    ("completed", SessionState::Completed),
    ("finished", SessionState::Completed),
    ("succeeded", SessionState::Completed),
    ("cancelled", SessionState::Cancelled),
    ("canceled", SessionState::Cancelled),
    ("stopped", SessionState::Cancelled),
    ("lost", SessionState::Lost),
];

/// Other words of a question about ended sessions.
pub(in crate::routing) const OF_ENDED: &[&str] =
    &["has", "have", "were", "was", "did", "any", "that", "today", "so", "far", "recently", "been", "ended"];

/// Words for the progress of a session.
pub(in crate::routing) const PROGRESS: &[&str] = &[
    "it",
    "running",
    "run",
    "runs",
    "ran",
    "going",
    "doing",
    "do",
    "does",
    "did",
    "done",
    "status",
    "happening",
    "happened",
    "progress",
    "news",
    "waiting",
    "finished",
    "finish",
    "failed",
    "fail",
    "agent",
    "agents",
    "session",
    "sessions",
    "work",
    "working",
    "worked",
    "changed",
    "change",
    "cost",
    "update",
    "stuck",
    "blocked",
    "ready",
    "last",
    "need",
    "needs",
    "want",
    "wants",
    "codewalk",
];
