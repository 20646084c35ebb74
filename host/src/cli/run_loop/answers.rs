//! Handles the user's input: answers and further requests.

use codewalk_core::command::{Command, Decision, MAX_UTTERANCE, Utterance};
use codewalk_core::routing::grammar::{self, TypedAnswer};
use codewalk_core::session::{Question, RequestKind};
use codewalk_protocol::{choice, questions};

use super::{Answerer, End, RunLoop, about};
use crate::cli::open_question::{OpenQuestion, TooEarly};
use crate::cli::terminal::{Input, TypedLine};

impl RunLoop {
    pub(super) fn input(&mut self, input: Input) -> Option<End> {
        if input != Input::EndOfFile {
            self.is_leaving = false;
        }
        match input {
            Input::Text(typed) => self.typed(&typed),
            Input::Interrupt => return self.interrupt(),
            Input::EndOfFile => self.leave(),
            // The question may have scrolled off the screen.
            Input::Resumed => self.show_page_again(),
            Input::Begun => {}
            Input::TooLong(bytes) => self.tell(&format!(
                "Input too long: {bytes} bytes, at most {MAX_UTTERANCE} are allowed. The pasted text was \
                 dropped; what you typed is kept. Put the text into a file and name the file.\n"
            )),
            Input::EditorFailed => {
                self.tell("The line editor failed; falling back to plain input.\n");
                self.show_page_again();
            }
        }
        None
    }

    /// Disconnects the user at the end of file; while an agent runs, at the second one.
    fn leave(&mut self) {
        let is_confirmed = std::mem::replace(&mut self.is_leaving, true);
        if is_confirmed || self.follow.live().is_empty() || !matches!(self.answerer, Answerer::Person(..)) {
            self.desert();
            if is_confirmed && !self.follow.live().is_empty() {
                self.progress.important("input closed; press Ctrl-C to end the agent");
            }
            return;
        }
        self.tell(
            "An agent is still running. Press Ctrl-D again to leave it running; everything it asks for \
             will be denied.\n",
        );
    }

    fn typed(&mut self, typed: &TypedLine) {
        if typed.text.trim().is_empty() {
            return self.remind();
        }
        let Some(open) = self.on_screen.as_ref().map(|shown| shown.open.clone()) else {
            let answer = Utterance { pasted: typed.pasted, ..self.utterance(typed.text.clone()) };
            self.handle.command(&self.origin, Command::Say(answer));
            return;
        };
        if questions::asks_for_help(&typed.text) && !self.is_an_option(&typed.text) {
            return self.help();
        }
        match open {
            OpenQuestion::Confirmation(_) => self.answer_confirmation(&open, typed),
            OpenQuestion::Rules { .. } => self.answer_rules(&open, typed),
            OpenQuestion::Request { .. } => self.answer_request(&open, typed),
        }
    }

    /// Prints the possible answers, and asks again.
    fn help(&mut self) {
        let Some(help) = self.on_screen.as_ref().map(|shown| shown.text.help) else { return };
        self.tell(&format!("You can answer:\n{help}\n"));
        self.show_page_again();
    }

    /// Returns whether a text is one of the options of the agent's question.
    fn is_an_option(&self, words: &str) -> bool {
        let Some((_, pending)) = self.follow.focused() else { return false };
        let RequestKind::Questions { questions } = &pending.kind else { return false };
        let options = questions.get(self.answers.len()).map_or(&[][..], |question| &question.options);
        options.iter().any(|option| option.eq_ignore_ascii_case(words.trim()))
    }

    /// Asks the question again if it has scrolled off the screen. Returns whether it did.
    fn is_asked_again(&mut self) -> bool {
        let Answerer::Person(terminal, _) = &self.answerer else { return false };
        let window = terminal.window();
        let why = if self.on_screen.as_ref().is_some_and(|shown| shown.is_of_another_window(window)) {
            "The window was resized, so your answer does not count. Asking again:\n"
        } else if self.is_gone() {
            "The question had scrolled off the screen, so your answer does not count. Asking again:\n"
        } else {
            return false;
        };
        let Some(question) = self.on_screen.take() else { return false };
        self.tell(why);
        self.show(question.open, question.text);
        true
    }

