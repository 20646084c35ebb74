//! Writes sentences about the requests that wait for the user.

use speech::{prose, words};

use crate::deeds::{self, Form};
use crate::fitting::MOST_WORDS;
use crate::{Request, WaitingFor};

/// The maximum number of words in a question from the agent.
const QUESTION_WORDS: usize = 24;
/// The length of the sentence around the command in an approval, in bytes.
const AROUND_REQUEST: usize = 48;
/// The minimum length of a command, in bytes.
const LEAST_REQUEST: usize = 16;
/// The length of the sentence about further approvals, in words and bytes.
const COUNT_OF_OTHERS: (usize, usize) = (6, 40);

/// Returns the requests to the user, the oldest first: two approvals if they fit, and the number of the rest.
pub fn sentences(request: &Request) -> Vec<String> {
    let waiting = &request.waiting_for;
    let budget = request.byte_budget as usize;
    let around = AROUND_REQUEST + if waiting.len() > 1 { COUNT_OF_OTHERS.1 } else { 0 };
    let most_bytes = budget.saturating_sub(around).max(LEAST_REQUEST);
    let mut answer: Vec<String> = Vec::new();
    for (at, wait) in waiting.iter().take(2).enumerate() {
        let request_of = match wait {
            WaitingFor::Approval(call) => {
                format!("may it {}?", deeds::phrase(call, Form::Asked { most_bytes }, true))
            }
            WaitingFor::Question(question) => prose::paragraph(question, QUESTION_WORDS)
                .map_or_else(|| "it has a question.".to_owned(), prose::closed),
        };
        let Some(first) = answer.first() else {
            answer.push(format!("It needs input: {request_of}"));
            continue;
        };
        let second = format!("It also asks: {request_of}");
        let (words, bytes) = if waiting.len() > at + 1 { COUNT_OF_OTHERS } else { (0, 0) };
        if words::count(first) + words::count(&second) + words <= MOST_WORDS
            && first.len() + second.len() + bytes < budget
        {
            answer.push(second);
        }
    }
    match waiting.len() - answer.len() {
        0 => {}
        1 => answer.push("And one more request is waiting.".to_owned()),
        more => answer.push(format!("And {more} more requests are waiting.")),
    }
    answer
}
