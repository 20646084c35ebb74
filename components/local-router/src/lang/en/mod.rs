//! English: the words for the rules, with one file for each file of rules.

pub mod controls;
pub mod detection;
pub mod follow_ups;
pub mod form;
pub mod general_queries;
pub mod lead;
pub mod mention;
pub mod morphology;
pub mod names;
pub mod negation;
pub mod offers;
pub mod pasted;
pub mod places;
pub mod questions;
pub mod reading;
pub mod reference;
pub mod requests;
pub mod safety;
pub mod short;
pub mod sources;
pub mod spoken;
pub mod statements;
pub mod ties;
pub mod turns;
pub mod unknown;
pub mod vocabulary;
