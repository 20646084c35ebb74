//! The words for the rules in `src/short.rs`.

use crate::phrases::{Phrases, phrases};

pub const TOOLS: &Phrases = phrases! {"
    ?run|rerun|execute|try ?the pytest|jest|vitest|eslint|ruff|mypy|clippy|rustfmt|prettier|tsc|tox|flake8|
    pylint|
    gofmt|rubocop|phpunit|rspec|mocha|cypress|playwright|pre-commit|shellcheck|isort|biome|
    golangci-lint ?check|fix|format|run|again;
    ?run|rerun|execute|try cargo|npm|pnpm|yarn|make|gradle|mvn|go|bun|deno|dotnet|composer|mix ?run test|
    tests|build|lint|check|fmt|format|clippy|fix|audit|bench|doc|docs|typecheck|install|update|start|dev|run
"};

/// Tools with subcommands, which may take arguments.
pub const COMMANDS: &Phrases = phrases! {"
    ?run|execute git status|diff|log|commit|push|pull|fetch|stash|add|branch|checkout|switch|merge|rebase|tag|
    blame|show|
    bisect|grep|describe|restore|cherry-pick;
    ?run|execute gh pr|issue|run|release|workflow; ?run|execute npm|pnpm|yarn audit|ci|outdated; ?run|execute
    docker build|compose|ps|run|push|pull|logs;
    ?run|execute docker-compose|terraform|kubectl up|build|plan|apply|get|logs|validate
"};

/// Tasks without a verb: "tests".
pub const TASKS: &Phrases = phrases! {"
    ?the|all|unit|integration|run|rerun ?the|all|unit|integration|end-to-end tests|linter|linters|formatter|
    typechecker|
    benchmarks|typechecks|linting|formatting ?please|again|now;
    ?the docs|dependencies|deps|changelog|coverage ?please|now
"};

/// Words before the number of a ticket.
pub const TICKETS: &Phrases = phrases!("issue|issues|ticket|bug|task|story|pr|mr; pull|merge request");

/// Instructions to replace something in the code.
pub const DISUSES: &Phrases = phrases!("stop|quit using; no longer use");

pub const NO_TASKS: &Phrases = phrases!("describe|explain|summarize|summarise|speed|test");

pub const VERBS: &Phrases = phrases! {"
    fix|repair|debug|check|double-check|verify|validate|inspect|improve|polish|simplify|update|commit|push|
    publish|
    rebase|squash|merge|install|rebuild|regenerate|reformat|finish
"};

/// Verbs that are too vague for a whole project.
pub const VAGUE: &Phrases = phrases!("fix|repair|debug|improve|polish|finish");

pub const OBJECTS: &Phrases = phrases! {"
    it|this|that|them ?all ?up ?please|now|quickly; up ?please|now; it|this|that|them ?all up ?please|now;
    ?up ?all ?of the|this|my|our code|codebase|repo|repository|project|workspace|sources ?please|now
"};

pub const WHOLES: &Phrases = phrases! {"
    ?it|up everything|all ?please|now; ?all ?of ?the|my|our|your changes|files|sources ?please|now
"};

pub const ALONE: &Phrases = phrases!(
"commit|push|rebase|rebuild|reformat|regenerate ?please|now; commit and push ?it|everything|all ?please|now;
    make|get it|this|everything ?to build|building|compile|compiling|work|working|pass|passing|green ?please|
    now"
);

pub const FIXES: &Phrases = phrases! {"
    fix|find|solve|debug|repair|resolve|reproduce|investigate|diagnose ?and|or ?fix|solve the|all|every ?other
    bug|bugs|issue|issues|problem|problems
"};

/// Ends of complaints about a program.
pub const COMPLAINTS: &Phrases = phrases! {"
    do|does|can|will|did not|longer ?even work|load|start|build|compile|open|render|respond|answer|
    connect|run|
    save|scroll|close ?any ?more|anymore|at ?all|properly|correctly|today|now;
    no longer works|work|loads|starts|builds|compiles|opens|renders|responds|connects|runs|saves
"};

pub const TESTS: &Phrases = phrases! {"
    a|an|another|more|better|some|new|additional|fewer|faster ?unit|integration|regression|smoke|property|
    end-to-end|good|simple test|tests|docs|documentation|comments|logging|types|validation
"};

pub const LOOKS: &Phrases = phrases! {"
    find|figure|work|look|check|see|investigate|debug|analyze ?out|into why it|this is|does|do|can|will|keeps|
    crashes|
    fails|hangs|breaks|leaks|throws|flickers|returns|shows|prints|loads|starts|stops|runs|times
"};

pub const PROGRESS: &Phrases = phrases!("waiting|asking|stuck|long|done|finished|blocked|idle|taking");

pub const FINDS: &Phrases = phrases! {"
    figure|find|work out why|how|where|what|which|whether|if|when;
    check|see|investigate|debug|analyze|analyse|explain|understand|look ?into why|how|where|whether|if
"};

pub const RULES: &Phrases = phrases! {"
    must|should ?not|never|always|only be|have|return|returns|raise|throw|fail|reject|accept|use|show|keep|
    stay|
    work|allow|handle|contain|support|include|become|get|give|come|print|log|report|round|require
"};

pub const PERSONS: &Phrases = phrases! {"
    i|we|you|he|she|they|it|that|this|someone|somebody|everyone|everybody|nobody|people|there|codewalk|one;
    who|what|why|how|when|where|which; no one
"};

pub const CLAIMS: &Phrases = phrases! {"
    yes|approve|approved|approval|approvals|confirm|confirmed|confirmation|confirmations|consent|permission|
    permissions|bypass|sudo|instructions|launches|launch|agents|agent|session|sessions|ai|assistant
"};

pub const USES: &Phrases = phrases! {"
    defined|declared|implemented|used|called|set|tested|handled|stored|computed|calculated|documented|
    configured|created|validated|initialized|imported|exported|parsed|rendered|registered|assigned
"};

pub const CHANGES: &Phrases = phrases! {"
    what|which ?files|file|code|tests ?has|have ?been changed ?in ?this|the ?repo|project|code|repository
    since;
    what changed in this|the project|repo|repository|codebase|code
"};

pub const PLACES: &Phrases = phrases!(
    "this|our project|repo|repository|codebase|code|folder|directory|workspace; the code|codebase|repo|
        repository"
);

pub const ASKS: &Phrases = phrases! {"
    summarize|summarise|describe|explain|outline ?to|for ?me;
    what|which|how|where|why|who|does|do|is|are|has|have; tell|show me what|how|which|where|whether|if
"};

pub const IS_ABOUT_PROJECT_PROGRESS: &Phrases = phrases! {"
    status|progress|running|happening|going|doing|done|finished|waiting|stuck|ready|update|news|summary|
    failed|cost|costs|working|now|yet|they|you
"};

pub const PLACE_PREPOSITIONS: &Phrases = phrases!("in|for|of");

pub const TEST_CONTINUATIONS: &Phrases =
    phrases!("for|of|that|which|to|in|with|on|about|around|against|when|where|please");

pub const WORK: &Phrases = phrases!("work|works");

pub const HOW_DOES: &Phrases = phrases!("how do|does");

pub const WHERE_IS: &Phrases = phrases!("where|how|when is|are|was|does|do");

pub const EFFECTS: &Phrases = phrases!("do|return|mean|raise|throw|expect");

pub const WHAT_DOES: &Phrases = phrases!("what do|does");

pub const WHO_CALLS: &Phrases = phrases!("who|what calls|uses|imports|sets|raises|throws|returns");

pub const ARTICLES: &Phrases = phrases!("the|our|a|an|this|that");

pub const NO_NAMES: &Phrases =
    phrases!("codewalk|claude|agent|agents|session|sessions|one|life|world|universe|thing|things");

pub const THE_CODE: &Phrases = phrases!("the|all|our|this|my code|sources");
