//! Builds inputs of every kind from a few small numbers.

use super::*;

pub(super) fn observation(what: u8, n: u8) -> Observation {
    match what % 20 {
        0 => Observation::ConversationIdentified { conversation: format!("c{n}") },
        1 | 2 => {
            let plan = RequestKind::Plan { plan: "plan".to_owned() };
            support::asked(&format!("r{n}"), if n == 0 { plan } else { support::approval("make") })
        }
        3 => Observation::RequestWithdrawn { request: format!("r{n}") },
        4 => Observation::TurnEnded { failure: (n == 0).then(|| "broken".to_owned()) },
        5 => Observation::UsageReported(Usage { input_tokens: n.into(), output_tokens: 1, cost_usd: None }),
        6 => Observation::ArtifactRecorded(Artifact::File {
            path: format!("f{n}"),
            change: FileChange::Created,
        }),
        7 => Observation::UsageLimitReached { until: Some(Timestamp(n.into())), reason: "limit".to_owned() },
        8 => Observation::AgentStalled(Stall::Silent { since: Timestamp(n.into()) }),
        9 => {
            let reason = format!("it failed {n} times");
            Observation::AgentStalled(Stall::Retrying { since: Timestamp(1), reason })
        }
        10 => Observation::StallEnded,
        11 => Observation::RequestRefused { what: "a dialog".to_owned(), why: "nobody knows it".to_owned() },
        12 => Observation::ToolCallDenied(Denial {
            tool: "Bash".to_owned(),
            subject: format!("make {n}"),
            by: None,
        }),
        13 => Observation::SubagentFailed(FailedSubagent {
            description: format!("count {n}"),
            stopped: n == 0,
            reason: String::new(),
        }),
        14 => Observation::ModelReported { name: format!("m{n}") },
        15 => Observation::FilesChangedConcurrently { files: n.into() },
        16 => Observation::FoldersNotSearched(UnsearchedFolders {
            folders: vec![format!("d{n}")],
            more: n.into(),
        }),
        17 => Observation::AgentContinued,
        18 => Observation::PromptsUndelivered(UndeliveredPrompts {
            messages: vec![format!("m{n}")],
            more: n.into(),
        }),
        19 if n == 0 => Observation::Orphaned { exit: None },
        _ => Observation::ProcessExited(Exit { code: Some(i32::from(n) - 1), signal: None }),
    }
}

pub(super) fn intent(kind: u8, session: Option<SessionId>) -> Intent {
    let session = session.map_or_else(|| "nonsense".to_owned(), |s| s.to_string());
    match kind % 8 {
        0..=2 => support::launch("shop", "yes, the user has confirmed this"),
        3 => Intent::Launch { agent: "nobody".to_owned(), project: None, prompt: String::new() },
        4 => Intent::FollowUp { session, prompt: "go on".to_owned() },
        5 => Intent::Query { session: Some(session), question: "?".to_owned() },
        6 => Intent::Control { session, action: ControlAction::Stop },
        _ => Intent::CannotParse { hint: "say more".to_owned() },
    }
}

pub(super) fn reply(call: &Call, kind: u8, session: Option<SessionId>, confidence: u8) -> Reply {
    let failed = PortError::Unavailable { message: "gone".to_owned() };
    match call {
        Call::Route(_) if kind == 255 => Reply::Routed(Err(failed)),
        Call::Route(_) => Reply::Routed(Ok(support::answered(Proposal {
            intent: intent(kind, session),
            confidence,
            candidates: vec![Candidate { intent: intent(kind / 8, session), confidence: 50 }],
            reason: "yes".to_owned(),
        }))),
        Call::Summarize(_) if kind.is_multiple_of(4) => Reply::Summarized(Err(failed)),
        Call::Summarize(_) => {
            Reply::Summarized(Ok(support::answered(Summary { text: "done".to_owned(), covers: 1 })))
        }
        Call::Start(_) if kind.is_multiple_of(5) => Reply::Started(Err(failed)),
        Call::Start(_) => Reply::Started(Ok(AgentProcess { pid: 1, started_at: Timestamp(1) })),
        Call::Send { session, .. }
        | Call::Decide { session, .. }
        | Call::Interrupt { session }
        | Call::Stop { session } => Reply::Delivered {
            session: *session,
            result: if kind.is_multiple_of(3) { Err(failed) } else { Ok(()) },
        },
    }
}
