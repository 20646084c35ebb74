//! Answers to confirmations, typed or by identifier, and the deadlines of confirmations.

use super::agents::RESUME_PROMPT;
use super::decider::{Asker, Decider};
use super::effect::Effect;
use crate::command::{Answer, ControlAction, Utterance};
use crate::consent::{Confirmation, MAX_REASKS, Plan, SAID_NO};
use crate::event::{ConsentEvent, UtteranceResult};
use crate::ids::{ConfirmationId, TimerId, UtteranceId};
use crate::origin::{Actor, Origin};
use crate::routing::grammar::{self, TypedAnswer};
use crate::routing::place;
use crate::state::OpenUtterance;
use crate::{permission, summarization};

impl Decider<'_> {
    pub(super) fn typed_answer(&mut self, origin: &Origin, confirmation: &Confirmation, text: &str) {
        if let Some(plan) = place::elsewhere(text, confirmation, &self.state.context().projects) {
            return self.change_plan(confirmation, plan);
        }
        if let [first, rest @ ..] =
            place::others(text, confirmation, &self.state.context().projects).as_slice()
        {
            let rest: String = rest.iter().map(|name| format!(" or {name}")).collect();
            let text = format!("Which project do you mean: {first}{rest}? Say for example: no, in {first}");
            return self.notice(origin, text);
        }
        match grammar::answer(text, confirmation.plans.len()) {
            TypedAnswer::Yes => self.apply_answer(origin, confirmation, &Answer::Yes),
            TypedAnswer::No | TypedAnswer::Stop => self.apply_answer(origin, confirmation, &Answer::No),
            TypedAnswer::Choose(number) => {
                self.apply_answer(origin, confirmation, &Answer::Choose { number })
            }
            TypedAnswer::Edit(prompt) => self.apply_answer(origin, confirmation, &Answer::Edit { prompt }),
            // The changed prompt is confirmed again before anything starts.
            TypedAnswer::YesWith(words) => self.add_to_prompt(origin, confirmation, text, &words),
            TypedAnswer::Details => {
                let plans: Vec<String> =
                    confirmation.plans.iter().map(|plan| self.described_completely(plan)).collect();
                self.notice(origin, plans.join("\n"));
            }
            TypedAnswer::Status => self.notice(origin, summarization::overview(self.state, self.at)),
            TypedAnswer::Unclear => match grammar::addition_to_yes(text) {
                Some(words) => self.add_to_prompt(origin, confirmation, text, &words),
                None => self.unclear(confirmation, text),
            },
            TypedAnswer::YesAlways => self.unclear(confirmation, text),
        }
    }

    /// Adds words to the prompt of the only plan, which is confirmed again.
    fn add_to_prompt(&mut self, origin: &Origin, confirmation: &Confirmation, text: &str, words: &str) {
        match confirmation.plans.as_slice() {
            [Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. }] => {
                let prompt = format!("{prompt}\n\n{words}");
                self.apply_answer(origin, confirmation, &Answer::Edit { prompt });
            }
            _ => self.unclear(confirmation, text),
        }
    }

    fn unclear(&mut self, confirmation: &Confirmation, text: &str) {
        match confirmation.reasks {
            0..MAX_REASKS => {
                let confirmation_id = confirmation.id;
                self.consent_event(
                    confirmation.utterance,
                    ConsentEvent::ConfirmationRepeated {
                        confirmation: confirmation_id,
                        text: text.to_owned(),
                    },
                );
            }
            _ => {
                let request = match confirmation.plans.as_slice() {
                    [Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. }, ..] => {
                        format!("; your request was:\n{prompt}")
                    }
                    _ => String::new(),
                };
                let reason = format!("no clear answer, so nothing was done{request}");
                self.decline(confirmation.utterance, Some(confirmation.id), &reason);
            }
        }
    }

    /// Describes a plan with its whole prompt.
    fn described_completely(&self, plan: &Plan) -> String {
        let what = self.described(plan);
        match plan {
            Plan::Launch { project, prompt, .. } => format!("{what} ({}): {prompt}", project.path),
            Plan::FollowUp { prompt, .. } => format!("{what}: {prompt}"),
            Plan::Control { .. } => what,
        }
    }

    pub(super) fn answer(&mut self, origin: &Origin, id: ConfirmationId, answer: &Answer) {
        match self.state.confirmation(id) {
            Some(confirmation) => self.apply_answer(origin, confirmation, answer),
            None => self.refuse(origin, "that question is no longer open"),
        }
    }

    fn apply_answer(&mut self, origin: &Origin, confirmation: &Confirmation, answer: &Answer) {
        let state = self.state;
        let Some(open) = state.utterance(confirmation.utterance) else {
            return;
        };
        match (answer, confirmation.plans.as_slice()) {
            (Answer::No, _) => {
                self.decline(confirmation.utterance, Some(confirmation.id), SAID_NO);
            }
            (Answer::Yes, [plan]) => self.grant(origin, confirmation, open, plan),
            (Answer::Yes, _) => self.refuse(origin, "several plans are possible; choose one by its number"),
            (Answer::Choose { number }, plans) => match number.checked_sub(1).and_then(|n| plans.get(n)) {
                Some(plan) => self.grant(origin, confirmation, open, plan),
                None => {
                    self.refuse(origin, &format!("there is no number {number}; choose 1 to {}", plans.len()))
                }
            },
            (Answer::Edit { prompt }, plans) => {
                if prompt.trim().is_empty() {
                    return self.refuse(origin, "the new prompt is empty");
                }
                match plans.first().and_then(|plan| plan.with_prompt(prompt)) {
                    Some(plan) => self.change_plan(confirmation, plan),
                    None => self.refuse(origin, "there is no prompt to change; answer yes or no"),
                }
            }
        }
    }

    /// Asks for confirmation of another plan.
    fn change_plan(&mut self, confirmation: &Confirmation, plan: Plan) {
        let replacement = Some(ConfirmationId(self.ids.fresh()));
        let changed = ConsentEvent::PlanChanged { confirmation: confirmation.id, replacement, plan };
        self.consent_event(confirmation.utterance, changed);
    }

    fn grant(&mut self, origin: &Origin, confirmation: &Confirmation, open: &OpenUtterance, plan: &Plan) {
        let by = Actor::of(origin);
        self.consent_event(
            confirmation.utterance,
            ConsentEvent::Granted { confirmation: Some(confirmation.id), plan: plan.clone(), by: by.clone() },
        );
        self.carry_out(confirmation.utterance, (&open.origin, &open.utterance), plan, &by);
    }

    /// Carries out a plan after consent, or one that needs none, if it is still possible, and closes the
    /// utterance.
    pub(super) fn carry_out(
        &mut self,
        id: UtteranceId,
        (origin, utterance): (&Origin, &Utterance),
        plan: &Plan,
        by: &Actor,
    ) {
        let permission = utterance.permission.narrowed(permission::ceiling(origin.channel));
        let attended = utterance.attended;
        if plan.session().is_some_and(|session| self.state.is_elsewhere(session))
            && let Some(command) = plan.command(attended, permission)
        {
            return self.relay(origin, Some(id), command);
        }
        let asker = Asker { origin, attended, permission, by };
        let done = match plan {
            Plan::Launch { agent, project, prompt, permission } => {
                Ok(self.launch(id, (origin, utterance), agent, project, prompt, *permission))
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
        self.close(id, result);
    }

    pub(super) fn timer_fired(&mut self, timer: TimerId) {
        let Some(confirmation) = self.state.confirmations().find(|c| c.timer == timer) else {
            return self.summary_due(timer);
        };
        if self.at >= confirmation.deadline {
            self.decline(confirmation.utterance, Some(confirmation.id), "no answer in time");
        } else {
            // The timer's clock is ahead of this one, which may have been set back.
            self.step.effects.push(Effect::ArmTimer { timer, at: confirmation.deadline });
        }
    }
}
