//! How turns and conversations end.

use std::time::Duration;

use codewalk_core::session::Observation;
use serde_json::{Value, json};

use super::{conversation, failure, message, project, result};
use crate::claude::conversation::{ConversationState, Output};
use crate::protocol::Activity;

/// A conversation that can end now.
pub const NOW: Activity = Activity::Idle { close_after: Duration::ZERO };

#[test]
fn only_a_requested_interruption_is_not_a_failure() {
    let aborted = result(&json!({"subtype": "error_during_execution", "is_error": true,
        "terminal_reason": "aborted_tools", "errors": ["[ede_diagnostic] x"]}));
    let broken =
        result(&json!({"is_error": true, "terminal_reason": "api_error", "result": "API Error: 400"}));
    let mut conversation = conversation();
    assert_eq!(failure(&conversation.line(message(&aborted))), Some("the turn was interrupted"));
    conversation.interrupt();
    assert_eq!(failure(&conversation.line(message(&broken))), Some("API Error: 400"));
    conversation.interrupt();
    assert_eq!(failure(&conversation.line(message(&aborted))), None);
    assert_eq!(failure(&conversation.line(message(&aborted))), Some("the turn was interrupted"));
}

#[test]
fn a_conversation_that_cannot_be_resumed_fails_and_confirms_nothing() {
    let unknown = json!({"type": "result", "subtype": "error_during_execution", "is_error": true,
        "num_turns": 0, "session_id": "abc", "errors": ["No conversation found with session ID: abc"]});
    let outputs = conversation().line(message(&unknown));
    assert_eq!(failure(&outputs), Some("No conversation found with session ID: abc"));
    assert!(
        !outputs.iter().any(|o| matches!(o, Output::Observed(Observation::ConversationIdentified { .. })))
    );
}

fn lifecycle(prompt: &str, state: &str) -> Value {
    json!({"type": "command_lifecycle", "command_uuid": prompt, "state": state})
}

#[test]
fn a_conversation_ends_only_once_every_prompt_is_completed() {
    let mut conversation = conversation();
    conversation.prompt("p1", "one");
    conversation.line(message(&lifecycle("p1", "started")));
    conversation.prompt("p2", "two");
    conversation.line(message(&result(&json!({}))));
    conversation.line(message(&lifecycle("p1", "completed")));
    assert_eq!(conversation.activity(), Activity::Working);
    conversation.line(message(&lifecycle("p2", "cancelled")));
    assert_eq!(conversation.activity(), NOW);
}

#[test]
fn a_later_prompt_counts_as_delivered_once_the_agent_accepts_it() {
    let untaken = |conversation: &ConversationState| {
        conversation.undelivered().map(|untaken| (untaken.messages, untaken.more))
    };
    let mut conversation = conversation();
    conversation.prompt("p1", "one");
    assert_eq!(untaken(&conversation), None, "the first prompt is no message");
    conversation.prompt("p2", "two\nlines");
    conversation.prompt("p3", "three");
    conversation.line(message(&lifecycle("p2", "queued")));
    let both = ["two\u{23ce}lines".to_owned(), "three".to_owned()];
    assert_eq!(untaken(&conversation), Some((both.to_vec(), 0)));
    conversation.line(message(&result(&json!({}))));
    conversation.line(message(&lifecycle("p2", "started")));
    conversation.line(message(&lifecycle("p3", "cancelled")));
    assert_eq!(untaken(&conversation), Some((vec!["three".to_owned()], 0)), "it was dropped");
    for n in 0..7 {
        conversation.prompt(&format!("q{n}"), &"long ".repeat(100));
    }
    let (messages, more) = untaken(&conversation).unwrap();
    assert_eq!((messages.len(), more), (5, 3));
    assert!(messages.iter().all(|said| said.len() <= 200));
    let mut silent = ConversationState::new(project(), false);
    silent.prompt("p1", "one");
    silent.prompt("p2", "two");
    assert!(silent.undelivered().is_some());
    silent.line(message(&result(&json!({}))));
    assert_eq!(silent.undelivered(), None, "it does not tell; a result answers all");
}

#[test]
fn a_turn_after_an_interrupted_one_is_reported_as_a_continuation() {
    let init = || message(&json!({"type": "system", "subtype": "init"}));
    let aborted = || message(&result(&json!({"is_error": true, "terminal_reason": "aborted_tools"})));
    let went_on = Output::Observed(Observation::AgentContinued);
    let mut conversation = conversation();
    conversation.line(init());
    conversation.interrupt();
    assert!(!conversation.line(aborted()).contains(&went_on));
    assert_eq!(conversation.line(init()), std::slice::from_ref(&went_on));
    conversation.line(message(&result(&json!({}))));
    assert_eq!(conversation.line(init()), [], "told once");
    // The interruption was not requested, or came too late for the turn.
    conversation.line(aborted());
    assert_eq!(conversation.line(init()), []);
    conversation.interrupt();
    conversation.line(message(&result(&json!({}))));
    assert_eq!(conversation.line(init()), []);
}

#[test]
fn without_prompt_reports_a_result_completes_all_prompts() {
    let mut conversation = conversation();
    conversation.prompt("p1", "one");
    conversation.line(message(&json!({"type": "system", "subtype": "init", "session_id": "abc"})));
    assert_eq!(conversation.activity(), Activity::Working);
    conversation.line(message(&result(&json!({"queued_turn_count": 1}))));
    assert_eq!(conversation.activity(), Activity::Working);
    conversation.line(message(&result(&json!({}))));
    assert_eq!(conversation.activity(), NOW);
}

pub fn tasks(kinds: &[&str]) -> Value {
    let tasks = kinds.iter().map(|kind| json!({"task_id": kind, "task_type": kind}));
    json!({"type": "system", "subtype": "background_tasks_changed", "tasks": tasks.collect::<Vec<_>>()})
}

#[test]
fn a_conversation_stays_open_for_sub_agents_and_a_while_for_commands() {
    let mut conversation = conversation();
    conversation.line(message(&tasks(&["local_agent", "local_bash"])));
    conversation.line(message(&result(&json!({}))));
    assert_eq!(conversation.activity(), Activity::Working);
    conversation.line(message(&tasks(&["local_bash"])));
    assert_eq!(conversation.activity(), Activity::Idle { close_after: Duration::from_secs(600) });
    let stops = conversation.wind_down();
    assert_eq!(stops.len(), 1);
    assert_eq!(stops[0]["request"], json!({"subtype": "stop_task", "task_id": "local_bash"}));
    conversation.line(message(&tasks(&[])));
    assert_eq!(
        conversation.activity(),
        Activity::Idle { close_after: Duration::from_secs(5) },
        "the agent is still to be told"
    );
    conversation.line(message(&json!({"type": "system", "subtype": "init", "session_id": "abc"})));
    assert_eq!(conversation.activity(), Activity::Working);
    conversation.line(message(&result(&json!({}))));
    assert_eq!(conversation.activity(), NOW);
}
