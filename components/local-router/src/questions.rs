//! Recognises questions about what goes on. Questions about code are for an agent, not for codewalk.

use crate::answer::{name_of, query, sure};
use crate::asked;
use crate::pattern::{Phrases, any_at, any_whole, longest_at, phrases};
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Found, Purpose, is_live};
use crate::short::is_about_project;
use crate::vocabulary::is_content;
use crate::words::{Mark, Word};
use crate::{Proposal, Session, SessionState};

/// Requests to be told something; what follows is the question.
const ASKING: &Phrases = phrases! {"
    tell|show|remind|inform me; let me|us know|see; give me|us;
    i ?really|just want|need|would ?like to know|see|hear; i wonder|wondered; do|would you know;
    any idea; i am wondering|curious; know|find|check out ?for ?me; check|see if|whether|on|how|what;
    just wondering; curious; question;
    summarize|summarise|recap|describe|explain ?for|to ?me
"};

/// Questions about everything, or about what the rest of them says.
const OVERVIEWS: &Phrases = phrases! {"
    ?a|an|the|my|your ?current|quick|short|brief|latest|overall status|progress ?report|update|check|
        overview ?please ?of|on|for|about|in|with;
    ?a|an|the|my|any|some ?current|quick|short|brief|latest|more|new update|updates|news|summary|overview|
        recap|report|rundown|progress ?please ?of|on|for|about|from|in|with;
    how are|is things|everything|it|that|this|we|all|they|work ?all ?going|doing|looking|coming|progressing|
        working ?along|on|out;
    what is|are ?everyone|everybody|it|you|they ?currently|now|still up|new|going|happening|running|waiting|
        left|open|active|pending|next|cooking|queued|blocked|stuck|failing ?on ?to ?for ?with ?in ?at;
    what has|have ?been happened|changed|done|finished|failed|completed|happening|new|going ?on ?so ?far
        ?since ?in ?with;
    what is|takes ?it taking ?so|that|this long;
    done|finished|ready|progress|news|update|updates|eta ?yet;
    what happened|changed ?so ?far|today|here|then|last|since ?night|time;
    what is|are the latest|news|question|questions|problem|holdup|matter|state|situation|progress|status|
        result|results|outcome|eta ?here|now;
    what is|are everyone|everybody|they ?all doing|working|up ?on|to;
    did everything|it|that|all go|work ?well|fine|ok|okay|out|through|right;
    what did|have you ?all do|done|change|changed|work|worked|find|found|accomplish|make ?on;
    is there anything|something ?else|that|for ?me|i|we ?have|need|should|must|can ?to ?do|approve|answer|
        know|decide|look|see;
    what did|have i miss|missed;
    what do i need ?to ?do|know|answer|approve;
    what needs ?my|me|a|an attention|input|answer|approval|decision|help;
    where are|do we|things|you ?stand|at|now;
    are we|you|they|things|all ?nearly|almost|all done|there|ready|finished|good|busy|stuck|blocked|idle
        ?yet;
    ?is|are ?there any|anything|something|anyone|anybody|nothing|someone ?else|agent|agents|session|
        sessions|one|of ?them ?there ?still|currently ?is|are running|waiting|new|happening|going|active|
        done|finished|left|stuck|blocked|failed|pending|open|working|busy|wrong|ready|up|need|needs|finish|
        fail ?on ?to ?for ?with ?in ?at;
    do|does ?i|anything|anyone|any|something ?agent|agents|session|sessions|of ?them need|needs|want|wants|
        require|wait|have ?to ?do ?from ?my ?me;
    did|has|have anything|something|anyone|any ?agent|session|sessions|of ?them fail|failed|finish|finished|
        happen|happened|change|changed|crash|crashed|break|broken|stopped|complete|completed;
    who|which|what ?agent|agents|session|sessions|one|ones|of|run|runs|task|tasks|job|jobs ?them ?is|are|
        was|were|has|have|did|still|need|needs|want|wants ?still|currently|been running|working|waiting|
        failed|fail|done|finished|finish|active|stuck|blocked|open|busy|completed|complete|cancelled|
        stopped|lost|live|alive|left|me|attention|input|crashed|succeeded ?on ?in ?for;
    which|what sessions|agents|runs|tasks|jobs ?are|do|did|have|is;
    how many|much sessions|agents|runs|tasks|jobs|things|of ?them;
    ?list|show|display|see|print ?me ?all ?of ?the|my ?current|running|active|open|failed|recent|last|past|
        live|waiting|finished sessions|agents|runs|jobs|history;
    catch me up ?on; bring me up ?to ?date|speed ?on; fill me in ?on; walk me through what|the;
    keep me posted|updated; report ?back ?on; recap; summary; overview;
    summarize|summarise what|the|all|everything|progress;
    ?is|are|were|was ?there any|some|many error|errors|problem|problems|issue|issues|failure|failures|warnings|trouble
        ?so|yet|now ?far;
    what did|does|has|will ?that|this|it|everything|i|we ?all cost|spent|spend ?so|me|us ?far; costs;
    how much did|does|has|have|do ?that|this|it|everything|i|we ?all cost|spend|spent|use|used;
    how|what is|are|was|were the cost|costs|spending|usage|bill
"};

/// Verbs and adjectives of progress.
const PROGRESS: &Phrases = phrases! {"
    done|finished|finish|finishing|ready|complete|completed|progress|progressing|progressed|status|going|
        doing|stuck|waiting|wait|blocked|happening|happened|happen|far|along|eta|busy|working|running|
        through|started|stopped|failed|fail|succeeded|succeed|worked|cancelled|paused|active|ended|merged|
        fixed|coming|became|become|outcome|result|results|landed|long|crashed|yet|turned|over|left|idle|
        alive|asking|up|crash|stop
"};

/// What is said of an agent's work but hardly of code.
const WANTS: &Phrases = phrases!("want|wants|need|needs|waiting|wait|asking|ask|blocked|asks|waits");

/// Stems of words that ask, and are no topic.
const ASKS: &Phrases = phrases! {"
    status|session|agent|summary|overview|recap|report|list|show|cost|file|chang|happen|wrong|work|need|
        attention|project|repo|sinc|new|miss|error|problem|issu|failur|warn|troubl
"};

/// Returns the question, if it is one about what goes on.
pub fn read(reading: &Reading) -> Option<Proposal> {
    if reading.lead.fresh || reading.pasted || is_about_project(reading.rest()) {
        return None;
    }
    if let Some((session, confidence)) = asked::read(reading) {
        let session = reading.sessions.iter().copied().find(|one| Some(&one.id) == session.as_ref());
        return Some(Question::of(reading).answer(session, confidence));
    }
    if asked::is_about_effort(reading.rest()) {
        return None;
    }
    let question = Question::of(reading);
    question.overview().or_else(|| question.about_session())
}

struct Question<'q> {
    reading: &'q Reading<'q>,
    words: &'q [Word<'q>],
    /// Where its first word stands in the utterance.
    at: usize,
    /// Whether it follows a request to be told.
    asked: bool,
    reference: Reference,
}

impl<'q> Question<'q> {
    fn of(reading: &'q Reading<'q>) -> Self {
        let sentence = reading.sentence();
        let asked = any_at(sentence, ASKING).filter(|taken| *taken < sentence.len()).unwrap_or(0);
        let at = reading.lead.head + asked;
        let mut reference = reading.reference(&sentence[asked..], at);
        // "Shop: status" has its name in the lead.
        reference.project = reference.project.or(reading.lead.project);
        reference.agent = reference.agent.or(reading.lead.agent);
        reference.topic.retain(|topic| !ASKS.contains(topic));
        Self { reading, words: &sentence[asked..], at, asked: asked > 0, reference }
    }

    /// "Status", "what's running", "how's shop going".
    fn overview(&self) -> Option<Proposal> {
        let table = longest_at(self.words, OVERVIEWS);
        let taken = table.or_else(|| self.about_project())?;
        let is_light = self.reference.topic.is_empty() || taken == self.words.len();
        let fits_topic = self.fits_topic();
        let is_about_one =
            self.reference.names_any() || self.reference.noun || fits_topic || self.is_about_it();
        let session = if is_about_one && !self.reference.group { self.session() } else { None };
        (is_light || fits_topic).then(|| self.answer(session, if is_light { 90 } else { 80 }))
    }

    /// "How's shop going", "is shop done", "shop status".
    fn about_project(&self) -> Option<usize> {
        const ASIDES: &Phrases = phrases! {"
            how|what|where|when|why is|are|about|was|did|has; is|are|has|was|did|and|what; how about
        "};
        const NOUNS: &Phrases =
            phrases!("?session status|progress|update|news|report ?update|report ?please");
        let named_at = |offset: usize| self.reading.names.project_at(self.at + offset);
        if named_at(0).is_some_and(|mention| any_whole(&self.words[mention.len..], NOUNS)) {
            return Some(self.words.len());
        }
        let start = any_at(self.words, ASIDES).filter(|start| named_at(*start).is_some())?;
        let progresses = self.words.len() <= start + 2 || self.words.iter().any(|word| word.is(PROGRESS));
        (progresses && self.reference.topic.is_empty()).then_some(start)
    }

    /// "Is it done", "what is codex doing", "did the search endpoint work out".
    fn about_session(&self) -> Option<Proposal> {
        const LONG: usize = 12;
        const SHORT: usize = 7;
        if !self.asks() || self.is_about_code() {
            return None;
        }
        let has_sessions = !self.reading.sessions.is_empty();
        let progresses =
            self.words.iter().any(|word| word.is(PROGRESS) || word.is(WANTS) || word.text == "wrong");
        let is_past = self
            .words
            .iter()
            .take(4)
            .any(|word| word.is(phrases!("did|has|have|was|were|had|happened|became|came")));
        if self.is_about_it() {
            let is_about_work = progresses || (has_sessions && (is_past || self.asks_about_work()));
            return is_about_work.then(|| self.answer(self.session(), 80));
        }
        let fits_topic = self.fits_topic();
        let is_near = self.words.len() <= LONG || self.reference.topic.is_empty() || fits_topic;
        let progresses = progresses || asked::is_about_last(&self.reference);
        if (self.reference.noun || self.is_about_agent()) && (has_sessions || progresses) && is_near {
            return Some(self.answer(self.session(), 85));
        }
        let is_how = self.words.len() < SHORT
            && any_at(self.words, phrases!("how is|are|was|were|about|goes")).is_some();
        if fits_topic && (progresses || is_past || is_how) {
            return Some(self.answer(self.session(), 80));
        }
        self.asks_whether_done().then(|| self.answer(None, 60))
    }

    fn asks(&self) -> bool {
        const STARTS: &Phrases = phrases! {"
            what|how|why|where|when|who|which|whose|is|are|was|were|did|does|do|has|have|had|any|anything|
                whether|if|status|progress
        "};
        let starts = self.words.first().is_some_and(|word| word.is(STARTS));
        self.asked || starts || self.words.last().is_some_and(|word| word.mark == Mark::Question)
    }

    /// "Why does the login test fail": a habit of the code, not something a session did.
    fn is_about_code(&self) -> bool {
        const HABITS: &Phrases = phrases! {"
            why|how|where|what|which|when do|does|can|could|would|should; how to; does|do the|a|an|our|my;
            is|are there
        "};
        let is_about_session = self.reference.noun || self.is_about_agent() || self.is_about_it();
        !is_about_session && any_at(self.words, HABITS).is_some()
    }

    /// Whether a pronoun is its subject: directly after an auxiliary, or at the start of an embedded question.
    fn is_about_it(&self) -> bool {
        const SUBJECTS: &Phrases = phrases!("it|you|they|he|she|that|this");
        const BEFORE: &Phrases = phrases! {"
            is|are|was|were|did|does|do|has|have|had|will|would|if|whether|what|how|why|far|long|much|when|
                where|can|should|files|tests|many|be|of|on|about|with|to|for|because
        "};
        const NEAR: usize = 6;
        let stands_alone = |at: usize| {
            let next = self.words.get(at + 1).filter(|_| self.words[at].mark == Mark::None);
            !self.words[at].is(phrases!("that|this"))
                || next.is_none_or(|next| !is_content(next) || next.is(PROGRESS))
        };
        let follows = |pair: &[Word]| pair[0].is(BEFORE) && pair[1].is(SUBJECTS);
        let embedded = self.asked && self.words.first().is_some_and(|word| word.is(SUBJECTS));
        let mut pairs = self.words.windows(2).take(NEAR).enumerate();
        embedded || pairs.any(|(at, pair)| follows(pair) && stands_alone(at + 1))
    }

    /// Whether an agent's name is its subject: "has claude finished", "what is codex doing".
    fn is_about_agent(&self) -> bool {
        const NEAR: usize = 5;
        const PAST: &Phrases = phrases!("done|wrote|made|found|did|said|broke|ran|left|went");
        let acts = |word: &Word| {
            let is_form = word.text.ends_with("ing") || word.text.ends_with("ed");
            is_form || !is_content(word) || word.is(PROGRESS) || word.is(WANTS) || word.is(PAST)
        };
        (0..self.words.len().min(NEAR)).any(|at| {
            let mention = self.reading.names.agent_at(self.at + at);
            let inverted = at > 0 && self.words[at - 1].is(phrases!("did|does|has|is|will"));
            mention.is_some_and(|mention| inverted || self.words.get(at + mention.len).is_none_or(acts))
        })
    }

    /// What one asks of a session although the words have no progress in them: "what does it do".
    fn asks_about_work(&self) -> bool {
        const WORK: &Phrases = phrases! {"
            what|which|how|why|where|when|who;
            does|do|will|is|are|can it|that|this|you|they
        "};
        self.asked || any_at(self.words, WORK).is_some()
    }

    /// "Is the deployment done", with nothing here that is meant for sure.
    fn asks_whether_done(&self) -> bool {
        const DONE: &Phrases =
            phrases!("done|finished|ready|complete|completed|stuck|running|over|through|started");
        let is_short = self.reference.topic.len() <= 2 && !self.words.iter().any(|word| word.code);
        let ends = self.words.iter().rev().take(2).any(|word| word.is(DONE));
        is_short && ends && any_at(self.words, phrases!("is|are|has|have")).is_some()
    }

    /// Whether a session has at least half of what it is about.
    fn fits_topic(&self) -> bool {
        let overlaps = self.reading.sessions.iter().map(|session| self.reference.overlap(session));
        let best = overlaps.max().unwrap_or(0);
        best > 0 && best * 2 >= self.reference.topic.len()
    }

    fn session(&self) -> Option<&'q Session> {
        if self.reference.group && !self.is_about_it() {
            return None;
        }
        let mut reference = self.reference.clone();
        if !self.fits_topic() {
            // "Did it find the bug": what is asked about the session says nothing about which one.
            reference.topic.clear();
        }
        match self.reading.find(&reference, Purpose::Ask(self.state())) {
            Found::One(session) | Found::Unfit(session) => Some(session),
            Found::None | Found::Several(_) => None,
        }
    }

    /// The state of the session that such a question is about.
    fn state(&self) -> Option<SessionState> {
        let has = |words: &Phrases| self.words.iter().any(|word| word.is(words));
        let several_live = || self.reading.sessions.iter().filter(|session| is_live(session)).count() > 1;
        if has(WANTS) {
            Some(SessionState::Waiting)
        } else if has(phrases!("fail|failed|crash|crashed|wrong")) {
            Some(SessionState::Failed)
        } else if has(phrases!("running|doing")) && several_live() {
            Some(SessionState::Running)
        } else {
            None
        }
    }

    fn answer(&self, session: Option<&Session>, confidence: u8) -> Proposal {
        let about =
            session.map_or("what is going on".into(), |session| format!("about {}", name_of(session)));
        sure(query(session, self.reading.prompt), confidence, format!("it asks {about}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};

    #[test]
    fn questions_about_everything_name_no_session() {
        for wish in
            ["status", "what's running?", "list all sessions", "any news?", "is anything waiting for me?"]
        {
            assert_eq!(intent(wish, &busy()), "query -", "{wish}");
            assert_eq!(intent(wish, &idle()), "query -", "{wish}");
        }
    }

    #[test]
    fn questions_about_a_session_find_it() {
        for (wish, expected) in [
            ("is it done yet?", "query login"),
            ("what is codex waiting for?", "query upload"),
            ("why did it fail?", "query orders"),
            ("did the badges work out?", "query badges"),
            ("how's the api session going?", "query upload"),
            ("tell me how far the login test is", "query login"),
            ("what does it want from me?", "query upload"),
        ] {
            assert_eq!(intent(wish, &busy()), expected, "{wish}");
        }
    }

    #[test]
    fn questions_about_code_are_for_an_agent() {
        for wish in [
            "why does the login test in shop fail?",
            "how does the session handling in shop work?",
            "what's running on port 8080 in shop?",
            "is there dead code in shop?",
        ] {
            assert_eq!(intent(wish, &busy()), "launch claude shop", "{wish}");
        }
    }
}
