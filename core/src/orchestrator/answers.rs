//! Answers to confirmations, typed or by identifier, and the deadlines of those.

use super::agents::{Asker, RESUME_PROMPT};
use super::{Decider, Effect};
use crate::command::{Actor, Answer, ControlAction, Origin, Utterance};
use crate::consent::{Confirmation, MAX_REASKS, Plan};
use crate::event::{ConsentEvent, UtteranceResult};
use crate::ids::{ConfirmationId, TimerId, UtteranceId};
use crate::permission;
use crate::routing::grammar::{self, TypedAnswer};
use crate::routing::place;
use crate::state::OpenUtterance;
use crate::summarization;

impl Decider<'_> {
    pub(super) fn typed_answer(&mut self, origin: &Origin, confirmation: &Confirmation, text: &str) {
        if let Some(plan) = place::elsewhere(text, confirmation, &self.state.settings().projects) {
            return self.changed(confirmation, plan);
        }
        if let [first, rest @ ..] =
            place::others(text, confirmation, &self.state.settings().projects).as_slice()
        {
            let rest: String = rest.iter().map(|name| format!(" or {name}")).collect();
            let text = format!("Which project do you mean: {first}{rest}? Say for example: no, in {first}");
            return self.notice(origin, text);
        }
        match grammar::answer(text, confirmation.plans.len()) {
            TypedAnswer::Yes => self.answered(origin, confirmation, &Answer::Yes),
            TypedAnswer::No | TypedAnswer::Stop => self.answered(origin, confirmation, &Answer::No),
            TypedAnswer::Choose(number) => self.answered(origin, confirmation, &Answer::Choose { number }),
            TypedAnswer::Edit(prompt) => self.answered(origin, confirmation, &Answer::Edit { prompt }),
            // What is added is shown before anything is started with it.
            TypedAnswer::YesWith(words) => match confirmation.plans.as_slice() {
                [Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. }] => {
                    let prompt = format!("{prompt}\n\n{words}");
                    self.answered(origin, confirmation, &Answer::Edit { prompt });
                }
                _ => self.unclear(confirmation, text),
            },
            TypedAnswer::Details => {
                let told: Vec<String> = confirmation.plans.iter().map(|plan| self.whole(plan)).collect();
                self.notice(origin, told.join("\n"));
            }
            TypedAnswer::Status => self.notice(origin, summarization::overview(self.state, self.at)),
            TypedAnswer::YesAlways | TypedAnswer::Unclear => self.unclear(confirmation, text),
        }
    }

    fn unclear(&mut self, confirmation: &Confirmation, text: &str) {
        match confirmation.reasks {
            0..MAX_REASKS => {
                let said = text.to_owned();
                let confirmation_id = confirmation.id;
                self.consent_event(
                    confirmation.utterance,
                    ConsentEvent::ConfirmationRepeated { confirmation: confirmation_id, said },
                );
            }
            _ => {
                let wish = match confirmation.plans.as_slice() {
                    [Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. }, ..] => {
                        format!("; what you wished for was:\n{prompt}")
                    }
                    _ => String::new(),
                };
                let reason = format!("no answer was clear, so nothing was done{wish}");
                self.decline(confirmation.utterance, Some(confirmation.id), &reason);
            }
        }
    }

    /// Says all of what would be done.
    fn whole(&self, plan: &Plan) -> String {
        let what = self.described(plan);
        match plan {
            Plan::Launch { project, prompt, .. } => format!("{what} ({}): {prompt}", project.path),
            Plan::FollowUp { prompt, .. } => format!("{what}: {prompt}"),
            Plan::Control { .. } => what,
        }
    }

    pub(super) fn answer(&mut self, origin: &Origin, id: ConfirmationId, answer: &Answer) {
        match self.state.confirmation(id) {
            Some(confirmation) => self.answered(origin, confirmation, answer),
            None => self.refuse(origin, "that question is no longer open"),
        }
    }

    fn answered(&mut self, origin: &Origin, confirmation: &Confirmation, answer: &Answer) {
        let state = self.state;
        let Some(open) = state.utterance(confirmation.utterance) else {
            return;
        };
        match (answer, confirmation.plans.as_slice()) {
            (Answer::No, _) => {
                self.decline(confirmation.utterance, Some(confirmation.id), "you said no");
            }
            (Answer::Yes, [plan]) => self.granted(origin, confirmation, open, plan),
            (Answer::Yes, _) => {
                self.refuse(origin, "several things could be meant; choose one by its number")
            }
            (Answer::Choose { number }, plans) => match number.checked_sub(1).and_then(|n| plans.get(n)) {
                Some(plan) => self.granted(origin, confirmation, open, plan),
                None => {
                    self.refuse(origin, &format!("there is no number {number}; choose 1 to {}", plans.len()))
                }
            },
            (Answer::Edit { prompt }, plans) => {
                if prompt.trim().is_empty() {
                    return self.refuse(origin, "the new prompt is empty");
                }
                match plans.first().and_then(|plan| plan.with_prompt(prompt)) {
                    Some(plan) => self.changed(confirmation, plan),
                    None => self.refuse(origin, "there is no prompt to change; answer yes or no"),
                }
            }
        }
    }

    /// Asks again, about another plan.
    fn changed(&mut self, confirmation: &Confirmation, plan: Plan) {
        let replacement = Some(ConfirmationId(self.ids.fresh()));
        let changed = ConsentEvent::PlanChanged { confirmation: confirmation.id, replacement, plan };
        self.consent_event(confirmation.utterance, changed);
    }

    fn granted(&mut self, origin: &Origin, confirmation: &Confirmation, open: &OpenUtterance, plan: &Plan) {
        let by = Actor::of(origin);
        self.consent_event(
            confirmation.utterance,
            ConsentEvent::Granted { confirmation: Some(confirmation.id), plan: plan.clone(), by: by.clone() },
        );
        self.carry_out(confirmation.utterance, (&open.origin, &open.said), plan, &by);
    }

    /// Does what was consented to, or needs no consent, as far as it is still possible; says so of the utterance that led
    /// to it.
    pub(super) fn carry_out(
        &mut self,
        utterance: UtteranceId,
        (origin, said): (&Origin, &Utterance),
        plan: &Plan,
        by: &Actor,
    ) {
        let permission = said.permission.narrowed(permission::ceiling(origin.channel));
        let attended = said.attended;
        if plan.session().is_some_and(|session| self.state.is_elsewhere(session))
            && let Some(command) = plan.command(attended, permission)
        {
            return self.relay(origin, Some(utterance), command);
        }
        let asker = Asker { origin, attended, permission, by };
        let done = match plan {
            Plan::Launch { agent, project, prompt, permission } => {
                Ok(self.launch(utterance, (origin, said), agent, project, prompt, *permission))
            }
            Plan::FollowUp { session, prompt } => self.follow_up(*session, prompt, &asker).map(|()| *session),
            Plan::Control { session, action: ControlAction::Resume } => {
                self.follow_up(*session, RESUME_PROMPT, &asker).map(|()| *session)
            }
            Plan::Control { session, action } => {
                self.stop_or_interrupt(*session, *action, by).map(|()| *session)
            }
        };
        let result = match done {
            Ok(session) => UtteranceResult::Done { session },
            Err(hint) => UtteranceResult::NotUnderstood { hint },
        };
        self.close(utterance, result);
    }

    pub(super) fn fired(&mut self, timer: TimerId) {
        let Some(confirmation) = self.state.confirmations().find(|c| c.timer == timer) else {
            return self.summary_due(timer);
        };
        if self.at >= confirmation.deadline {
            self.decline(confirmation.utterance, Some(confirmation.id), "nobody answered in time");
        } else {
            // Its clock runs ahead of ours, which may have been set back.
            self.step.effects.push(Effect::ArmTimer { timer, at: confirmation.deadline });
        }
    }
}
