//! Words of questions in Spanish that codewalk answers itself.

use crate::routing::lang::questions::{QuestionTable, QuestionWords};

pub(in crate::routing) const QUESTIONS: QuestionWords = QuestionWords {
    agents: QuestionTable {
        about: &["agentes"],
        among: &[
            "qué",
            "cuáles",
            "son",
            "los",
            "hay",
            "tengo",
            "tenemos",
            "puedo",
            "usar",
            "están",
            "disponibles",
            "por",
            "favor",
        ],
        parts: &[],
    },
    cost: QuestionTable {
        about: &["cuesta", "cuestan", "costado", "costó", "gastado"],
        among: &[
            "cuánto", "ha", "han", "hemos", "llevamos", "lleva", "eso", "esto", "todo", "hasta", "ahora",
            "el", "momento", "nos", "me",
        ],
        parts: &[],
    },
    polite: &["puedes", "podrías", "puede", "podría", "podéis", "favor"],
};
