//! Reads what stands before the wish itself: greetings, politeness, the agent and the project it is for, and
//! words that tie it to what went before.

use crate::names::{Mention, Names};
use crate::pattern::{Phrases, any_at, any_in, phrases};
use crate::vocabulary::{PROJECT_NOUNS, is_content, is_technical, is_verb};
use crate::words::{Mark, Word, clause, sentence};

/// What stands before the wish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    /// The first word of the wish itself.
    pub head: usize,
    /// The agent it is for.
    pub agent: Option<usize>,
    /// Another agent that it may be for as well ("codex or claude").
    pub rival: Option<usize>,
    /// The project it is for.
    pub project: Option<usize>,
    /// Whether it is asked for in so many words ("I want you to").
    pub asks: bool,
    /// Whether it is wanted, without saying from whom ("I want the button green").
    pub wants: bool,
    /// Whether it goes on from something ("also", "and then").
    pub goes_on: bool,
    /// Whether a new session is asked for.
    pub fresh: bool,
    /// Whether it begins with a yes or a no.
    pub answers: bool,
}

const FILLERS: &Phrases = phrases! {"
    please|pls|plz|pleas|plase|kindly|hey|hi|hello|yo|ok|okay|k|so|well|right|alright|um|uh|uhm|umm|uhh|ehm|erm|er|hmm|hm|oh|ah|
        great|cool|perfect|nice|anyway|thanks|good|lgtm;
    thank you; good morning|evening|afternoon; all right; first ?of ?all;
    just|quickly|maybe|perhaps|again|simply|really|carefully|urgently|immediately|briefly|gradually|safely;
    i think|guess|believe|suppose ?that ?we|you should; i was wondering if|whether;
    do me a favor|favour ?and; if you can|could|would|like;
    as ?a|an|the user|customer|developer|admin|guest|visitor|maintainer|operator|owner ?of;
    when|whenever you have|get time|a ?minute|moment|chance; quick one|task|thing|request|question;
    for me;
    ?do ?all these|those|the|following|two|three|few|several ?following|two|three|few|several things|
        changes|tasks|points|items|fixes
"};

const REQUESTS: &Phrases = phrases! {"
    can|could|would|will you|u ?please ?maybe ?perhaps ?possibly ?just|also|quickly ?go ?ahead ?and ?please;
    can|could|shall we ?please ?maybe ?just|also; would|do you mind;
    would you be|kindly so|able ?kind|good ?as ?to;
    i want|need|require|expect you ?to|please; i would like|love|prefer you to;
    i would appreciate it if you could|would;
    i want|need|have|wish|plan ?us ?really|urgently|also to; i would like|love|prefer ?us to;
    we ?really|also|urgently need|want|have|ought to; you ?really need|have|ought to;
    we|you ?really|also|probably should|must|could;
    let us ?please|just|also ?go ?ahead ?and; go ahead and; feel free to; make sure ?that|to ?you|we;
    be sure to; remember to; do not forget to; why do not|don't you|we; how about ?you|we;
    help me ?to ?please; try to|and; is it possible to;
    it would be nice|great|good|cool|helpful|useful if ?you|we could|can ?also|please|maybe;
    would it be possible to; i wonder if ?you|we could|can; any chance ?that ?you|we could|can;
    time to; your|the|my task|job is to; go and;
    i|we want|need|would ?like to be able to; be able to; it is time to; someone|somebody should|needs ?to;
    next|new task ?is ?to
"};

const WANTS: &Phrases = phrases! {"
    ?i|we ?really|also|urgently want|need|require;
    it would be nice|great|good|cool|helpful|useful if;
    can|could|may i|we ?please ?also have|get|see; ?i|we would ?really like|love;
    i|we would like ?to ?have|see|get; give me; it would be nice|great|good to have;
    i|we could use
"};

const TIES: &Phrases = phrases! {"
    also; and; then; but; plus; no wait|sorry|actually; actually; instead; additionally; furthermore; besides;
    moreover; wait; sorry; correction; one more thing; another thing; while you are|re at it|that;
    on top of that; after that|this|it; before that|this;
    when|once|as|after ?soon ?as you|it|that|this ?one|is|are|has|have|re ?is|are|been done|finished|finish|
        finishes|complete|ready|through;
    by the way; btw; next; now; or rather; rather; same for|with|in|goes; in that case;
    oh and; as well as; meanwhile; p.s; ps; finally; lastly; in addition; apart from that;
    afterwards
"};

/// What people write before a colon to say what kind of wish follows.
const LABELS: &Phrases = phrases! {"
    ?new|next|small|quick|another feature|bug|change|enhancement|pull ?request|report|fix|idea;
    ?my|the|new|next ?first|next|small|quick answer|todo|task|step|request|wish|idea|goal|question|issue|job|plan|
        story|context|background|problem ?one|two|three|1|2|3;
    ?what i ?actually|really meant|mean ?was|is;
    ?on|about|with this|that|it|the ?following ?one|task|wish|job|thing|issue|problem;
    fixme; agent|project|repo|using|with; expected|wanted|desired; to do; next;
    something|anything else|different|new;
    urgent|important|fyi|hotfix|bugfix|chore|feat|fix|docs|perf|refactor|test|ci|build|style;
    as discussed|promised|agreed
"};

/// Those of them that make a wish of any words after them.
const LABELS_OF_WISHES: &Phrases = phrases! {"
    ?my|the|new|next|small|quick ?first|next|small|quick feature|change|todo|task|wish|request|feat|fix|bug|
        bugfix|hotfix|next
"};

const NEW_SESSION: &Phrases = phrases! {"
    start|open|launch|create|begin|spin|fire|kick ?me ?up|off ?a|an|another ?new|fresh|separate|second|
        another session|one|agent|run|conversation|task;
    new|another|fresh|separate session|agent|run|task;
    in a|another ?new|fresh|separate|second session|run|conversation; separately; in parallel
"};

const YES: &Phrases = phrases!("yes|yeah|yep|yup|aye|nope|nah");

/// "Redo it in a new session."
const ANEW: &Phrases = phrases!("in|as|with a|another ?new|fresh|separate|second|different session");

/// Words that are an answer where a clause ends with them.
const ANSWERS: &Phrases = phrases!("no|sure|y|n|correct|exactly|affirmative|negative|absolutely|definitely");

impl Lead {
    /// Reads from the first word.
    pub fn read(words: &[Word], names: &Names) -> Self {
        Self::read_from(words, names, 0)
    }

    /// Reads from a later word.
    pub fn read_from(words: &[Word], names: &Names, from: usize) -> Self {
        let mut lead = Self { head: from, ..Self::default() };
        lead.read_on(words, names);
        lead.fresh |= any_in(sentence(&words[lead.head..]), ANEW);
        lead
    }

    /// Reads on, as long as there is something to take.
    fn read_on(&mut self, words: &[Word], names: &Names) {
        const MAX_WORDS: usize = 60;
        let end = self.head + MAX_WORDS;
        while let Some(taken) = self.take(words, names).filter(|_| self.head < end) {
            self.head += taken;
        }
    }

    /// Takes "ask codex to" as the address of a new session, where it is none of a running one.
    pub fn take_order(&mut self, words: &[Word], names: &Names) {
        let here = &words[self.head..];
        let Some(before) = any_at(here, phrases!("ask|tell|instruct|order ?the")) else { return };
        let Some(mention) = names.agent_at(self.head + before) else { return };
        let mut len = before + mention.len;
        // "Ask codex in website to".
        let place = (1..=2).find_map(|joined| {
            let place = names.project_at(self.head + len + joined)?;
            Some((joined + place.len, place.index))
        });
        len += place.map_or(0, |(taken, _)| taken);
        let ends = here[len - 1].mark != Mark::None;
        let told = any_at(&here[len..], phrases!("?agent to|please"));
        if ends || told.is_some() || any_at(&here[len..], phrases!("not")).is_some() {
            self.agent = Some(mention.index);
            self.project = place.map(|(_, index)| index).or(self.project);
            self.asks = true;
            self.head += len + told.unwrap_or(0);
            self.read_on(words, names);
        }
    }

    fn take(&mut self, words: &[Word], names: &Names) -> Option<usize> {
        let here = &words[self.head..];
        if here.first()?.quoted {
            return None;
        }
        if let Some(taken) = any_at(here, NEW_SESSION) {
            self.fresh = true;
            let joined = any_at(&here[taken..], phrases!("to|and|that|which")).unwrap_or(0);
            return Some(taken + joined);
        }
        self.take_agent(here, names)
            .or_else(|| self.take_project(here, names))
            .or_else(|| self.take_phrase(here))
    }

    fn take_phrase(&mut self, here: &[Word]) -> Option<usize> {
        let labelled =
            any_at(here, LABELS).filter(|taken| here[taken - 1].mark == Mark::Colon && *taken < here.len());
        if labelled.is_some() {
            self.wants |= any_at(here, LABELS_OF_WISHES).is_some();
            return labelled;
        }
        if here[0].text.starts_with("http") && here.len() > 1 {
            return Some(1);
        }
        if let Some(taken) = topic(here) {
            return Some(taken);
        }
        if let Some(taken) = any_at(here, REQUESTS) {
            self.asks = true;
            self.goes_on |= here[..taken].iter().any(|word| word.text == "also");
            return Some(taken);
        }
        if let Some(taken) = any_at(here, WANTS) {
            self.wants = true;
            return Some(taken);
        }
        if let Some(taken) = self.false_start(here) {
            self.goes_on = false;
            return Some(taken);
        }
        // A tie needs something to tie: "wait" by itself is a wish.
        let replaces = any_at(here, phrases!("instead of")).is_some();
        self.goes_on |= replaces;
        if let Some(taken) = any_at(here, TIES).filter(|taken| *taken < here.len() && !replaces) {
            self.goes_on = true;
            return Some(taken);
        }
        let ends = here.len() == 1 || here[0].mark != Mark::None;
        if any_at(here, YES).is_some() || (ends && any_at(here, ANSWERS).is_some()) {
            self.answers = true;
            return Some(1);
        }
        // "Start another agent in api to write the docs."
        let purpose = if self.fresh || self.agent.is_some() { any_at(here, phrases!("to")) } else { None };
        purpose.or_else(|| any_at(here, FILLERS))
    }

    /// "Can you, no wait, ...": what was begun is begun anew.
    fn false_start(&self, here: &[Word]) -> Option<usize> {
        const STARTS_OVER: &Phrases = phrases! {"
            ?oh|uh|um no|wait|sorry|hang wait|no|actually|on ?no; actually no; ?let me start over|again; scratch that;
            i mean; or rather; sorry; wait
        "};
        const DENIES: &Phrases = phrases!("do not; never; stop; not; nothing; forget");
        let has_begun = self.asks || self.project.is_some() || self.agent.is_some();
        let taken = any_at(here, STARTS_OVER).filter(|taken| has_begun && *taken < here.len())?;
        any_at(&here[taken..], DENIES).is_none().then_some(taken)
    }

    /// Takes "codex,", "use codex to", "@codex", "run codex in shop:" and the like.
    fn take_agent(&mut self, here: &[Word], names: &Names) -> Option<usize> {
        const BEFORE: &Phrases = phrases! {"
            use|using|with|via|through ?the ?help ?of ?the; have|let|get|make ?the;
            start|launch|run|spin|fire|kick|open|put|point|set ?up|off ?the; hey|hi|hello|dear;
            i|we want|need ?the; i|we would like|love|prefer ?the;
            give|hand|assign|pass|delegate this|it|that ?task|job|one ?over to ?the;
            ?this|next|one|a|new ?is ?task|job|wish|one for ?the; can|could|would|will|should
        "};
        let agent_at = |offset: usize| names.agent_at(self.head + offset);
        let (before, mention) =
            [Some(0), any_at(here, BEFORE)].into_iter().flatten().find_map(|at| Some((at, agent_at(at)?)))?;
        let mut len = before + mention.len;
        len += usize::from(
            here[len - 1].mark == Mark::None && any_at(&here[len..], phrases!("agent")).is_some(),
        );
        let another = |after: usize, pattern: &Phrases| {
            let joined = any_at(&here[after..], pattern)?;
            agent_at(after + joined).map(|other| (joined + other.len, other.index))
        };
        let rival = another(len, phrases!("or"));
        len += rival.map_or(0, |(len, _)| len);
        len += another(len, phrases!("?and not|except ?the; instead|rather of|than ?the"))
            .map_or(0, |(len, _)| len);
        let rest = &here[len..];
        let ends = here[len - 1].mark != Mark::None || rest.is_empty();
        let told =
            any_at(rest, phrases!("to|and|for|please|should|could|can|must|will|agent ?please ?you ?please"));
        // "Put codex on the memory leak": what it is to work on follows.
        let put = any_at(rest, phrases!("?working|started|going on|at"))
            .filter(|put| before > 0 && names.project_at(self.head + len + put).is_none());
        // "Claude has finished" and "is codex stuck" are no addresses, nor is "let codex know".
        let is_message = any_at(here, phrases!("let")).is_some()
            && any_at(rest, phrases!("know|finish|continue|run|work")).is_some();
        let is_addressed = here[before].text.starts_with('@')
            || ends
            || told.or(put).or(any_at(rest, phrases!("in|on|for|inside"))).is_some()
            || rest.first().is_some_and(is_verb);
        if !is_addressed || is_message {
            return None;
        }
        self.agent = Some(mention.index);
        self.rival = rival.map(|(_, index)| index);
        self.asks |= before > 0;
        self.wants |= put.is_some() && !ends;
        Some(len + if ends { 0 } else { put.or(told).unwrap_or(0) })
    }

    /// Takes "in shop,", "shop:", "for the shop project".
    fn take_project(&mut self, here: &[Word], names: &Names) -> Option<usize> {
        const BEFORE: &Phrases = phrases! {"
            ?go|cd|move|switch|look|work|working|over to|into|in|inside|on|for|within|regarding|at|under
                ?the|my|our;
            project|repo|cd
        "};
        const STARTS: &Phrases = phrases!("please|the|there|a|i|we|also|use|what|how|why|where|is");
        let before = any_at(here, BEFORE).unwrap_or(0);
        let Mention { len, index, .. } = names.project_at(self.head + before)?;
        let mut len = before + len;
        len += usize::from(here[len - 1].mark == Mark::None && any_at(&here[len..], PROJECT_NOUNS).is_some());
        // "In shop or website, fix ...": which one is left to be asked.
        let other = any_at(&here[len..], phrases!("and|or|nor ?in|on|for ?the|my|our")).and_then(|joined| {
            let other = names.project_at(self.head + len + joined).filter(|other| other.index != *index)?;
            Some(joined + other.len)
        });
        len += other.unwrap_or(0);
        let rest = &here[len..];
        let next = rest.first()?;
        let mark = here[len - 1].mark;
        let starts_over = || {
            let begun = Self { project: Some(*index), ..Self::default() };
            any_at(rest, FILLERS).is_some() || begun.false_start(rest).is_some()
        };
        let starts = || {
            next.is(STARTS)
                || starts_over()
                || any_at(rest, REQUESTS).or_else(|| any_at(rest, WANTS)).is_some()
        };
        let is_placed = before > 0 && (self.fresh || here[before].text.contains('/') || starts());
        let is_lead = mark != Mark::None || is_verb(next) || is_placed;
        if !is_lead || mark == Mark::Question {
            return None;
        }
        self.project = Some(*index).filter(|_| other.is_none());
        Some(len)
    }
}

/// Reads what a wish is about before a colon: "src/cart.ts: remove ...", "login page: add ...". What may have
/// come from somebody else is left where it is.
fn topic(here: &[Word]) -> Option<usize> {
    const LONGEST: usize = 4;
    const SOURCES: &Phrases = phrases! {"
        email|mail|message|comment|note|ticket|issue|log|error|warning|output|response|request|user|client|
            admin|host|server|session|agent
    "};
    let topic = clause(here);
    let is_order_next = || here.get(topic.len()).is_some_and(is_verb);
    let is_part = |word: &Word| (is_technical(word) && !word.is(SOURCES)) || !is_content(word);
    let ends = topic.last().is_some_and(|last| last.mark == Mark::Colon && is_content(last));
    let is_topic =
        topic.len() <= LONGEST && topic.iter().all(is_part) && topic.first().is_some_and(is_content);
    (is_topic && ends && is_order_next()).then_some(topic.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;
    use crate::{Agent, Project};

    fn read(wish: &str) -> (Lead, String) {
        let projects =
            ["shop", "api"].map(|name| Project { name: name.into(), path: format!("/src/{name}") });
        let agents = ["claude", "codex"].map(|name| Agent { name: name.into(), default: name == "claude" });
        let words = split(wish);
        let lead = Lead::read(&words, &Names::find(&words, &projects, &agents));
        let rest: Vec<&str> = words[lead.head..].iter().map(|word| word.text.as_ref()).collect();
        (lead, rest.join(" "))
    }

    #[test]
    fn politeness_is_taken_off() {
        for wish in [
            "fix the pager",
            "Hey, could you please fix the pager",
            "I'd like you to fix the pager",
            "ok so let's go ahead and fix the pager",
            "we really need to fix the pager",
        ] {
            assert_eq!(read(wish).1, "fix the pager", "{wish}");
        }
    }

    #[test]
    fn the_agent_and_the_project_are_taken_off_and_kept() {
        for wish in [
            "use codex to fix the pager",
            "Codex, fix the pager",
            "@codex fix the pager",
            "please have codex fix the pager",
            "with codex, fix the pager",
            "run codex and fix the pager",
        ] {
            let (lead, rest) = read(wish);
            assert_eq!((lead.agent, rest.as_str()), (Some(1), "fix the pager"), "{wish}");
        }
        for wish in [
            "in api, fix the pager",
            "api: fix the pager",
            "in the api repo fix the pager",
            "for api: fix the pager",
        ] {
            let (lead, rest) = read(wish);
            assert_eq!((lead.project, rest.as_str()), (Some(1), "fix the pager"), "{wish}");
        }
        let (lead, rest) = read("claude in shop: fix the pager");
        assert_eq!((lead.agent, lead.project, rest.as_str()), (Some(0), Some(0), "fix the pager"));
    }

    #[test]
    fn what_goes_on_or_begins_anew_is_told_apart() {
        let (lead, rest) = read("and when you're done, fix the pager");
        assert!(lead.goes_on && !lead.fresh);
        assert_eq!(rest, "fix the pager");
        let (lead, rest) = read("start a new session in shop: fix the pager");
        assert!(lead.fresh && !lead.goes_on);
        assert_eq!((lead.project, rest.as_str()), (Some(0), "fix the pager"));
    }

    #[test]
    fn what_is_spoken_may_start_over() {
        for wish in [
            "uhm can you no wait, in api fix the pager",
            "um so in api uh fix the pager",
            "could you sorry in api fix the pager",
            "in shop no wait in api fix the pager",
        ] {
            let (lead, rest) = read(wish);
            assert_eq!((lead.project, rest.as_str()), (Some(1), "fix the pager"), "{wish}");
        }
        assert!(read("can you no wait don't fix the pager").1.starts_with("do not"));
    }

    #[test]
    fn questions_about_an_agent_are_no_addresses() {
        assert_eq!(read("has claude finished").1, "has claude finished");
        assert_eq!(read("claude has finished").1, "claude has finished");
        assert_eq!(read("let codex know that").1, "let codex know that");
    }
}
