//! The words the grammar knows.

use std::cell::OnceCell;

use crate::notation::Packed;
use crate::pattern::{Phrases, phrases};
use crate::words::Word;

/// What is known of a word, as far as it was asked.
#[derive(Clone, Debug, Default)]
pub struct Known {
    plain_verb: OnceCell<bool>,
    verb: OnceCell<bool>,
    content: OnceCell<bool>,
    technical: OnceCell<bool>,
}

/// Says whether a word is a verb that asks for work. "Double-check" is one as its last part is.
pub fn is_verb(word: &Word) -> bool {
    *word.known.verb.get_or_init(|| {
        let last_part = word.text.rsplit_once('-').map(|(_, last)| last);
        is_plain_verb(word) || last_part.is_some_and(is_known_verb) || misspells_verb(&word.text)
    })
}

/// Says whether a word is a verb that asks for work, as it is written.
pub fn is_plain_verb(word: &Word) -> bool {
    *word.known.plain_verb.get_or_init(|| is_known_verb(&word.text))
}

/// Says whether a text is a verb that asks for work.
pub fn is_known_verb(text: &str) -> bool {
    VERBS.contains(text) || LOOSE_VERBS.contains(text) || WHOLE_VERBS.contains(text)
}

/// Says whether a verb makes sense for a whole project: "review shop".
pub fn is_for_a_whole(verb: &Word) -> bool {
    WHOLE_VERBS.contains(&verb.text)
}

/// Says whether a verb may ask for anything, so that what it is about must speak of software.
pub fn is_loose(verb: &Word) -> bool {
    LOOSE_VERBS.contains(&verb.text)
}

/// Says whether a word carries meaning of its own.
pub fn is_content(word: &Word) -> bool {
    *word.known.content.get_or_init(|| !FUNCTION_WORDS.contains(&word.text))
}

/// Says whether a word speaks of software.
pub fn is_technical(word: &Word) -> bool {
    *word.known.technical.get_or_init(|| {
        word.code || is_technical_noun(word.stem()) || word.text.split('-').skip(1).any(is_technical_noun)
    })
}

fn is_technical_noun(noun: &str) -> bool {
    let is_singular = |stem: &str, ending: &str| {
        let rest_of = |noun: &'static [u8]| noun.strip_prefix(stem.as_bytes());
        NOUNS.beginning_as(stem).filter_map(rest_of).any(|rest| rest == ending.as_bytes())
    };
    let is_plural = |ending: &str, singular: &str| {
        noun.strip_suffix(ending).is_some_and(|stem| is_singular(stem, singular))
    };
    NOUNS.contains(noun) || is_plural("s", "") || is_plural("es", "") || is_plural("ies", "y")
}

/// Says whether a word is one slip away from a verb of at least five letters, or has two letters swapped.
fn misspells_verb(word: &str) -> bool {
    let mut alike = VERBS.beginning_as(word).chain(WHOLE_VERBS.beginning_as(word));
    word.len() >= 3
        && word.is_ascii()
        && !REAL_WORDS.contains(word)
        && alike.any(|verb| is_slip(word.as_bytes(), verb))
}

/// Compares a word with a verb that begins with the same letter.
fn is_slip(word: &[u8], verb: &[u8]) -> bool {
    if word.len().abs_diff(verb.len()) > 1 {
        return false;
    }
    let same = word.iter().zip(verb).take_while(|(a, b)| a == b).count();
    let is_long = verb.len() >= 5;
    match (&word[same..], &verb[same..]) {
        ([a, b, rest @ ..], [c, d, others @ ..]) if a == d && b == c && rest == others => true,
        ([_, rest @ ..], [_, others @ ..]) if is_long && rest == others => true,
        // "Removed" and "changes" are other forms of a verb, not slips.
        ([b'd' | b's' | b'r'], []) => false,
        ([_, rest @ ..], verb) if is_long && rest == verb => true,
        (word, [_, others @ ..]) => is_long && word == others,
        _ => false,
    }
}

/// Words in the order of their bytes.
pub struct Words {
    packed: &'static [u8],
    /// Where the words with each first letter begin, then all others, and where the last ones end.
    letters: [u16; LETTERS + 2],
}

const LETTERS: usize = 26;

/// Returns the place of a byte among the letters; all that are none share the last one.
const fn letter_of(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize,
        _ => LETTERS,
    }
}

/// Reads a list of words while this crate is compiled.
macro_rules! words {
    ($text:literal) => {
        const {
            use $crate::notation::{pack, packed_len};
            const PACKED: [u8; packed_len($text)] = pack($text);
            &$crate::vocabulary::Words::of(&PACKED)
        }
    };
}
pub(crate) use words;

impl Words {
    /// Makes a list of words that are packed already.
    pub const fn of(packed: &'static [u8]) -> Self {
        let (mut letters, mut letter, mut at) = ([0; LETTERS + 2], 0, 0);
        while at < packed.len() {
            let first = letter_of(packed[at + 1]);
            assert!(letter <= first, "the words are in order");
            while letter < first {
                letter += 1;
                letters[letter] = at as u16;
            }
            at += 1 + packed[at] as usize;
        }
        while letter <= LETTERS {
            letter += 1;
            letters[letter] = at as u16;
        }
        Self { packed, letters }
    }

