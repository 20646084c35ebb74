//! Words of questions in Chinese that codewalk answers itself.

use crate::routing::lang::questions::{QuestionTable, QuestionWords};

pub(in crate::routing) const QUESTIONS: QuestionWords = QuestionWords {
    agents: QuestionTable {
        about: &[],
        among: &[],
        parts: &[&["哪些", "代理"], &["什么", "代理"], &["哪些", "智能体"]],
    },
    cost: QuestionTable {
        about: &[], among: &[], parts: &[&["多少钱"], &["花", "多少"], &["费用", "多少"]]
    },
    polite: &["能", "可", "请"],
};
