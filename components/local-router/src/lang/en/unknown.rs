//! The words for the rules in `src/unknown.rs`.

use crate::phrases::{Phrases, phrases};

/// Names of coding agents and models.
pub const KNOWN_PRODUCTS: &Phrases = phrases! {"
    gemini|copilot|cursor|aider|gpt|chatgpt|gpt-4|gpt-5|gpt4|gpt5|opus|sonnet|haiku|claude|codex|opencode|
    cline|windsurf|devin|qwen|grok|llama|mistral|deepseek|kimi|openai|goose|jules|amp|roo|droid|crush|
    claude-code|warp|kiro
"};

pub const ORDINARY: &Phrases =
    phrases!("user|http|coding|default|best|build|ssh|monitoring|current|running|new|other");

pub const PREPOSITIONS: &Phrases = phrases!("in|on|for|inside|from|to|of|into|within|open");

pub const NAMED_PROJECT_ORDINARY: &Phrases = phrases! {"
    whole|entire|same|current|new|old|git|existing|main|test|sample|demo|example|rust|python|node|java|
    django|react|web|side|private|public|root|local|remote|parent|cargo|npm|typescript|javascript|
    kotlin|swift|real|actual|default|open-source|different|empty|github|vue
"};

/// Words before a colon, or after "in", that are not names.
pub const LABELS: &Phrases = phrases! {"
    fix|feat|feature|bug|bugfix|chore|docs|doc|todo|task|wish|idea|note|question|request|urgent|
    important|fyi|refactor|perf|ci|story|hotfix|reminder|goal|general|theory|parallel|addition|
    particular|practice|short|summary|detail|production|principle|future|fact|order|case|english|
    german|french|spanish|return|response|total|contrast|essence|context|all|proposal
"};

pub const THE: &Phrases = phrases!("the");

pub const AGENT: &Phrases = phrases!("agent");

pub const AGENT_ENDS: &Phrases = phrases!("to|for|in|on|and|please|agent");

pub const USES: &Phrases = phrases!("use|using|with|via|try|start|launch|run");

pub const ASKS: &Phrases = phrases!("ask|tell|have|let|get|want");

pub const TO: &Phrases = phrases!("to");

pub const CALL_ENDS: &Phrases = phrases!("should|please|can");

pub const ASK: &Phrases = phrases!("ask");

pub const ADDRESSES: &Phrases = phrases!("use|using|with|ask|tell|have|let|via");

pub const GREETINGS: &Phrases = phrases!("hey|hi|hello");

pub const ARTICLES: &Phrases = phrases!("the|my|our");

pub const LABEL_PREPOSITIONS: &Phrases = phrases!("in|for|on");

pub const IN: &Phrases = phrases!("in|inside");

pub const PLACE_PREPOSITIONS: &Phrases = phrases!("in|inside|under|at");

pub const PLEASE: &Phrases = phrases!("please");
