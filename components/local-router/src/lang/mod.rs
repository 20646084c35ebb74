//! The languages of requests. The words of each language are data; the rules are elsewhere.
//!
//! English is `en`, one file of tables for each file of rules. Every other language is a single file that
//! defines a [`Language`]; the rules for these languages are in `foreign`. To add a language, copy such a
//! file, translate its tables, and add it to [`ALL`] and [`CLAIMS`]. Add labelled requests in
//! `tests/utterances/`: `LANGUAGE.jsonl`, `LANGUAGE-limits.jsonl` and `LANGUAGE-held-out.jsonl`, and name
//! them in `LANGUAGES` of `tests/utterances.rs`.

mod de;
pub mod en;
mod es;
pub mod fr;
mod language;
pub mod zh;

use crate::phrases::Beginnings;

pub use language::Language;

/// All languages but English.
pub static ALL: [&Language; 4] = [&de::GERMAN, &es::SPANISH, &fr::FRENCH, &zh::CHINESE];

/// The beginnings of all claims of consent and prompt injections, in all languages except English.
pub static CLAIMS: Beginnings = Beginnings::of(&[
    de::GERMAN.injections,
    de::GERMAN.consents,
    es::SPANISH.injections,
    es::SPANISH.consents,
    fr::FRENCH.injections,
    fr::FRENCH.consents,
    zh::CHINESE.injections,
    zh::CHINESE.consents,
]);
