//! What was said, and what routers and summarizers make of it.

use super::{Decider, Effect, Notice};
use crate::call::{
    AdapterReply, Call, MAX_SESSIONS, MAX_UTTERANCE, OpenConfirmation, PortError, Proposal, RouteRequest,
};
use crate::command::{Actor, Channel, Constraints, Origin, Utterance};
use crate::consent::{self, Plan};
use crate::event::{ConsentEvent, UtteranceEvent, UtteranceResult};
use crate::ids::{CallId, ConfirmationId, SessionId, TimerId, UtteranceId};
use crate::routing::decision::{self, Decision};
use crate::routing::{beforehand, grammar, named};
use crate::session::Session;
use crate::state::OpenUtterance;

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
        if !said.question && self.answers_or_controls(origin, said) {
            return;
        }
        let utterance = UtteranceId(self.ids.fresh());
        let request = self.route_request(utterance, origin, said);
        let call = self.call(Call::Route(Box::new(request)));
        self.received(utterance, origin, said, Some(call));
    }

    /// Does what the core's own grammar understands; `false` where a router has to be asked.
    fn answers_or_controls(&mut self, origin: &Origin, said: &Utterance) -> bool {
        if let Some(answered) = said.answers {
            match self.state.confirmation(answered).filter(|open| open.origin == *origin) {
                Some(_) if said.pasted => self.refuse(origin, "what is pasted is no answer; type it"),
                Some(confirmation) => self.typed_answer(origin, confirmation, &said.text),
                None => self.refuse(origin, "that question is no longer open"),
            }
            return true;
        }
        if said.pasted {
            return false;
        }
        let (Some(action), Some(session)) =
            (grammar::control(&said.text), self.session_controlled(origin, said))
        else {
            return false;
        };
        let utterance = UtteranceId(self.ids.fresh());
        self.received(utterance, origin, said, None);
        let by = Actor::of(origin);
        self.carry_out(utterance, (origin, said), &Plan::Control { session, action }, &by);
        true
    }

    fn received(&mut self, utterance: UtteranceId, origin: &Origin, said: &Utterance, call: Option<CallId>) {
        let (origin, said) = (origin.clone(), said.clone());
        self.utterance_event(utterance, UtteranceEvent::Received { origin, said, call });
    }

    /// Returns the session that words without a name mean: the only one at work of this origin, or of all.
    pub(super) fn session_meant_at(&self, origin: &Origin) -> Option<SessionId> {
        let sessions = self.state.sessions();
        let live = || sessions.iter().filter(|session| !session.state.has_ended());
        only(live().filter(|session| session.origin == *origin))
            .or_else(|| only(live()).filter(|_| live().all(|session| session.origin != *origin)))
            .map(|session| session.id)
    }

    /// Returns the session that an order without a name stops or interrupts, unasked: the only one at work of this origin, or
    /// of the project where it is said. Flags exclude all others.
    fn session_controlled(&self, origin: &Origin, said: &Utterance) -> Option<SessionId> {
        let Constraints { agent, project } = &said.constraints;
        let place = project.as_deref().or(said.default_project.as_deref());
        let sessions = self.state.sessions();
        let live = || {
            sessions.iter().filter(|session| {
                !session.state.has_ended()
                    && agent.as_ref().is_none_or(|agent| *agent == session.agent)
                    && project.as_ref().is_none_or(|project| *project == session.project.name)
            })
        };
        let is_own = |session: &Session| session.origin == *origin;
        let meant = match live().any(|session| is_own(session)) {
            true => only(live().filter(|session| is_own(session))),
            false => only(live().filter(|session| place == Some(session.project.name.as_str()))),
        };
        meant.map(|session| session.id)
    }

    /// Returns the sessions that words at an origin may be about. Where one is at work that was started there, those at work
    /// elsewhere are not meant: they have terminals of their own. Words about "the other one" mean just those. A session of
    /// another project is meant only by words that name it, ask, or order to stop and nothing else.
    fn sessions_for(&self, origin: &Origin, said: &Utterance) -> impl Iterator<Item = &Session> {
        let is_own = |session: &Session| session.origin == *origin && !session.state.has_ended();
        let sessions = self.state.sessions();
        let has_own = sessions.iter().any(|session| is_own(session));
        let means_other = grammar::means_other_session(&said.text);
        let place = said.constraints.project.as_deref().or(said.default_project.as_deref());
        let points = said.question || grammar::points_at_session(&said.text);
        let words = named::words(&said.text);
        let is_near = move |session: &Session| {
            points
                || place.is_none_or(|place| place == session.project.name)
                || [&session.project.name, &session.agent]
                    .iter()
                    .any(|name| !named::places(&words, name).is_empty())
        };
        sessions.into_iter().filter(move |session| match means_other {
            true => !is_own(session),
            false => {
                let is_far = has_own && !session.state.has_ended();
                is_own(session) || (!is_far && is_near(session))
            }
        })
    }

    /// Returns whether a person at a terminal says something to the only agent there, in words that the router left alone.
    fn needs_no_confirmation(&self, open: &OpenUtterance, plans: &[Plan]) -> bool {
        let [Plan::FollowUp { session, prompt }] = plans else { return false };
        !self.state.settings().confirm_follow_ups
            && open.said.attended
            && open.origin.channel == Channel::Terminal
            && prompt.trim() == open.said.text.trim()
            && self.state.session(*session).is_some_and(|session| session.origin == open.origin)
            && self.session_meant_at(&open.origin) == Some(*session)
    }

    fn route_request(&self, id: UtteranceId, origin: &Origin, said: &Utterance) -> RouteRequest {
        let state = self.state;
        RouteRequest {
            id,
            utterance: said.text.clone(),
            channel: origin.channel,
            confirmation: state.confirmation_at(origin).map(|c| OpenConfirmation {
                id: c.id,
                question: c.plans.iter().map(|p| self.described(p)).collect::<Vec<_>>().join(", or "),
            }),
            turns: state.turns(origin),
            projects: state.settings().projects.clone(),
            agents: state.settings().agents.clone(),
            sessions: self.sessions_for(origin, said).take(MAX_SESSIONS).map(Session::brief).collect(),
            constraints: said.constraints.clone(),
            now: self.at,
        }
    }

    pub(super) fn described(&self, plan: &Plan) -> String {
        consent::describe(plan, plan.session().and_then(|id| self.state.session(id)))
    }

    pub(super) fn routed(&mut self, call: CallId, result: &Result<AdapterReply<Proposal>, PortError>) {
        let state = self.state;
        let Some((utterance, open)) = state.utterances().find(|(_, open)| open.routing == Some(call)) else {
            return;
        };
        let answered = match result {
            Ok(answered) => answered,
            Err(error) => return self.close(utterance, UtteranceResult::Failed { error: error.clone() }),
        };
        self.utterance_event(utterance, UtteranceEvent::Routed { answered: answered.clone() });
        let mut decision = decision::decide(state, &open.origin, &open.said, &answered.answer);
        if let Decision::Consent(plans) = &mut decision {
            let why = self.leave_out_unstartable(plans);
            if plans.is_empty() {
                return self.close(utterance, UtteranceResult::Unstartable { reason: why.join("; ") });
            }
            for why in why {
                self.notice(&open.origin, format!("not offered: {why}"));
            }
        }
        match decision {
            Decision::Consent(plans) if decision::is_guess(&answered.answer) => {
                self.offer(utterance, open, plans, &answered.answer);
            }
            Decision::Consent(plans) if self.needs_no_confirmation(open, &plans) => {
                let [plan] = plans.as_slice() else { return };
                let by = Actor::of(&open.origin);
                let granted =
                    ConsentEvent::Granted { confirmation: None, plan: plan.clone(), by: by.clone() };
                self.consent_event(utterance, granted);
                self.carry_out(utterance, (&open.origin, &open.said), plan, &by);
            }
            Decision::Consent(plans) => self.consent(utterance, open, plans),
            Decision::Answer(session) => self.question(utterance, open, session),
            Decision::NotUnderstood(hint) => self.close(utterance, UtteranceResult::NotUnderstood { hint }),
        }
    }

    /// Leaves out the plans that need an agent which cannot be started, and says why it cannot: nobody is to consent in vain.
    fn leave_out_unstartable(&self, plans: &mut Vec<Plan>) -> Vec<String> {
        let mut all_why = Vec::new();
        plans.retain(|plan| {
            let session = plan.session().and_then(|id| self.state.session(id));
            let agent = match (plan, session) {
                (Plan::Launch { agent, .. }, _) => agent,
                (_, Some(session)) if session.state.has_ended() => &session.agent,
                _ => return true,
            };
            let Err(why) = self.state.can_start(agent) else { return true };
            if !all_why.contains(&why) {
                all_why.push(why);
            }
            false
        });
        all_why
    }

    fn consent(&mut self, utterance: UtteranceId, open: &OpenUtterance, plans: Vec<Plan>) {
        let mut uncovered = None;
        if let ([plan], Some(flag)) = (plans.as_slice(), named_flag(&open.said)) {
            match beforehand::covers(self.state, &open.said, plan) {
                Ok(()) => {
                    let by = Actor::Flag { name: flag.to_owned() };
                    let granted =
                        ConsentEvent::Granted { confirmation: None, plan: plan.clone(), by: by.clone() };
                    self.consent_event(utterance, granted);
                    return self.carry_out(utterance, (&open.origin, &open.said), plan, &by);
                }
                Err(why) => {
                    let what = self.described(plan);
                    uncovered = Some(format!(
                        "{flag} does not cover to {what}, and there is no terminal to ask at: {why}"
                    ));
                }
            }
        }
        if !open.said.attended {
            let reason = match (plans.as_slice(), &uncovered) {
                (_, Some(uncovered)) => uncovered,
                ([_], None) => "there is no terminal to ask at; --yes consents to a launch beforehand",
                (_, None) => {
                    "it can be read in several ways, and there is no terminal to ask at; say it more exactly"
                }
            };
            return self.decline(utterance, None, reason);
        }
        self.ask(utterance, open, plans);
    }

    /// Offers what a router is not sure of: only a person's own yes has it done.
    fn offer(&mut self, utterance: UtteranceId, open: &OpenUtterance, plans: Vec<Plan>, guess: &Proposal) {
        if open.said.attended {
            return self.ask(utterance, open, plans);
        }
        let hint = decision::hint_of_guess(guess);
        self.close(utterance, UtteranceResult::NotUnderstood { hint });
    }

    fn ask(&mut self, utterance: UtteranceId, open: &OpenUtterance, plans: Vec<Plan>) {
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
        self.consent_event(
            utterance,
            ConsentEvent::ConfirmationRequested { confirmation, plans, deadline, timer },
        );
        self.step.effects.push(Effect::ArmTimer { timer, at: deadline });
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

    pub(super) fn notice(&mut self, origin: &Origin, text: String) {
        let notice = Notice::Answer { text };
        self.step.effects.push(Effect::Notice { origin: origin.clone(), notice });
    }
}

/// Returns the flag that consents beforehand. One without a name is no word of anybody.
fn named_flag(said: &Utterance) -> Option<&str> {
    said.consent_flag.as_deref().filter(|flag| flag.chars().any(char::is_alphanumeric))
}

fn only<'a, T>(mut all: impl Iterator<Item = &'a &'a T>) -> Option<&'a T> {
    match (all.next(), all.next()) {
        (Some(only), None) => Some(*only),
        _ => None,
    }
}
