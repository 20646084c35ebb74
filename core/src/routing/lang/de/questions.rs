//! Words of questions in German that codewalk answers itself.

use crate::routing::lang::questions::{QuestionTable, QuestionWords};

pub(in crate::routing) const QUESTIONS: QuestionWords = QuestionWords {
    agents: QuestionTable {
        about: &["agenten", "agents"],
        among: &[
            "welche",
            "was",
            "für",
            "gibt",
            "es",
            "habe",
            "haben",
            "kann",
            "können",
            "ich",
            "wir",
            "nutzen",
            "benutzen",
            "sind",
            "da",
            "die",
            "verfügbar",
            "eingerichtet",
            "bitte",
            "zeig",
            "mir",
            "alle",
        ],
        parts: &[],
    },
    cost: QuestionTable {
        about: &["gekostet", "kostet", "kosten", "teuer"],
        among: &[
            "was", "wie", "viel", "wieviel", "hat", "hats", "haben", "das", "es", "uns", "mich", "alles",
            "bisher", "bis", "jetzt", "ist", "war",
        ],
        parts: &[],
    },
    polite: &["kannst", "könntest", "könnt", "könnten", "würdest", "magst", "bitte"],
};
