//! Summaries: at the end of a run, for a question, and periodically during a run.

use super::calls::Call;
use super::decider::Decider;
use super::effect::Effect;
use crate::event::{SummaryEvent, UtteranceEvent, UtteranceResult};
use crate::ids::{CallId, SessionId, TimerId, UtteranceId};
use crate::port_reply::{AdapterReply, PortError};
use crate::routing::questions;
use crate::session::{Session, SessionState, Summary};
use crate::state::OpenUtterance;
use crate::summarization::{self, SummaryBrief};
use crate::time::Clock;

impl Decider<'_> {
    /// Requests a summary of the whole session.
    pub(super) fn summarize(&mut self, session: &Session) {
        let call = self.ask_summarizer(session, None);
        self.summary_event(session.id, SummaryEvent::SummaryRequested { call });
    }

    fn ask_summarizer(&mut self, session: &Session, question: Option<String>) -> CallId {
        let brief = self.summary_brief(session, question);
        self.call(Call::Summarize(Box::new(brief)))
    }

    pub(super) fn summary_brief(&self, session: &Session, question: Option<String>) -> SummaryBrief {
        let clock = Clock { now: self.at, utc_offset_s: self.state.utc_offset_s() };
        summarization::order(session, question, self.state.context().summary_bytes, clock)
    }

    /// Requests a summary of a running session, now or once enough time has passed since the last one. At
    /// most one is open at a time, and only if there are enough new entries.
    pub(super) fn entries_appended(&mut self, id: SessionId, entries: u64) {
        let Some(session) = self.state.session(id).filter(|session| is_at_work(session)) else { return };
        let is_busy = session.summary_call.is_some() || session.summary_timer.is_some();
        if is_busy || !summarization::has_news(session, entries) {
            return;
        }
        let at = summarization::next_at(session);
        if self.at >= at {
            return self.summarize(session);
        }
        let timer = TimerId(self.ids.fresh());
        self.summary_event(id, SummaryEvent::SummaryScheduled { timer });
        self.step.effects.push(Effect::ArmTimer { timer, at });
    }

    pub(super) fn summary_due(&mut self, timer: TimerId) {
        let state = self.state;
        let due = state.sessions().into_iter().find(|session| session.summary_timer == Some(timer));
        let Some(session) = due.filter(|session| is_at_work(session)) else { return };
        let at = summarization::next_at(session);
        if self.at >= at {
            self.summarize(session);
        } else {
            // The timer's clock is ahead of this one, which may have been set back.
            self.step.effects.push(Effect::ArmTimer { timer, at });
        }
    }

    pub(super) fn question(
        &mut self,
        utterance: UtteranceId,
        open: &OpenUtterance,
        session: Option<SessionId>,
    ) {
        let of_agent =
            || questions::session_of_agent(&open.utterance.text, self.state).map(|session| session.id);
        let asked_about = session.or_else(of_agent).or_else(|| self.session_meant_at(&open.origin));
        if let Some(fact) = questions::fact(&open.utterance.text) {
            let session = asked_about.and_then(|id| self.state.session(id));
            let text = questions::answer(fact, self.state, session, self.at);
            return self.close(utterance, UtteranceResult::Answered { text, by: None });
        }
        let Some(session) = asked_about.and_then(|id| self.state.session(id)) else {
            let text = summarization::overview(self.state, self.at);
            return self.close(utterance, UtteranceResult::Answered { text, by: None });
        };
        let call = self.ask_summarizer(session, Some(open.utterance.text.clone()));
        self.utterance_event(utterance, UtteranceEvent::SummarizerAsked { session: session.id, call });
    }

    pub(super) fn summarized(&mut self, call: CallId, result: &Result<AdapterReply<Summary>, PortError>) {
        let state = self.state;
        if let Some(session) = state.sessions().into_iter().find(|s| s.summary_call == Some(call)) {
            let event = match result {
                Ok(reply) => SummaryEvent::SummaryProduced { reply: reply.clone() },
                Err(error) => SummaryEvent::SummaryFailed { error: error.clone() },
            };
            return self.summary_event(session.id, event);
        }
        let open_question = state.utterances().find_map(|(id, open)| match open.question {
            Some((session, open_call)) if open_call == call => Some((id, session)),
            _ => None,
        });
        let Some((utterance, session)) = open_question else { return };
        let (text, by) = match (result, state.session(session)) {
            (Ok(reply), _) => (reply.answer.text.clone(), Some(reply.adapter.clone())),
            (Err(_), Some(session)) => {
                let clock = Clock { now: self.at, utc_offset_s: self.state.utc_offset_s() };
                (summarization::sentence_at(session, clock), None)
            }
            (Err(error), None) => {
                return self.close(utterance, UtteranceResult::Failed { error: error.clone() });
            }
        };
        self.close(utterance, UtteranceResult::Answered { text, by });
    }
}

const fn is_at_work(session: &Session) -> bool {
    matches!(session.state, SessionState::Running | SessionState::Waiting)
}
