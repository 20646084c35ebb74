//! The words for the rules in `src/pasted.rs`.

use crate::phrases::{Phrases, phrases};

pub const ORDERS: &Phrases = phrases! {"
    ?please|pls|plz|and|so|ok ?please ?can|could|would ?you ?please ?just fix|solve|debug|repair|resolve|
    explain|
    investigate|diagnose ?it|this|that|these|the|my ?error|errors|bug|issue|problem|crash|failure|exception
    ?for
    ?me ?please|now ?please|thanks;
    what is|does|went wrong|this|that ?mean|here; ?please|pls make this|it|that compile|build|work|pass
    ?again ?please
"};

/// Questions on a separate line.
pub const QUESTIONS: &Phrases = phrases!("?but why ?that|this; ?any ideas|idea");

pub const CIRCUMSTANCES: &Phrases = phrases!("when|whenever|if|after|while; on|in|for|during the|a|an|every");

/// Words that only a person writes.
pub const ADDRESSING: &Phrases =
    phrases!("please|you|your|i|we|me|my|us|do|run|delete|ignore|approved|confirmed|then|and");

/// How a message with the code of a compiler error begins.
pub const ERROR_CODE: &str = "error[";

/// Closing formulas of letters.
pub const CLOSINGS: [&str; 13] = [
    "thanks",
    "thank you",
    "many thanks",
    "best",
    "best regards",
    "kind regards",
    "regards",
    "cheers",
    "sincerely",
    "yours",
    "all the best",
    "warm regards",
    "best wishes",
];

/// How lines of program output begin.
pub const OUTPUT_BEGINNINGS: [&str; 23] = [
    "Traceback (most recent",
    "File \"",
    "Caused by:",
    "caused by:",
    "thread '",
    "panicked at",
    "npm ERR!",
    "npm error",
    "error[",
    "error TS",
    "warning[",
    "--> ",
    "diff --git",
    "@@ ",
    "+++ ",
    "--- a/",
    "fatal: ",
    "E   ",
    "FAILED ",
    "goroutine ",
    "make: ***",
    "make[",
    "Exception in thread",
];

/// Levels of log lines.
pub const LEVELS: [&str; 10] =
    ["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL", "PANIC"];

/// How program messages begin; a one-line request may begin like that, too.
pub const MESSAGE_BEGINNINGS: [&str; 9] = [
    "error: ",
    "Error: ",
    "warning: ",
    "panic: ",
    "fatal error: ",
    "Uncaught ",
    "Segmentation fault",
    "Unhandled ",
    "note: ",
];

/// Months as they are abbreviated in logs.
pub const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Beginnings of letters and mails.
pub const SALUTATIONS: [&str; 4] = [FORMAL_SALUTATION, "hi ", "hello ", "hey "];

pub const FORMAL_SALUTATION: &str = "dear ";

/// Beginnings of the header of a mail.
pub const MAIL_HEADERS: [&str; 6] =
    ["from:", "subject:", "reply-to:", "received:", "message-id:", "begin forwarded message"];

/// Parts of the line above a forwarded mail.
pub const FORWARDS: [&str; 2] = ["original message", "forwarded"];

/// The beginning and the end of the line above a quoted mail.
pub const QUOTES: (&str, &str) = ("on ", " wrote:");

/// The beginning of a frame of a stack trace.
pub const FRAME: &str = "at ";

/// Ends of the names of errors.
pub const ERROR_ENDS: [&str; 2] = ["Error", "Exception"];