    /// Reads a line as an answer to the question on the screen. If it does not count, reports that and
    /// returns `None`.
    fn counted(&mut self, typed: &TypedLine, readings: usize) -> Option<TypedAnswer> {
        let answer = grammar::answer(&typed.text, readings);
        // A stop always counts, whatever it was meant to answer.
        if answer == TypedAnswer::Stop && !typed.pasted {
            return Some(answer);
        }
        if !self.is_seen() {
            self.too_early(TooEarly::Unread);
            return None;
        }
        let shown = self.on_screen.as_ref()?;
        let consents = matches!(
            answer,
            TypedAnswer::Yes | TypedAnswer::YesWith(_) | TypedAnswer::YesAlways | TypedAnswer::Choose(_)
        );
        let counts = if consents { shown.consents(typed) } else { shown.declines(typed) };
        match counts {
            // An edit is followed by another question.
            Ok(()) if typed.pasted && !matches!(answer, TypedAnswer::Edit(_)) => {
                self.tell("Pasted text does not count as an answer; type it.\n");
                self.show_page_again();
                None
            }
            Ok(()) if consents && self.is_asked_again() => None,
            Ok(()) => Some(answer),
            Err(error) => {
                self.too_early(error);
                None
            }
        }
    }

    /// Returns whether the question is on the screen, and records since when.
    pub(super) fn is_seen(&mut self) -> bool {
        let Answerer::Person(terminal, _) = &self.answerer else { return false };
        let (Some(seen), Some(shown)) = (terminal.seen(), &mut self.on_screen) else { return false };
        shown.seen(seen.at);
        true
    }

    fn too_early(&mut self, error: TooEarly) {
        match error {
            TooEarly::Unread => {
                self.tell(
                    "You typed that before you could read this question, so it does not count. Asking \
                     again:\n",
                );
                let question = self.on_screen.take();
                if let Some(question) = question {
                    self.show(question.open, question.text);
                }
            }
            TooEarly::Unshown => {
                self.tell(
                    "There is more to read: type \"more\", or \"no\" (for an agent's question, \
                     \"decline\").\n",
                );
                self.remind();
            }
        }
    }

    fn answer_confirmation(&mut self, open: &OpenQuestion, typed: &TypedLine) {
        let OpenQuestion::Confirmation(confirmation) = *open else { return };
        let readings = self.follow.confirmation().map_or(1, |open| open.plans.len());
        match self.counted(typed, readings) {
            None => {}
            Some(TypedAnswer::Details) => self.show_page(),
            // The core parses it with the same grammar.
            Some(answer) => {
                if answer != TypedAnswer::Status {
                    self.answered = Some(open.clone());
                }
                let answer = Utterance { answers: Some(confirmation), ..self.utterance(typed.text.clone()) };
                self.handle.command(&self.origin, Command::Say(answer));
            }
        }
    }

    fn answer_request(&mut self, open: &OpenQuestion, typed: &TypedLine) {
        let Some((_, pending)) = self.follow.focused() else { return };
        match pending.kind.clone() {
            RequestKind::Questions { questions } => self.answer_question(open, &questions, typed),
            RequestKind::Approval { tool, subject, detail, rules, .. } => {
                self.answer_approval(open, &[&tool, &subject, &detail], &rules, typed)
            }
            RequestKind::Plan { plan } => self.answer_approval(open, &[&plan], &[], typed),
        }
    }

    fn answer_approval(&mut self, open: &OpenQuestion, shown: &[&str], rules: &[String], typed: &TypedLine) {
        let Some(answer) = self.counted(typed, 1) else { return };
        let words = typed.text.trim();
        match answer {
            TypedAnswer::Yes => self.decide(open, Decision::allow()),
            TypedAnswer::YesWith(prompt) if !about::may_be_of(&prompt, shown) => {
                self.progress.line(&format!("        allowed; prompt: {prompt}"));
                self.decide(open, Decision::Allow { rule: None, tell: Some(prompt) });
            }
            TypedAnswer::YesAlways => self.offer_rules(open, rules),
            // The agent gets the reason in the user's words.
            TypedAnswer::No => self.decide(open, Decision::deny(format!("The user said: {words}"))),
            TypedAnswer::Stop => {
                let message = format!("The user said: {words}");
                self.progress.important("denied; ending the agent's turn");
                self.decide(open, Decision::Deny { message, end_turn: true });
            }
            TypedAnswer::Details => self.show_page(),
            TypedAnswer::Status => self.say(typed),
            TypedAnswer::YesWith(prompt) => {
                self.tell(&format!(
                    "Not clear: \"{prompt}\" may refer to this action. Type yes to allow it as it is, or no \
                     and what to do instead.\n"
                ));
                self.remind();
            }
            TypedAnswer::Unclear if grammar::is_yes_with_more(words) => {
                self.tell(
                    "Not clear: the words after the yes may change this action. Type yes to allow it as it \
                     is, or no and what to do instead.\n",
                );
                self.remind();
            }
            TypedAnswer::Choose(_) | TypedAnswer::Edit(_) | TypedAnswer::Unclear => {
                self.tell(
                    "Not understood. Type yes to allow it, no to deny it, or stop to end the agent's turn.\n",
                );
                self.remind();
            }
        }
    }

