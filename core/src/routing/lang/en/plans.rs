//! Words about plans and sessions in English: their status, control, number and place.

use crate::command::ControlAction;
use crate::routing::lang::answers::{Elsewhere, SessionWords};

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
