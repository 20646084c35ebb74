//! Tests properties that hold for every request, however odd its texts.

use std::time::{Duration, Instant};

use local_summarizer::{
    Entry, LEAST_BUDGET, PreviousSummary, Request, SessionState, ToolCall, ToolResult, WaitingFor, summarize,
};
use proptest::prelude::*;

const UUID: &str = "550e8400-e29b-41d4-a716-446655440000";

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-z]{1,8}",
        2 => Just(" ".to_owned()),
        1 => "\\PC{0,12}",
        1 => any::<String>(),
        1 => "[\\x00-\\x1f\\x7f-\\x9f]{1,3}",
        1 => "[`*_#\\[\\]()|>&;'\"\\\\/.:!?-]{1,5}",
        1 => "[A-Fa-f0-9]{8}-[a-f0-9]{4}-[0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
        1 => Just(format!("x{UUID}y")),
        1 => Just("550e8400\u{200b}-e29b*-41d4-`a716`-446655440000".to_owned()),
        1 => Just("\u{1b}[31m\u{1b}]0;t\u{7}https://user:pw@host.example/path?q=1".to_owned()),
        1 => Just("/home/dev/shop/src/login.rs\n- point\n```\ncode\n```\n".to_owned()),
        1 => Just("テスト👩‍👩‍👧‍👦e\u{301}\u{202e}ß".to_owned()),
        1 => "[a-zé]{60,80}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn call() -> impl Strategy<Value = ToolCall> {
    let tool = prop_oneof![
        "Write|Edit|Bash|Read|Grep|WebFetch|Task|TodoWrite|ExitPlanMode|apply_patch|mcp__a__b"
            .prop_map(String::from),
        text()
    ];
    (tool, text()).prop_map(|(tool, subject)| ToolCall { tool, subject })
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        text().prop_map(Entry::UserText),
        text().prop_map(Entry::AgentText),
        call().prop_map(Entry::ToolCall),
        (call(), any::<bool>(), text()).prop_map(|(call, succeeded, output)| Entry::ToolResult(ToolResult {
            call,
            succeeded,
            output
        })),
        text().prop_map(Entry::Error),
        text().prop_map(Entry::Output),
    ]
}

fn state() -> impl Strategy<Value = SessionState> {
    prop::sample::select(vec![
        SessionState::Starting,
        SessionState::Running,
        SessionState::Waiting,
        SessionState::Completed,
        SessionState::Failed,
        SessionState::Cancelled,
        SessionState::Lost,
    ])
}

fn question() -> impl Strategy<Value = Option<String>> {
    let known = prop::sample::select(vec![
        "is it done",
        "what is it doing",
        "what changed",
        "what did it run",
        "did the tests pass",
        "why did it fail",
        "what is it waiting for",
    ]);
    prop_oneof![Just(None), known.prop_map(|known| Some(known.to_owned())), text().prop_map(Some)]
}

fn request() -> impl Strategy<Value = Request> {
    let waiting_for = proptest::collection::vec(
        prop_oneof![call().prop_map(WaitingFor::Approval), text().prop_map(WaitingFor::Question)],
        0..4,
    );
    let previous = proptest::option::of(
        (text(), any::<u64>()).prop_map(|(text, covers)| PreviousSummary { text, covers }),
    );
    let budget = prop_oneof![LEAST_BUDGET..400, any::<u32>().prop_map(|budget| budget.max(LEAST_BUDGET))];
    let texts = (text(), proptest::option::of(text()), question(), previous);
    (texts, state(), waiting_for, proptest::collection::vec(entry(), 0..20), any::<bool>(), budget).prop_map(
        |(
            (utterance, ended_because, question, previous),
            state,
            waiting_for,
            entries,
            is_partial,
            byte_budget,
        )| Request {
            utterance,
            state,
            ended_because,
            waiting_for,
            question,
            previous,
            total_entries: entries.len() as u64 + if is_partial { 100 } else { 0 },
            entries,
            byte_budget,
            now: 0,
        },
    )
}

/// Returns whether a text contains 8-4-4-4-12 hexadecimal digits.
fn has_uuid(text: &str) -> bool {
    text.as_bytes().windows(36).any(|window| {
        window.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    })
}

proptest! {
    #[test]
    fn every_summary_is_short_speakable_and_the_same_each_time(request in request()) {
        let summary = summarize(&request).expect("a summary");
        let text = &summary.text;
        prop_assert!(text.split_whitespace().count() < 60, "too many words: {text}");
        prop_assert!(text.len() <= request.byte_budget as usize, "over the budget: {text}");
        prop_assert!(!text.is_empty());
        prop_assert!(!text.chars().any(char::is_control), "control character: {text:?}");
        prop_assert!(!text.contains(['\u{200b}', '\u{202e}']), "hidden character: {text:?}");
        prop_assert!(!has_uuid(text), "identifier: {text}");
        prop_assert!(text.split(' ').all(|word| word.chars().count() <= 160), "overlong word: {text}");
        prop_assert_eq!(summary.covers, request.total_entries);
        let again = summarize(&request).expect("a summary");
        prop_assert_eq!(&again.text, text);
    }
}

#[test]
fn the_work_is_linear_in_the_entries() {
    let made_of = |count: usize| Request {
        utterance: "x ".repeat(count),
        state: SessionState::Running,
        ended_because: None,
        waiting_for: vec![WaitingFor::Question("[".repeat(count))],
        question: None,
        previous: None,
        entries: (0..count)
            .flat_map(|n| {
                let call = |tool: &str| ToolCall {
                    tool: tool.to_owned(),
                    subject: format!("/p/{n}/mod.rs {}", "a;".repeat(50)),
                };
                [
                    Entry::ToolCall(call("Bash")),
                    Entry::ToolCall(call("Edit")),
                    Entry::ToolResult(ToolResult {
                        call: call("Edit"),
                        succeeded: n % 2 == 0,
                        output: "o".repeat(100),
                    }),
                    Entry::AgentText("[".repeat(100)),
                ]
            })
            .collect(),
        total_entries: 4 * count as u64,
        byte_budget: 2000,
        now: 0,
    };
    let time = |request: &Request| {
        // Takes the best of three, since other processes use the machine too.
        let runs = (0..3).map(|_| {
            let start = Instant::now();
            assert!(summarize(request).is_ok());
            start.elapsed()
        });
        runs.min().unwrap_or(Duration::MAX)
    };
    let (few, many) = (time(&made_of(250)), time(&made_of(4_000)));
    assert!(many < few * 64, "16 times the entries take {many:?} instead of {few:?}");
}

#[test]
fn a_huge_text_costs_no_more_than_reading_it() {
    let huge = "word `[x](y) e.g. 550e8400-e29b-41d4-a716-446655440000 \u{1b}[".repeat(200_000);
    let request = Request {
        utterance: huge.clone(),
        state: SessionState::Failed,
        ended_because: Some(huge.clone()),
        waiting_for: vec![WaitingFor::Approval(ToolCall { tool: huge.clone(), subject: huge.clone() })],
        question: Some(huge.clone()),
        previous: Some(PreviousSummary { text: huge.clone(), covers: 1 }),
        entries: vec![
            Entry::AgentText(huge.clone()),
            Entry::UserText(huge.clone()),
            Entry::ToolCall(ToolCall { tool: "Bash".to_owned(), subject: huge.clone() }),
            Entry::Error(huge),
        ],
        total_entries: 100,
        byte_budget: 2000,
        now: 0,
    };
    let start = Instant::now();
    let summary = summarize(&request).expect("a summary");
    assert!(summary.text.split_whitespace().count() < 60, "{}", summary.text);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
