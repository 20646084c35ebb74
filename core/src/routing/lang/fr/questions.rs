//! Words of questions in French that codewalk answers itself.

use crate::routing::lang::questions::{QuestionTable, QuestionWords};

pub(in crate::routing) const QUESTIONS: QuestionWords = QuestionWords {
    agents: QuestionTable {
        about: &["agents"],
        among: &[
            "quels", "quelles", "sont", "les", "y", "a", "t", "il", "ai", "je", "puis", "utiliser", "avons",
            "nous", "liste", "montre", "moi",
        ],
        parts: &[],
    },
    cost: QuestionTable {
        about: &["coûte", "coûté", "coute"],
        among: &[
            "combien", "ça", "cela", "a", "nous", "tout", "jusqu", "ici", "est", "ce", "que", "déjà", "il",
            "à", "présent", "t",
        ],
        parts: &[],
    },
    polite: &["peux", "pourrais", "pouvez", "pourriez", "veux", "plaît"],
};
