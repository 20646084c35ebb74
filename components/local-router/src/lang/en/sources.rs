//! The words for the rules in `src/sources.rs`.

use crate::phrases::{Phrases, phrases};

/// Imperative verbs that bring something from a source.
pub const BRINGS: &Phrases = phrases! {"
    port|copy|bring|import|reuse|re-use|borrow|adapt|adopt|migrate|backport|clone|steal|fork|replicate|
    duplicate|mirror|inherit|
    carry|transfer|use;
    pull|fetch|take|get|grab|lift|move|merge ?over|across|in the|a|an|all|our|my|some|this|that|over|across|in
"};

/// Such verbs that do not change the source.
pub const COPIES: &Phrases = phrases!("copy|port|reuse|re-use|borrow|clone|steal|replicate|adopt|import");

/// Words before the source of something.
pub const COMES: &Phrases = phrases! {"
    came|comes|come|coming|stems|stemming|originates|originating|arrives|arriving|inherited|copied|ported|
    taken|imported|
    borrowed|brought|migrated|reused|cloned|forked|received|pulled|known
"};

/// "From" in other languages.
pub const FROM_ELSEWHERE: &Phrases = phrases!("aus|von|vom|desde|de|del|depuis|从|從");

/// Imperatives that bring something from a source, in other languages.
pub const BRINGS_ELSEWHERE: &Phrases = phrases! {"
    portiere|portier|kopiere|kopier|übernimm|übernehme|hol|hole|importiere|importier|verwende|portieren|
    kopieren|übernehmen|
    importieren|copia|copiar|trae|traer|importa|importar|porta|portar|adapta|reutiliza|reutilizar|copie|
    copier|
    porte|porter|importe|importer|reprends|reprendre|récupère|récupérer|réutilise|réutiliser|adapte|复制|拷贝|
    移植|导入|引入|复用
"};

pub const ARTICLES: &Phrases = phrases!("the|my|our|project|repo|repository");

pub const CAUSES: &Phrases = phrases! {"
    caused|introduced|broken|triggered|raised|sent|thrown|returned|produced|generated|made|created
"};

/// Words before "like" in a statement about the place itself: "it looks like shop is broken".
pub const LOOKS: &Phrases = phrases!("look|looks|seem|seems|feel|feels|sound|sounds|i|we");

pub const LIKENESSES: &Phrases = phrases! {"
    like; like|as|than|unlike ?the|that|those ?one|ones|version|way ?it|they|we ?is|are|has|have|does|do|did
    ?done|it|that|this
    in|on|from|of|at;
    the|same way ?that ?it|we|they ?is|are|does|do|did|have|has ?done|it|that|this in|on|at
"};

pub const DETERMINERS: &Phrases = phrases!("the|a|an|my|our|of");

pub const AWAY: &Phrases = phrases!("out|away|off");

pub const FROM: &Phrases = phrases!("from");

pub const OF: &Phrases = phrases!("of");

pub const BY: &Phrases = phrases!("by");
