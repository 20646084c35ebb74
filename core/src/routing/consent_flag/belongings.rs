//! Things that belong to the user, such as a credit card.

use super::phrases::is;
use super::reading::{Word, first_clause};

/// "My credit card", "the bank account": something that the user owns, not a part of the code.
pub(super) fn is_of_user(object: &[Word]) -> bool {
    const MINE: [&str; 10] = ["my", "mein", "meine", "meinem", "meinen", "mi", "mis", "mon", "ma", "mes"];
    const BELONGINGS: &[&str] = &[
        "card",
        "cards",
        "account",
        "accounts",
        "bank",
        "money",
        "wallet",
        "identity",
        "phone",
        "laptop",
        "kreditkarte",
        "karte",
        "konto",
        "bankkonto",
        "geld",
        "tarjeta",
        "cuenta",
        "dinero",
        "carte",
        "compte",
        "argent",
    ];
    let object = first_clause(object);
    let end = object.iter().position(|word| is(word, |l| l.prepositions)).unwrap_or(object.len());
    let is_mine = object[..end].iter().any(|word| MINE.contains(&word.text.as_str()))
        || object.windows(2).any(|pair| pair[0].text == "我" && pair[1].text == "的");
    is_mine || object[..end].last().is_some_and(|last| BELONGINGS.contains(&last.text.as_str()))
}
