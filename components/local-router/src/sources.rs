//! Tells a place that something comes from, or is like, from the place of the work: "port the login from shop".

use crate::pattern::{Phrases, any_at, any_in, any_whole, phrases};
use crate::vocabulary::is_content;
use crate::words::{Mark, Word, sentence};

/// Verbs that bring something along, where they order it.
const BRINGS: &Phrases = phrases! {"
    port|copy|bring|import|reuse|re-use|borrow|adapt|adopt|migrate|backport|clone|steal|fork|replicate|duplicate|mirror|inherit|
        carry|transfer|use;
    pull|fetch|take|get|grab|lift|move|merge ?over|across|in the|a|an|all|our|my|some|this|that|over|across|in
"};

/// Those of them that leave where it comes from as it is.
const COPIES: &Phrases = phrases!("copy|port|reuse|re-use|borrow|clone|steal|replicate|adopt|import");

/// Words that say of something where it comes from.
const COMES: &Phrases = phrases! {"
    came|comes|come|coming|stems|stemming|originates|originating|arrives|arriving|inherited|copied|ported|taken|imported|
        borrowed|brought|migrated|reused|cloned|forked|received|pulled|known
"};

/// Says whether the name at a place in the words is only where something comes from, or what it is to be like.
pub fn is_source(words: &[Word], at: usize, is_owner: bool) -> bool {
    let start = words[..at].iter().rposition(|word| word.mark.ends_sentence()).map_or(0, |end| end + 1);
    let mut before = &words[start..at];
    while let Some((last, rest)) = before.split_last().filter(|(last, _)| last.is(ARTICLES)) {
        if last.mark != Mark::None {
            return false;
        }
        before = rest;
    }
    let Some((last, rest)) = before.split_last().filter(|(last, _)| last.mark == Mark::None) else {
        return false;
    };
    let is_taken = last.text == "from" && (brings(rest, BRINGS) || any_in(rest, COMES))
        || last.text == "of" && brings(rest, COPIES);
    let is_caused = last.text == "by" && rest.last().is_some_and(|word| word.is(CAUSES));
    let is_copied = is_owner && last.is(COPIES);
    let is_taken =
        is_taken || (last.is(FROM_ELSEWHERE) && any_in(sentence(&words[start..]), BRINGS_ELSEWHERE));
    is_taken || is_caused || is_copied || compares(before)
}

/// "From" in other languages.
const FROM_ELSEWHERE: &Phrases = phrases!("aus|von|vom|desde|de|del|depuis|从|從");

/// Orders to bring something along in other languages.
const BRINGS_ELSEWHERE: &Phrases = phrases! {"
    portiere|portier|kopiere|kopier|übernimm|übernehme|hol|hole|importiere|importier|verwende|portieren|kopieren|übernehmen|
        importieren|copia|copiar|trae|traer|importa|importar|porta|portar|adapta|reutiliza|reutilizar|copie|copier|
        porte|porter|importe|importer|reprends|reprendre|récupère|récupérer|réutilise|réutiliser|adapte|复制|拷贝|
        移植|导入|引入|复用
"};

const ARTICLES: &Phrases = phrases!("the|my|our|project|repo|repository");

const CAUSES: &Phrases = phrases! {"
    caused|introduced|broken|triggered|raised|sent|thrown|returned|produced|generated|made|created
"};

/// "Port the login", but not "fix the import" nor "take the footer out".
fn brings(words: &[Word], verbs: &Phrases) -> bool {
    let begins = |at: usize| {
        let leads = |before: &Word| {
            before.mark != Mark::None || (!is_content(before) && !before.is(phrases!("the|a|an|my|our|of")))
        };
        words[..at].last().is_none_or(leads)
    };
    let orders = (0..words.len()).any(|at| any_at(&words[at..], verbs).is_some() && begins(at));
    orders && !any_in(words, phrases!("out|away|off"))
}

/// "Like the one in", "as in", "the way it is done in".
fn compares(words: &[Word]) -> bool {
    const LONGEST: usize = 8;
    const LIKENESSES: &Phrases = phrases! {"
        like|as|than|unlike ?the|that|those ?one|ones|version|way ?it|they|we ?is|are|has|have|does|do|did ?done|it|that|this
            in|on|from|of|at;
        the|same way ?that ?it|we|they ?is|are|does|do|did|have|has ?done|it|that|this in|on|at
    "};
    let first = words.len().saturating_sub(LONGEST);
    (first..words.len()).any(|start| any_whole(&words[start..], LIKENESSES))
}
