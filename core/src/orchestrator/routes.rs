//! What was said, and what routers and summarizers make of it.

use super::{Decider, Effect, Notice};
use crate::call::{
    Answered, Call, MAX_SESSIONS, MAX_UTTERANCE, OpenConfirmation, PortError, Proposal, RouteRequest, Summary,
};
use crate::command::{Actor, Decision as RequestDecision, Origin, Utterance};
use crate::consent::{self, Plan};
use crate::event::{ConsentEvent, SummaryEvent, UtteranceEvent, UtteranceResult};
use crate::ids::{CallId, ConfirmationId, SessionId, TimerId, UtteranceId};
use crate::routing::decision::{self, Decision};
use crate::routing::grammar;
use crate::session::{RequestKind, Session};
use crate::state::OpenUtterance;
use crate::summarization;

impl Decider<'_> {
    pub(super) fn say(&mut self, origin: &Origin, said: &Utterance) {
        if said.text.trim().is_empty() {
            return self.refuse(origin, "nothing was said; say what is to be done");
        }
        if said.text.len() > MAX_UTTERANCE {
            return self.refuse(
                origin,
                &format!(
                    "that is {} bytes long; at most {MAX_UTTERANCE} are taken: put the rest in a file",
                    said.text.len()
                ),
            );
        }
        if let Some(confirmation) = self.state.confirmation_at(origin) {
            return self.typed_answer(origin, confirmation, &said.text);
        }
        if let Some(yes) = grammar::bare_answer(&said.text)
            && self.bare_answer(origin, yes)
        {
            return;
        }
        let utterance = UtteranceId(self.ids.fresh());
        if let Some(action) = grammar::control(&said.text)
            && let Some(session) = self.only_live_session()
        {
            self.received(utterance, origin, said, None);
            let result = match self.stop_or_interrupt(session, action, &Actor::of(origin)) {
                Ok(()) => UtteranceResult::Done { session },
                Err(hint) => UtteranceResult::NotUnderstood { hint },
            };
            return self.close(utterance, result);
        }
        let request = self.route_request(origin, said);
        let call = self.call(Call::Route(Box::new(request)));
        self.received(utterance, origin, said, Some(call));
    }

    fn received(&mut self, utterance: UtteranceId, origin: &Origin, said: &Utterance, call: Option<CallId>) {
        let (origin, said) = (origin.clone(), said.clone());
        self.utterance_event(utterance, UtteranceEvent::Received { origin, said, call });
    }

    /// Answers the one approval that waits for this origin; `false` where none does.
    fn bare_answer(&mut self, origin: &Origin, yes: bool) -> bool {
        let waiting: Vec<(SessionId, String, &RequestKind)> = self
            .state
            .sessions()
            .into_iter()
            .filter(|s| s.origin == *origin)
            .flat_map(|s| s.pending.iter().map(|p| (s.id, p.id.clone(), &p.kind)))
            .collect();
        match waiting.as_slice() {
            [] => false,
            [(session, request, RequestKind::Approval { .. } | RequestKind::Plan { .. })] => {
                let decision = if yes {
                    RequestDecision::Allow
                } else {
                    RequestDecision::Deny { message: "The user said no.".to_owned() }
                };
                self.decide_request(origin, *session, request, &decision);
                true
            }
            [_] => {
                self.refuse(origin, "that is a question with answers of its own; choose one of them");
                true
            }
            several => {
                self.refuse(
                    origin,
                    &format!("{} things wait for an answer; say which one you mean", several.len()),
                );
                true
            }
        }
    }

    fn only_live_session(&self) -> Option<SessionId> {
        let sessions = self.state.sessions();
        let mut live = sessions.iter().filter(|s| !s.state.has_ended());
        match (live.next(), live.next()) {
            (Some(only), None) => Some(only.id),
            _ => None,
        }
    }

    fn route_request(&self, origin: &Origin, said: &Utterance) -> RouteRequest {
        let state = self.state;
        RouteRequest {
            utterance: said.text.clone(),
            channel: origin.channel,
            confirmation: state.confirmation_at(origin).map(|c| OpenConfirmation {
                id: c.id,
                question: c.plans.iter().map(|p| self.described(p)).collect::<Vec<_>>().join(", or "),
            }),
            turns: state.turns(origin),
            projects: state.settings().projects.clone(),
            agents: state.settings().agents.clone(),
            sessions: state.sessions().into_iter().take(MAX_SESSIONS).map(Session::brief).collect(),
            constraints: said.constraints.clone(),
            now: self.at,
        }
    }

    fn described(&self, plan: &Plan) -> String {
        consent::describe(plan, plan.session().and_then(|id| self.state.session(id)))
    }

    pub(super) fn routed(&mut self, call: CallId, result: &Result<Answered<Proposal>, PortError>) {
        let state = self.state;
        let Some((utterance, open)) = state.utterances().find(|(_, open)| open.routing == Some(call)) else {
            return;
        };
        let answered = match result {
            Ok(answered) => answered,
            Err(error) => return self.close(utterance, UtteranceResult::Failed { error: error.clone() }),
        };
        self.utterance_event(utterance, UtteranceEvent::Routed { answered: answered.clone() });
        match decision::decide(state, &open.origin, &open.said, &answered.answer) {
            Decision::Consent(plans) => self.consent(utterance, open, plans),
            Decision::Answer(session) => self.question(utterance, open, session),
            Decision::NotUnderstood(hint) => self.close(utterance, UtteranceResult::NotUnderstood { hint }),
        }
    }

    fn consent(&mut self, utterance: UtteranceId, open: &OpenUtterance, plans: Vec<Plan>) {
        if let ([plan], Some(flag)) = (plans.as_slice(), &open.said.consent_flag)
            && plan.is_launch()
        {
            let by = Actor::Flag { name: flag.clone() };
            let granted = ConsentEvent::Granted { confirmation: None, plan: plan.clone(), by: by.clone() };
            self.consent_event(utterance, granted);
            return self.carry_out(utterance, open, plan, &by);
        }
        if !open.said.attended {
            let reason = match plans.as_slice() {
                [_] if open.said.consent_flag.is_some() => {
                    "that needs a yes of its own, and there is no terminal to ask at"
                }
                [_] => "there is no terminal to ask at; --yes consents to a launch beforehand",
                _ => {
                    "it can be read in several ways, and there is no terminal to ask at; say it more exactly"
                }
            };
            return self.decline(utterance, None, reason);
        }
        if self.state.confirmation_at(&open.origin).is_some() {
            return self.decline(
                utterance,
                None,
                "another question is still open; answer that one, then say this again",
            );
        }
        let confirmation = ConfirmationId(self.ids.fresh());
        let timer = TimerId(self.ids.fresh());
        let deadline = self.at.plus(self.state.settings().confirmation_ms);
        self.consent_event(utterance, ConsentEvent::Asked { confirmation, plans, deadline, timer });
        self.step.effects.push(Effect::Arm { timer, at: deadline });
    }

    fn question(&mut self, utterance: UtteranceId, open: &OpenUtterance, session: Option<SessionId>) {
        let asked_about = session.or_else(|| self.only_live_session());
        let Some(session) = asked_about.and_then(|id| self.state.session(id)) else {
            let text = summarization::overview(self.state);
            return self.close(utterance, UtteranceResult::Answered { text });
        };
        let budget = self.state.settings().summary_bytes;
        let order = summarization::order(session, Some(open.said.text.clone()), budget, self.at);
        let call = self.call(Call::Summarize(Box::new(order)));
        self.utterance_event(utterance, UtteranceEvent::Questioned { session: session.id, call });
    }

    pub(super) fn summarized(&mut self, call: CallId, result: &Result<Answered<Summary>, PortError>) {
        let state = self.state;
        if let Some(session) = state.sessions().into_iter().find(|s| s.summary_call == Some(call)) {
            let event = match result {
                Ok(answered) => SummaryEvent::Made { answered: answered.clone() },
                Err(error) => SummaryEvent::Failed { error: error.clone() },
            };
            return self.summary_event(session.id, event);
        }
        let asked = state.utterances().find_map(|(id, open)| match open.question {
            Some((session, open_call)) if open_call == call => Some((id, session)),
            _ => None,
        });
        let Some((utterance, session)) = asked else { return };
        let text = match (result, state.session(session)) {
            (Ok(answered), _) => answered.answer.text.clone(),
            (Err(_), Some(session)) => summarization::sentence(session),
            (Err(error), None) => {
                return self.close(utterance, UtteranceResult::Failed { error: error.clone() });
            }
        };
        self.close(utterance, UtteranceResult::Answered { text });
    }

    pub(super) fn decline(
        &mut self,
        utterance: UtteranceId,
        confirmation: Option<ConfirmationId>,
        reason: &str,
    ) {
        let reason = reason.to_owned();
        self.consent_event(utterance, ConsentEvent::Declined { confirmation, reason: reason.clone() });
        self.close(utterance, UtteranceResult::Declined { reason });
    }

    pub(super) fn notice_overview(&mut self, origin: &Origin) {
        let notice = Notice::Answer { text: summarization::overview(self.state) };
        self.step.effects.push(Effect::Notice { origin: origin.clone(), notice });
    }
}