    /// Asks which of the agent's rules to apply, if the agent offers any.
    fn offer_rules(&mut self, open: &OpenQuestion, rules: &[String]) {
        let OpenQuestion::Request { session, request, digest, .. } = open else { return };
        if rules.is_empty() {
            self.tell("The agent offers no rule for this. Type yes to allow it once.\n");
            return self.remind();
        }
        let agent = self.follow.session(*session).map_or_else(|| "the agent".to_owned(), |s| s.agent.clone());
        let (request, digest) = (request.clone(), digest.clone());
        self.show(
            OpenQuestion::Rules { session: *session, request, digest },
            questions::rules(&agent, rules),
        );
    }

    fn answer_rules(&mut self, open: &OpenQuestion, typed: &TypedLine) {
        let OpenQuestion::Rules { session, request, digest } = open else { return };
        let Some((_, pending)) = self.follow.focused() else { return };
        let RequestKind::Approval { rules, .. } = &pending.kind else { return };
        let readings = rules.len();
        let Some(answer) = self.counted(typed, readings) else { return };
        let request = OpenQuestion::Request {
            session: *session,
            request: request.clone(),
            digest: digest.clone(),
            question: 0,
        };
        let rule = match answer {
            TypedAnswer::Yes if readings == 1 => 0,
            TypedAnswer::Choose(number) => number - 1,
            TypedAnswer::No => {
                // Return to the approval itself.
                self.on_screen = None;
                return self.ask();
            }
            TypedAnswer::Stop => {
                let message = format!("The user said: {}", typed.text.trim());
                return self.decide(&request, Decision::Deny { message, end_turn: true });
            }
            TypedAnswer::Details => return self.show_page(),
            _ => {
                self.tell(&questions::unclear_about_rules(readings));
                return self.show_page_again();
            }
        };
        self.decide(&request, Decision::Allow { rule: Some(rule), tell: None });
    }

    fn answer_question(&mut self, open: &OpenQuestion, questions: &[Question], typed: &TypedLine) {
        let Some(question) = questions.get(self.answers.len()) else { return };
        let is_option = question.options.iter().any(|option| option.eq_ignore_ascii_case(typed.text.trim()));
        let is_typed = !is_option && !typed.pasted;
        let answer = grammar::answer(&typed.text, 1);
        // A stop always counts, whatever it was meant to answer.
        if answer == TypedAnswer::Stop && is_typed {
            let message = format!("The user said: {}", typed.text.trim());
            self.progress.important("not answered; ending the agent's turn");
            return self.decide(open, Decision::Deny { message, end_turn: true });
        }
        if !self.is_seen() {
            return self.too_early(TooEarly::Unread);
        }
        let Some(shown) = &self.on_screen else { return };
        let declines = choice::declines(question, &typed.text) && !typed.pasted;
        let counts = match answer {
            _ if declines => shown.declines(typed),
            TypedAnswer::Status if is_typed => shown.declines(typed),
            _ => shown.consents(typed),
        };
        match counts {
            // Once everything has been shown, it may be an answer.
            Err(TooEarly::Unshown) if answer == TypedAnswer::Details && is_typed => {
                return match shown.declines(typed) {
                    Ok(()) => self.show_page(),
                    Err(error) => self.too_early(error),
                };
            }
            Err(error) => return self.too_early(error),
            Ok(()) => {}
        }
        if declines {
            let message = format!("The user said: {}", typed.text.trim());
            return self.decide(open, Decision::deny(message));
        }
        // One of the options may be a yes. Free text may be pasted.
        if typed.pasted && !question.options.is_empty() {
            self.tell("Pasted text does not count as an answer; type it.\n");
            return self.show_page_again();
        }
        if answer == TypedAnswer::Status && is_typed {
            return self.say(typed);
        }
        if self.is_asked_again() {
            return;
        }
        match choice::chosen(question, &typed.text) {
            Ok(answer) => self.answers.push(answer),
            Err(why) => {
                self.tell(&format!("{why}\n"));
                return self.show_page_again();
            }
        }
        if self.answers.len() == questions.len() {
            let answers = self.answers.clone();
            return self.decide(open, Decision::Answers { answers });
        }
        self.ask();
    }

    fn decide(&mut self, open: &OpenQuestion, decision: Decision) {
        let OpenQuestion::Request { session, request, digest, .. } = open.clone() else { return };
        // The same question stays open until the agent receives the decision.
        let question = self.answers.len();
        let answered =
            OpenQuestion::Request { session, request: request.clone(), digest: digest.clone(), question };
        self.answered = Some(answered);
        self.on_screen = None;
        self.show_beside();
        self.handle.command(&self.origin, Command::Decide { session, request, digest, decision });
    }

    /// Sends an utterance that is not an answer.
    fn say(&self, typed: &TypedLine) {
        self.handle.command(&self.origin, Command::Say(self.utterance(typed.text.clone())));
    }
}
