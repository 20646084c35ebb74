//! The words for the rules in `src/vocabulary.rs`.

use crate::phrases::{Phrases, phrases};
use crate::word_list::{Words, words};

/// Verbs of work on code.
pub const VERBS: &Words = words! {"
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

/// Verbs of work on code that need only the name of a project.
pub const WHOLE_VERBS: &Words = words! {"
    analyse analyze audit benchmark build clean compile containerize deploy describe dockerise dockerize
    document explain format harden lint modernise modernize optimise optimize profile refactor release
    restructure review rewrite secure simplify speed summarise summarize test tidy typecheck upgrade
"};

/// Verbs that can ask for anything, not only for work on code.
pub const LOOSE_VERBS: &Words = words! {"
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

/// Words that look like a misspelt verb.
pub const REAL_WORDS: &Words = words! {"
    bug clear content context could cover docker form from great house large later least lines never other
    place plane price prices process product project ready really reason remote report reports right
    shop should sing sort state store strict test tests their there these those three trace track where
    while whole world would wrote
"};

/// Nouns of software development, in the singular.
pub const NOUNS: &Words = words! {"
    account address admin algorithm alias amount animation ansible api app application argument array
    artifact assertion asset auth authentication authorization avatar babel backend background backup
    badge banner bash benchmark binary black boolean border branch breadcrumb browser buffer bug build
    bundler button byte cache calendar callback cargo carousel cart certificate changelog chart checkbox
    checkout
    ci class cli client clippy closure cluster cmake code codebase color colour column command comment
    commit compiler component config configuration connection console constant container controller
    cookie coupon coverage cpu crash cron css csv currency cursor customer dashboard data database date
    db deadlock decimal dependency deployment dialog diff directory discount div doc docker dockerfile docs
    docstring documentation download driver dropdown email encoding encryption endpoint enum env
    environment error eslint event exception export extension favicon feature fee feed field file filter
    fixture flag float fmt folder font footer form format formatter framework frontend function gateway
    generator git gradient gradle graph graphql grid handler handling hash header heading health heap
    helm helper homepage hook host html http https icon image implementation import indentation index
    input install installer integer integration interface inventory invoice iterator java javascript jest job
    jq
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

/// Function words.
pub const FUNCTION_WORDS: &Words = words! {"
    a about after again all already also always am an and any are around as asap at away back be because
    been before being but by can could did do does doing done down each either else erm ever every few first
    for from further get go going had has have he her here him his how i if immediately in inside
    instead into is it its just kindly last later least less let like little lot many may maybe me might
    more most much must my need no not now of off ok okay on once one only onto or other our out over
    own per perhaps please pls plz quick quickly quite rather really right same shall she should since so some
    soon still such than thank thanks that the their them then there these they this those though
    through till to today together tomorrow tonight too uh uhm um under until up us very via want was way we
    well
    were what when where whether which while who whom whose why will with within without would yesterday
    yet you your
"};

/// Vague nouns.
pub const VAGUE: &Phrases = phrases! {"
    thing|things|stuff|something|anything|everything|nothing|someone|bug|issue|problem|project|repo|
    repository|codebase|code|app|work|task|tasks|mess|bit|idea|whatever|somehow|somewhere|better|nice|
    nicer|good|great|best|bad|wrong|job|session|agent|yourself|usual|part|kind|sort|time|new|next|magic|
    rest|stuffs
"};

/// Words for a session.
pub const SESSION_NOUNS: &Phrases = phrases!("session|sessions|one|ones|agent|agents|conversation");

/// Words that mean a session unless the rest of the phrase says otherwise.
pub const WEAK_SESSION_NOUNS: &Phrases =
    phrases!("run|runs|job|jobs|task|tasks|thing|work|wish|attempt|effort");

/// Words for a project.
pub const PROJECT_NOUNS: &Phrases = phrases!("project|repo|repository|codebase|workspace");