    /// Returns all of them.
    pub const fn all(&self) -> Packed {
        Packed::between(self.packed, 0, self.packed.len())
    }

    /// Says whether a word is one of them.
    pub fn contains(&self, word: &str) -> bool {
        self.beginning_as(word).contains(word)
    }

    /// Returns the words that begin with the same letter.
    fn beginning_as(&self, word: &str) -> Packed {
        let Some(first) = word.bytes().next().map(letter_of) else { return Packed::NONE };
        Packed::between(self.packed, usize::from(self.letters[first]), usize::from(self.letters[first + 1]))
    }
}

/// Verbs that ask for work on code by themselves.
const VERBS: &Words = words! {"
    adapt add adjust align allow annotate append apply assign automate backport batch bisect bootstrap bump
        bundle cache capture center centralise centralize change check clarify cleanup collapse combine
        comment commit compare compress configure connect consolidate convert copy correct cover craft
        create crop debounce debug decouple decrease dedupe deduplicate define delete deprecate detect
        determine develop diagnose dig disable display ditch downgrade draft drop duplicate echo edit
        eliminate embed emit enable encrypt enforce enhance ensure erase escape estimate evaluate examine
        expand expire explore export expose extend extract factor fetch filter fix flatten flush forbid
        forward generate group guard handle hardcode hash hide highlight honor honour hook hunt identify
        implement import improve include increase index inject inline insert inspect install instrument
        integrate introduce invalidate invert investigate isolate limit link localise localize log lower
        maintain mask memoize merge migrate minify mock modify modularise modularize mount normalise
        normalize omit organise organize overhaul override package paginate parallelise parallelize
        parameterize parametrize parse partition patch persist pin polish populate port prefetch prefix
        preload prevent protect prototype prune publish purge push rearrange rebase rebuild recreate redact
        redesign redirect redo reduce refine reformat regenerate register reject reload relocate remove
        rename render reorder reorganise reorganize repair replace reproduce require reroute research resize
        resolve restore restrict rethink retire reuse revamp reverse revert revise rework rip rollback
        rotate round sanitise sanitize scaffold scan seed separate serialize setup ship shorten shrink
        shuffle sign silence simulate solve sort specify split squash stabilise stabilize standardise
        standardize store streamline strip stub style subscribe substitute support suppress surface swap
        sync tackle tag throttle tighten toggle trace transform translate transpile trigger trim
        troubleshoot truncate tune tweak type undo unify uninstall unlock unpin update validate vendor
        verify visualise visualize wipe wire wrap write
"};

/// Verbs that ask for work on code, and need no more than the name of a project.
const WHOLE_VERBS: &Words = words! {"
    analyse analyze audit benchmark build clean compile containerize deploy describe dockerise dockerize
        document explain format harden lint modernise modernize optimise optimize profile refactor release
        restructure review rewrite secure simplify speed summarise summarize test tidy typecheck upgrade
"};

/// Verbs that may ask for anything.
const LOOSE_VERBS: &Words = words! {"
    abort answer archive arrange ask attach avoid begin brainstorm bring calculate call cancel catch chase
        cherry-pick clear clone close collect come complete continue count cut deal design divide do
        download draw dump email end experiment figure fill find finish fold get give go halt have help
        ignore interrupt join keep kill leave let list load lock look mail make map mark measure monitor
        move mute name notify number open order outline page pause plan play prepare print produce propose
        prove provide pull put query raise read record remind repeat report request rerun reset restart
        resume retry return roll run save schedule search see send serve set show skip spell start stop
        stream suggest switch take teach terminate think throw time track transfer try turn upload use wake
        walk warn watch work
"};

/// Words that look like a misspelt verb and are none.
const REAL_WORDS: &Words = words! {"
    bug clear content context could cover docker form from great house large later least lines never other
        place plane price prices process product project ready really reason remote report reports right
        shop should sing sort state store strict test tests their there these those three trace track where
        while whole world would wrote
"};

/// Nouns of software development, in the singular.
const NOUNS: &Words = words! {"
    account address admin algorithm alias amount animation ansible api app application argument array
        artifact assertion asset auth authentication authorization avatar babel backend background backup
        badge banner bash benchmark binary black boolean border branch breadcrumb browser buffer bug build
        bundler button byte cache calendar callback cargo carousel cart certificate changelog chart checkbox checkout
        ci class cli client clippy closure cluster cmake code codebase color colour column command comment
        commit compiler component config configuration connection console constant container controller
        cookie coupon coverage cpu crash cron css csv currency cursor customer dashboard data database date
        db deadlock decimal dependency deployment dialog diff directory discount div doc docker dockerfile docs
        docstring documentation download driver dropdown email encoding encryption endpoint enum env
        environment error eslint event exception export extension favicon feature fee feed field file filter
        fixture flag float fmt folder font footer form format formatter framework frontend function gateway
        generator git gradient gradle graph graphql grid handler handling hash header heading health heap
        helm helper homepage hook host html http https icon image implementation import indentation index
        input install installer integer integration interface inventory invoice iterator java javascript jest job jq
        json jwt key kotlin kubectl kubernetes lambda latency layout leak library license line link lint
        linter list listener loader locale localization lock lockfile log logger logging login logo logout
        loop macro mail main makefile margin markdown maven memory menu message metadata method metric
        middleware migration mobile mock modal mode model module monorepo mutex mypy mysql namespace navbar
        navigation network newline newsletter node notification npm number object option order output
        package padding page pager pagination panel parameter parser password patch path payload payment
        performance permission pip pipeline pixel placeholder plugin pnpm pod poetry pointer popover popup
        port postgres postgresql pr prettier price process product production profile program project proxy pytest
        python query queue race ram rate react readme redirect refactoring regex registry regression release
        renderer repo repository request resource response retry rounding route router row ruby ruff runtime
        rust rustfmt scheduler schema screen script sdk search security sed selector semicolon serializer
        server service session setting shell shipping sidebar signup site slider snapshot socket sort source
        span spec spinner sql sqlite stack state stock storage stream string struct stub stylesheet
        subscription suite svelte swift syntax tab table tag tax template terminal terraform test testing
        text theme thread thumbnail ticket timeout timestamp timezone title tls todo token tool toolbar
        tooltip trait transaction translation tree tsc type typescript typo ui unicode upload uploader url
        user utf-8 utility uuid validation validator value variable version view viewport vite vitest vue
        vulnerability warning web webhook webpack webserver website websocket whitespace widget worker
        workflow workspace xml yaml yarn
"};

/// Words without a meaning of their own.
const FUNCTION_WORDS: &Words = words! {"
    a about after again all already also always am an and any are around as asap at away back be because
        been before being but by can could did do does doing done down each either else erm ever every few first
        for from further get go going had has have he her here him his how i if immediately in inside
        instead into is it its just kindly last later least less let like little lot many may maybe me might
        more most much must my need no not now of off ok okay on once one only onto or other our out over
        own per perhaps please quick quickly quite rather really right same shall she should since so some
        soon still such than thank thanks that the their them then there these they this those though
        through till to today together tomorrow tonight too uh uhm um under until up us very via want was way we well
        were what when where whether which while who whom whose why will with within without would yesterday
        yet you your
"};

/// Nouns that do not say what is meant.
pub const VAGUE: &Phrases = phrases! {"
    thing|things|stuff|something|anything|everything|nothing|someone|bug|issue|problem|project|repo|
        repository|codebase|code|app|work|task|tasks|mess|bit|idea|whatever|somehow|somewhere|better|nice|
        nicer|good|great|best|bad|wrong|job|session|agent|yourself|usual|part|kind|sort|time|new|next|magic|
        rest|stuffs
"};

/// Words for a session.
pub const SESSION_NOUNS: &Phrases = phrases!("session|sessions|one|ones|agent|agents|conversation");

/// Words that mean a session where nothing else in the phrase says otherwise.
pub const WEAK_SESSION_NOUNS: &Phrases =
    phrases!("run|runs|job|jobs|task|tasks|thing|work|wish|attempt|effort");

/// Words for a project.
pub const PROJECT_NOUNS: &Phrases = phrases!("project|repo|repository|codebase|workspace");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;

    #[test]
    fn verbs_are_recognised_with_one_slip() {
        for word in ["fix", "refacter", "fxi", "udpate", "implment", "rewriite", "remvoe", "double-check"] {
            assert!(is_verb(&split(word)[0]), "{word}");
        }
        for word in ["asdf", "jkl", "hello", "banana", "there", "six", "removed", "changes", "sing", "shop"] {
            assert!(!is_verb(&split(word)[0]), "{word}");
        }
    }

    #[test]
    fn technical_words_are_recognised_in_the_plural_and_in_compounds() {
        for word in ["endpoint", "queries", "classes", "shop-server", "src/a.rs", "cookie's"] {
            assert!(is_technical(&split(word)[0]), "{word}");
        }
        for word in ["weather", "song", "mum"] {
            assert!(!is_technical(&split(word)[0]), "{word}");
        }
    }

    #[test]
    fn lists_are_in_order_and_a_verb_stands_in_one_of_them() {
        let all = Words::all;
        let has = |list: &Words, word: &[u8]| all(list).any(|one| one == word);
        for list in [VERBS, WHOLE_VERBS, LOOSE_VERBS, REAL_WORDS, NOUNS, FUNCTION_WORDS] {
            assert!(all(list).is_sorted_by(|one, next| one < next));
            assert!(all(list).all(|word| list.contains(str::from_utf8(word).unwrap())));
        }
        assert!(all(VERBS).all(|verb| !has(WHOLE_VERBS, verb) && !has(LOOSE_VERBS, verb)));
        assert!(all(WHOLE_VERBS).all(|verb| !has(LOOSE_VERBS, verb)));
    }

    #[test]
    fn a_list_has_its_own_words_only() {
        for word in ["", "a", "ab", "zz", "é", "adap", "adapt-", "A", "1", "`", "{"] {
            assert!(!VERBS.contains(word) && !NOUNS.contains(word), "{word}");
        }
    }
}
