//! Handles utterances and turns routers' proposals into plans.

use super::calls::Call;
use super::decider::{Decider, only};
use super::effect::Effect;
use crate::command::{Constraints, MAX_UTTERANCE, Utterance};
use crate::consent::Plan;
use crate::event::{ConsentEvent, UtteranceEvent, UtteranceResult};
use crate::ids::{CallId, ConfirmationId, SessionId, TimerId, UtteranceId};
use crate::intent::Proposal;
use crate::origin::{Actor, Channel, Origin};
use crate::port_reply::{AdapterReply, PortError};
use crate::routing::decision::{self, Decision};
use crate::routing::request::{MAX_SESSIONS, OpenConfirmation, RouteRequest};
use crate::routing::{consent_flag, grammar, named, questions};
use crate::session::Session;
use crate::state::OpenUtterance;

impl Decider<'_> {
    pub(super) fn say(&mut self, origin: &Origin, utterance: &Utterance) {
        if utterance.text.trim().is_empty() {
            return self.refuse(origin, "the request is empty; say what should be done");
        }
        if utterance.text.len() > MAX_UTTERANCE {
            return self.refuse(
                origin,
                &format!(
                    "the request is {} bytes long, at most {MAX_UTTERANCE} are accepted; put the rest in a \
                        file",
                    utterance.text.len()
                ),
            );
        }
        if !utterance.question && self.answers_or_controls(origin, utterance) {
            return;
        }
        let id = UtteranceId(self.ids.fresh());
        let request = self.route_request(id, origin, utterance);
        let call = self.call(Call::Route(Box::new(request)));
        self.received(id, origin, utterance, Some(call));
    }

    /// Handles an utterance that the core's grammar understands. Returns `false` if it needs a router.
    fn answers_or_controls(&mut self, origin: &Origin, utterance: &Utterance) -> bool {
        if let Some(answered) = utterance.answers {
            match self.state.confirmation(answered).filter(|open| open.origin == *origin) {
                Some(_) if utterance.pasted => {
                    self.refuse(origin, "pasted text is not accepted as an answer; type it")
                }
                Some(confirmation) => self.typed_answer(origin, confirmation, &utterance.text),
                None => self.refuse(origin, "that question is no longer open"),
            }
            return true;
        }
        if utterance.pasted {
            return false;
        }
        let (Some(action), Some(session)) =
            (grammar::control(&utterance.text), self.session_controlled(origin, utterance))
        else {
            return false;
        };
        let id = UtteranceId(self.ids.fresh());
        self.received(id, origin, utterance, None);
        let by = Actor::of(origin);
        self.carry_out(id, (origin, utterance), &Plan::Control { session, action }, &by);
        true
    }

    fn received(&mut self, id: UtteranceId, origin: &Origin, utterance: &Utterance, call: Option<CallId>) {
        let (origin, utterance) = (origin.clone(), utterance.clone());
        self.utterance_event(id, UtteranceEvent::Received { origin, utterance, call });
    }

    /// Returns the session that an instruction without a name stops or interrupts without asking: the only
    /// active one of this origin or, if this origin has none, of the utterance's project. Flags exclude all
    /// others.
    fn session_controlled(&self, origin: &Origin, utterance: &Utterance) -> Option<SessionId> {
        let Constraints { agent, project } = &utterance.constraints;
        let place = project.as_deref().or(utterance.default_project.as_deref());
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

    /// Returns the sessions that an utterance at an origin may mean. If a session of this origin is active,
    /// active sessions of other origins are excluded, unless the text says "the other one". Otherwise, a
    /// session of another project is included only if the text names it or its agent, asks, or points at a
    /// session. An ended session that takes no more prompts is included only if the text asks or points at a
    /// session, so that it does not capture new work.
    fn sessions_for(&self, origin: &Origin, utterance: &Utterance) -> impl Iterator<Item = &Session> {
        let is_own = |session: &Session| session.origin == *origin && !session.state.has_ended();
        let sessions = self.state.sessions();
        let has_own = sessions.iter().any(|session| is_own(session));
        let means_other = grammar::means_other_session(&utterance.text);
        let place = utterance.constraints.project.as_deref().or(utterance.default_project.as_deref());
        let points = utterance.question || grammar::points_at_session(&utterance.text);
        let knows_all = points || questions::asks(&utterance.text);
        let is_possible = move |session: &Session| {
            knows_all || !session.state.has_ended() || self.state.takes_more(session).is_ok()
        };
        let words = named::words(&utterance.text);
        let is_near = move |session: &Session| {
            points
                || place.is_none_or(|place| place == session.project.name)
                || [&session.project.name, &session.agent]
                    .iter()
                    .any(|name| !named::places(&words, name).is_empty())
        };
        let sessions = sessions.into_iter().filter(move |session| is_possible(session));
        sessions.filter(move |session| match means_other {
            true => !is_own(session),
            false => {
                let is_far = has_own && !session.state.has_ended();
                is_own(session) || (!is_far && is_near(session))
            }
        })
    }

    /// Returns whether a person at a terminal addresses the only agent there, and the router left the text
    /// unchanged.
    fn needs_no_confirmation(&self, open: &OpenUtterance, plans: &[Plan]) -> bool {
        let [Plan::FollowUp { session, prompt }] = plans else { return false };
        !self.state.context().confirm_follow_ups
            && open.utterance.attended
            && open.origin.channel == Channel::Terminal
            && prompt.trim() == open.utterance.text.trim()
            && self.state.session(*session).is_some_and(|session| session.origin == open.origin)
            && self.session_meant_at(&open.origin) == Some(*session)
    }

    pub(super) fn route_request(
        &self,
        id: UtteranceId,
        origin: &Origin,
        utterance: &Utterance,
    ) -> RouteRequest {
        let state = self.state;
        RouteRequest {
            id,
            utterance: utterance.text.clone(),
            channel: origin.channel,
            confirmation: state.confirmation_at(origin).map(|c| OpenConfirmation {
                id: c.id,
                question: c.plans.iter().map(|p| self.described(p)).collect::<Vec<_>>().join(", or "),
            }),
            turns: state.turns(origin),
            projects: state.context().projects.clone(),
            agents: state.context().agents.clone(),
            sessions: self.sessions_for(origin, utterance).take(MAX_SESSIONS).map(Session::brief).collect(),
            constraints: utterance.constraints.clone(),
            now: self.at,
        }
    }

    pub(super) fn routed(&mut self, call: CallId, result: &Result<AdapterReply<Proposal>, PortError>) {
        let state = self.state;
        let Some((utterance, open)) = state.utterances().find(|(_, open)| open.routing == Some(call)) else {
            return;
        };
        let reply = match result {
            Ok(reply) => reply,
            Err(error) => return self.close(utterance, UtteranceResult::Failed { error: error.clone() }),
        };
        self.utterance_event(utterance, UtteranceEvent::Routed { reply: reply.clone() });
        let mut decision = decision::decide(state, &open.origin, &open.utterance, &reply.answer);
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
            Decision::Consent(plans) if decision::is_guess(&reply.answer) => {
                self.offer(utterance, open, plans, &reply.answer);
            }
            Decision::Consent(plans) if self.needs_no_confirmation(open, &plans) => {
                let [plan] = plans.as_slice() else { return };
                let by = Actor::of(&open.origin);
                let granted =
                    ConsentEvent::Granted { confirmation: None, plan: plan.clone(), by: by.clone() };
                self.consent_event(utterance, granted);
                self.carry_out(utterance, (&open.origin, &open.utterance), plan, &by);
            }
            Decision::Consent(plans) => self.consent(utterance, open, plans),
            Decision::Answer(session) => self.question(utterance, open, session),
            Decision::NotUnderstood(hint) => self.close(utterance, UtteranceResult::NotUnderstood { hint }),
        }
    }

    /// Removes plans whose agent cannot be started, and returns the reasons.
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
        if let ([plan], Some(flag)) = (plans.as_slice(), named_flag(&open.utterance)) {
            match consent_flag::covers(self.state, &open.utterance, plan) {
                Ok(()) => {
                    let by = Actor::Flag { name: flag.to_owned() };
                    let granted =
                        ConsentEvent::Granted { confirmation: None, plan: plan.clone(), by: by.clone() };
                    self.consent_event(utterance, granted);
                    return self.carry_out(utterance, (&open.origin, &open.utterance), plan, &by);
                }
                Err(why) => {
                    let what = self.described(plan);
                    let unattended = match open.origin.channel {
                        Channel::Script => "the request is not attended",
                        Channel::Terminal | Channel::Demo => "there is no terminal to ask at",
                    };
                    uncovered =
                        Some(format!("{flag} does not cover the plan to {what}, and {unattended}: {why}"));
                }
            }
        }
        if !open.utterance.attended {
            let is_script = open.origin.channel == Channel::Script;
            let reason = match (plans.as_slice(), &uncovered) {
                (_, Some(uncovered)) => uncovered,
                ([_], None) if is_script => {
                    "the request is not attended; set \"attended\", or consent in advance \
                     with \"consent_flag\""
                }
                (_, None) if is_script => "the request is ambiguous and not attended; be more specific",
                ([_], None) => "there is no terminal to ask at; --yes consents to a launch in advance",
                (_, None) => "the request is ambiguous, and there is no terminal to ask at; be more specific",
            };
            return self.decline(utterance, None, reason);
        }
        self.ask(utterance, open, plans);
    }

    /// Offers a proposal that the router is unsure of: only a person can consent to it.
    fn offer(&mut self, utterance: UtteranceId, open: &OpenUtterance, plans: Vec<Plan>, guess: &Proposal) {
        if open.utterance.attended {
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
                "another question is still open; answer it first, then repeat this request",
            );
        }
        let confirmation = ConfirmationId(self.ids.fresh());
        let timer = TimerId(self.ids.fresh());
        let deadline = self.at.plus(self.state.context().confirmation_ms);
        self.consent_event(
            utterance,
            ConsentEvent::ConfirmationRequested { confirmation, plans, deadline, timer },
        );
        self.step.effects.push(Effect::ArmTimer { timer, at: deadline });
    }
}

/// Returns the flag that consents in advance. A flag without a name never consents.
fn named_flag(utterance: &Utterance) -> Option<&str> {
    utterance.consent_flag.as_deref().filter(|flag| flag.chars().any(char::is_alphanumeric))
}
