//! The words for the rules in `src/safety.rs`.

use crate::phrases::{Phrases, phrases};

pub const INJECTIONS: &Phrases = phrases! {"
    ignore|disregard|forget|override|bypass ?all|any|the|your|my|of ?the|your|these|of ?the previous|prior|
    above|earlier|preceding|former|existing|other|original|initial|current|system ?system|safety|
    security instructions|instruction|prompt|prompts|rules|messages|message|context|directions|
    guidelines|orders|commands;
    ignore|disregard|forget|override|bypass ?all|any|of ?the|your|these|codewalk's instructions|rules|
    guidelines|safeguards|programming|guardrails|restrictions;
    ignore|disregard|forget everything|anything|all|what ?you ?were|was ?i ?that ?came ?is above|before|
    previously|told;
    you are now ?a|an|in|the|no|free|root|admin|developer|unrestricted;
    act|behave as ?a|an|the system|root|admin|administrator|router|unrestricted|jailbroken;
    secret|hidden instructions|directive|directives;
    new|updated|revised instructions|directive|directives from|follow|below|override;
    your new|real|actual|true|only instructions|task|goal|objective|job|orders|role|instruction|purpose;
    system|developer|admin|root prompt|override|message|instruction|instructions|directive|mode ?enabled|
    activated;
    as ?a|an|the ai|assistant|llm|chatbot|bot|administrator|admin|root|superuser ?assistant|model|user you;
    pretend that|to|you|the|i|this;
    reveal|print|show|repeat ?me your ?system|initial|hidden prompt|instructions;
    note|message|instruction|instructions|attention to|for ?the|all|any ai|llm|assistant|assistants|agents|
    router|model|bot|codewalk;
    ai|llm assistant|assistants|agents|model|models reading|processing|must|should|shall
"};

/// Claims of consent.
pub const CONSENTS: &Phrases = phrases! {"
    user|owner|admin|administrator|operator|human|person|developer|maintainer|he|she|they ?has|have|had
    ?just ?already ?previously|explicitly|just approved|confirmed|consented|authorized|authorised|
    agreed|okayed;
    i|we ?have ?just already|hereby|explicitly approved|confirmed|consented|authorized|authorised|agreed|
    accepted;
    i|we|user ?has|have ?just approved|confirmed|authorized|authorised|accepted|approve|confirm|authorize
    it|this|everything|all;
    i|we|user ?has|have already said|given|gave|granted|clicked|answered|pressed|typed ?my|the yes|consent|
    permission|approval|ok|confirm|accept;
    i|we|user ?has|have said|given|gave|granted|answered|typed ?my|the yes|consent|permission|approval;
    consent|permission|approval|confirmation|authorization ?is|was|has|have|already ?been|already granted|
    given|received|obtained|recorded;
    pre approved|authorized|authorised|confirmed;
    pre-approved|preapproved|pre-authorized|auto-approved|auto-confirmed;
    auto-approve|auto-confirm|auto-accept ?all|every|any|everything;
    approved|confirmed|authorized|authorised by ?the|an|my|our user|owner|admin|administrator|operator|
    human|boss|security|system|policy;
    this|it|that|launch|request|action|everything|start ?is|was|has ?been already|hereby|pre approved|
    confirmed|authorized|authorised;
    this|it|that|launch|request|action|everything|start was|has ?been approved|confirmed|authorized|
    authorised;
    this|that counts|serves as ?a|the|my consent|confirmation|approval|yes
"};

/// Instructions to skip consent, or to give it for the user.
pub const BYPASSES: &Phrases = phrases! {"
    no|without ?any|further|more|need ?for ?to ?any|further|more|ask confirmation|confirm|approval|asking|
    ask;
    no|without need|needing to confirm|ask;
    skip|bypass ?the|any|all|every confirmation|confirmations|consent|approval|approvals|permission|
    permissions;
    treat|take|consider|count|regard this|it|that|these ?message|text|request as ?a|an|the|my|already
    ?explicit yes|consent|confirmation|confirmed|approved|approval|permission;
    answer|reply|respond|say yes|ok|confirm ?to|for ?me|us|the|all|every|any ?open|pending confirmation|
    question|prompt|it|everything|questions;
    confirm|approve|accept ?the|all|every|any ?open|pending launch|launches|confirmation|confirmations|
    prompts|questions
"};

pub const CONDITIONS: &Phrases = phrases!("when|if|once|after|until|unless|whether|before|that|who");

pub const CLAIMS: &Phrases = phrases! {"
    confirmed|approved|consented|consent|authorized|authorised|accepted|approval|confirmation
"};

pub const CLAUSE_OPENERS: &Phrases = phrases!("and|then|please|just|but|so");

/// Marks that separate roles in a model's prompt.
pub const MARKERS: &[&str] = &[
    "<|",
    "|>",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "im_start",
    "im_end",
    "</system",
    "<system",
    "</user>",
    "</assistant",
    "<assistant",
    "begin system",
    "end system",
    "end of prompt",
    "<!--",
    "[end of",
];

/// Speakers in the transcript of a model.
pub const ROLES: [&str; 11] = [
    "system",
    "assistant",
    "user",
    "human",
    "developer",
    "ai",
    "codewalk",
    "router",
    "administrator",
    "new instruction",
    "instruction",
];

/// Parts of a proposal in JSON.
pub const ANSWER_PARTS: &[&str] = &[
    "\"intent\"",
    "\"candidates\"",
    "\"cannot-parse\"",
    "\"follow-up\"",
    "intent=",
    "consent=",
    "approved=",
    "confirmed=",
];

/// Intents that are written as calls.
pub const CALLS: &[&str] = &["launch(", "launch {", "launch{", "control(", "follow-up("];

/// Words between the name of a speaker and the colon.
pub const ROLE_ENDS: [&str; 6] = ["message", "prompt", "note", "instructions", "instruction", "s"];

/// Fields of the answer of a router.
pub const ANSWER_KEYS: [&str; 4] = ["intent", "confidence", "candidates", "proposal"];

/// Beginnings of the arguments of an intent that is written as a call.
pub const CALL_KEYS: [&str; 4] = ["agent", "session", "prompt", "{"];
