//! The words for the rules in `src/places.rs`.

use crate::phrases::{Phrases, phrases};

/// Words for a project at the end of its name.
pub const PLACES: &Phrases = phrases! {"
    service|server|app|application|backend|frontend|website|site|client|portal|bot|cli|sdk|microservice|
    monorepo|shop|gateway
"};

/// Words that may follow everything else.
pub const ASIDES: &Phrases = phrases!("please|now|thanks|asap|pls");

pub const BEFORE: &Phrases = phrases!("?over in|inside|for|on|within|to|into ?the|my|our");

pub const GOES: &Phrases = phrases! {"
    ?first ?just switch|go|change|move|head|hop|jump|navigate ?over|back to|into; ?go cd ?to|into|in; open ?up
"};

pub const LIES: &Phrases = phrases!("?over|back|down in|inside");

pub const STARTS: &Phrases = phrases!("the|please|there|a|an|all|our|my|every|some|no|we|i|can|could|you");

pub const OTHERS: &Phrases = phrases! {"
    production|prod|staging|development|dev|ci|general|parallel|particular|place|detail|details|full|half|two|
    three|
    advance|background|foreground|total|sync|bulk|batches|reverse|isolation|practice|theory|question|use|
    depth|short|scope|comments|brackets|quotes|pairs|groups|series|sequence|strict|debug|headless|private|
    public|common|contrast|principle|chunks|steps|stages|prose|caps|uppercase|lowercase|bold|italics|
    order|memory|addition|one|both|all|everything|anything;
    english|german|french|spanish|italian|japanese|chinese|portuguese|dutch|polish|russian|korean|arabic|
    hindi|
    turkish|swedish|danish|norwegian|finnish|czech|greek|hebrew|ukrainian;
    go|golang|c|perl|scala|php|elixir|haskell|zig|fortran|cobol|lua|dart|erlang|ocaml|clojure|julia|r|
    deno|bun|react|angular|django|rails|flask|fastapi|spring|tailwind|next|nuxt|laravel|symfony|numpy|
    pandas|tokio|express;
    chrome|firefox|safari|edge|opera|outlook|gmail|thunderbird|excel|windows|linux|macos|ubuntu|debian|fedora|
    android|ios|vim|emacs|neovim|
    vscode|intellij|xcode|jira|slack|github|gitlab|bitbucket|notion|redis|mongo|mongodb|oracle|kafka|
    aws|azure|gcp|heroku|vercel|netlify;
    red|green|blue|black|white|grey|gray|yellow|orange|pink|euros|dollars|cents|seconds|minutes|hours|days|
    weeks|milliseconds|microseconds|bytes|kilobytes|megabytes|percent|utc|ascii
"};

pub const NAME_ENDS: &Phrases = phrases!("and|then|please");

pub const IN_ARTICLE: &Phrases = phrases!("in|inside|for|on the|my|our");

pub const SERVICES: &Phrases = phrases!("service|microservice|monorepo");

pub const IN: &Phrases = phrases!("in|inside");

pub const OVER: &Phrases = phrases!("over");

pub const JUST_IN: &Phrases = phrases!("in");
