//! The words for the rules in `src/controls.rs`.

use crate::phrases::{Phrases, phrases};

pub const STOPS: &Phrases = phrases! {"
    stop|kill|cancel|abort|terminate|end|halt; quit|close|drop; shut ?it ?down|off; call ?it off;
    give up ?on; put an end to; pull the plug ?on; get rid of; finish off
"};

pub const INTERRUPTS: &Phrases = phrases!("interrupt|pause|suspend|freeze; hold off|on ?with; put");

pub const RESUMES: &Phrases = phrases! {"
    resume|unpause|revive|reopen|reattach; pick ?it|that|this ?back up; take up; bring back;
    wake up
"};

pub const CONTINUES: &Phrases =
    phrases!("continue ?working; carry|go on ?working; keep going|working|on|at; proceed");

pub const RETRIES: &Phrases = phrases! {"
    retry|rerun|re-run|restart|relaunch|re-launch|redo;
    try|start|run|launch|pick|take|bring|wake|get|fire|spin
"};

/// Verbs that count only together with a word for a session, since they have other uses.
pub const AMBIGUOUS: &Phrases =
    phrases!("close|drop|shut|put|get|finish|redo|take|bring|wake|try|start|run|launch|pick");

pub const BARE_INTERRUPTS: &Phrases = phrases! {"
    wait ?a|one|up ?second|minute|moment|sec ?please;
    hold|hang on|it|up ?a|one ?second|minute|moment|sec ?please; one moment|second|sec|minute ?please;
    pause; just a moment|second|sec|minute; not so fast; slow down; whoa|woah|freeze|break;
    take a break
"};

pub const BARE_STOPS: &Phrases = phrases! {"
    make|let it|that|this stop;
    ?ok|okay ?please you|it can|may|should|must|could stop ?now|here|it|there;
    ?ok|okay ?that|it|this ?is|will|was enough|do ?now|already|of ?that ?stop ?it|now;
    ?ok|okay cut it ?out|off; knock it off; that is|will be all; no more
"};

/// Messages that are actions: "tell it to stop".
pub const TOLD_STOPS: &Phrases = phrases! {"
    ?to ?please stop|cancel|abort|quit|halt|end|terminate ?it|that|now|please|working|immediately|
    everything|what ?it|he|she ?is ?doing ?now
"};

pub const TOLD_INTERRUPTS: &Phrases = phrases! {"
    ?to ?please pause|wait|interrupt|hold|hang ?on|up ?a|for ?a ?moment|minute|second|bit|while|now|please
"};

/// Stems of words for a part of a plan or an answer of an agent.
pub const POINTS: &Phrases = phrases!("point|item|step|part|bullet|phas|option|idea|suggest|propos|plan");

/// Words that begin a reason, or another request.
pub const ENDS: &Phrases = phrases!("and|then|because|since|before|until|but|as|so|for|without");

pub const LEFT_OFF: &Phrases = phrases! {"
    where it|you|we|i|that|this|they ?had|have left|stopped off|it; from where; where
"};

pub const AND_OR_BUT: &Phrases = phrases!("and|but");

pub const AGAIN: &Phrases = phrases!("again|back|up|over");

pub const STARTS_NEW: &Phrases = phrases!("try|start|run|launch|pick|take|bring|wake|fire|spin");

pub const RUNS_AGAIN: &Phrases = phrases!("run|try|redo|rerun|retry");

/// A verb that ends a session only if the following word is present.
pub const PUTS: &Phrases = phrases!("put");

pub const ON_HOLD: &Phrases = phrases!("hold");
