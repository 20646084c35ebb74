//! Commands of a shell, read as far as it takes to say them: what is run, whether it is a test, whether it only looks.

use crate::words::{self, plain, spoken_word};

/// The most words of a command that are said of one that has run.
const WORDS_TOLD: usize = 8;
/// The most words of a command that are said of one that needs an approval.
const WORDS_ASKED: usize = 16;

/// Programs that look at things and change nothing, as agents use them.
const LOOKING: [&str; 29] = [
    "[", "awk", "cat", "date", "df", "diff", "du", "echo", "env", "file", "find", "grep", "head", "jq",
    "less", "ls", "printf", "pwd", "rg", "sed", "stat", "tail", "test", "tree", "true", "type", "wc",
    "which", "whoami",
];
/// Subcommands of git that do the same.
const LOOKING_GIT: [&str; 9] =
    ["blame", "branch", "diff", "log", "ls-files", "remote", "rev-parse", "show", "status"];
/// Programs that only prepare the ground for the next command.
const PREPARING: [&str; 8] = ["cd", "export", "pushd", "popd", "set", "sleep", "source", "unset"];
/// Programs that run the program after them.
const WRAPPING: [&str; 6] = ["command", "env", "exec", "nohup", "sudo", "time"];
/// Words that make a command a test run, unless it is one of [`HANDLING`].
const TESTING: [&str; 12] = [
    "ctest",
    "jest",
    "mocha",
    "nextest",
    "phpunit",
    "playwright",
    "pytest",
    "rspec",
    "test",
    "tests",
    "tox",
    "vitest",
];
/// Programs that do something to files that may be tests.
const HANDLING: [&str; 12] =
    ["chmod", "code", "cp", "git", "install", "ln", "mkdir", "mv", "patch", "rm", "rmdir", "touch"];

/// A part of a command line.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `&&`, `;` or a line end.
    Then,
    /// `||`.
    Else,
    /// `|`.
    Pipe,
    /// A redirection, and whether it writes.
    Redirection {
        writes: bool,
    },
    /// `&` after a command.
    Background,
}

/// A command that was run, without what is not worth saying.
pub struct Command {
    /// What is run one after the other, as words.
    parts: Vec<Vec<String>>,
    /// Whether it does nothing but look.
    pub is_look: bool,
    /// Whether it runs tests.
    pub is_test: bool,
}

impl Command {
    /// Reads a command line.
    pub fn read(line: &str) -> Self {
        let mut parts: Vec<_> = split(&tokens(words::head(line))).collect();
        if let [only] = parts.as_slice()
            && let Some(inner) = only.inner_line()
        {
            return Self::read(inner);
        }
        let is_look = parts.iter().all(Part::is_look);
        if parts.iter().any(Part::is_act) {
            parts.retain(Part::is_act);
        } else if parts.iter().any(|part| !part.is_preparing()) {
            parts.retain(|part| !part.is_preparing());
        }
        Self {
            is_look,
            is_test: parts.iter().any(Part::is_test),
            parts: parts.into_iter().map(|part| part.words).collect(),
        }
    }

    /// Returns the same text for two runs of the same command.
    pub fn key(&self) -> String {
        self.parts.iter().map(|words| words.join(" ")).collect::<Vec<_>>().join(" ; ")
    }

    /// Returns how it is named when one tells of it.
    pub fn spoken(&self) -> String {
        let said = |words: &Vec<String>| said(words, WORDS_TOLD / self.parts.len().clamp(1, 2));
        match self.parts.as_slice() {
            [] => "a command".to_owned(),
            [one] => said(one),
            [one, two] => format!("{} and then {}", said(one), said(two)),
            [one, ..] => format!("{} and more", said(one)),
        }
    }
}

/// One command between `&&`, `;` and `|`, the ends of pipes left out.
#[derive(Default)]
struct Part {
    words: Vec<String>,
    writes: bool,
}

impl Part {
    fn program(&self) -> &str {
        self.words.first().map_or("", |word| words::file_name(word))
    }

    fn is_preparing(&self) -> bool {
        PREPARING.contains(&self.program())
    }

    fn is_look(&self) -> bool {
        let program = self.program();
        let looks = LOOKING.contains(&program)
            || (program == "git"
                && self.words.get(1).is_some_and(|word| LOOKING_GIT.contains(&word.as_str())));
        self.is_preparing() || (looks && !self.writes)
    }

    fn is_act(&self) -> bool {
        !self.is_look()
    }

    fn is_test(&self) -> bool {
        let program = self.program();
        !LOOKING.contains(&program)
            && !HANDLING.contains(&program)
            && self.words.iter().any(|word| {
                word.split(|c: char| !c.is_ascii_alphanumeric()).any(|name| TESTING.contains(&name))
            })
    }

    /// Returns the command line that a shell is given as an argument.
    fn inner_line(&self) -> Option<&str> {
        let [shell, flag, line] = self.words.as_slice() else {
            return None;
        };
        let is_shell = matches!(words::file_name(shell), "bash" | "sh" | "zsh");
        (is_shell && matches!(flag.as_str(), "-c" | "-lc")).then_some(line)
    }
}

fn split(tokens: &[Token]) -> impl Iterator<Item = Part> {
    tokens.split(|token| matches!(token, Token::Then | Token::Else | Token::Background)).filter_map(part)
}

fn part(tokens: &[Token]) -> Option<Part> {
    let mut part = Part::default();
    let mut tokens = tokens.iter().take_while(|token| **token != Token::Pipe);
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) => part.words.push(word.clone()),
            Token::Redirection { writes } => {
                let target = tokens.next();
                let is_kept = matches!(target, Some(Token::Word(file)) if file != "/dev/null" && !file.starts_with('&'));
                part.writes |= *writes && is_kept;
            }
            _ => {}
        }
    }
    let own = part.words.iter().position(|word| {
        let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        });
        !is_assignment && !WRAPPING.contains(&word.as_str())
    });
    part.words.drain(..own.unwrap_or(0));
    if part.words.first().is_some_and(|word| word == "timeout") && part.words.len() > 2 {
        part.words.drain(..2);
    }
    (!part.words.is_empty()).then_some(part)
}

/// Returns a whole command line as it is said where it needs an approval: nothing is left out without saying so.
pub fn asked(line: &str) -> String {
    let looked_at = words::head(line);
    let mut said = Vec::new();
    for token in tokens(looked_at) {
        match token {
            Token::Word(word) => said.push(spoken_argument(&word, true)),
            Token::Then => said.push("and then".to_owned()),
            Token::Else => said.push("or else".to_owned()),
            Token::Pipe => said.push("into".to_owned()),
            Token::Redirection { writes: true } => said.push("into".to_owned()),
            Token::Redirection { writes: false } => said.push("from".to_owned()),
            Token::Background => said.push("in the background".to_owned()),
        }
    }
    let said = said.join(" ").replace(" into &1", "");
    let cut = words::cut(&said, WORDS_ASKED, usize::MAX);
    if cut.is_empty() {
        "a command".to_owned()
    } else if cut != said || looked_at.len() < line.len() || line.ends_with('…') {
        format!("a longer command that begins with {cut}")
    } else {
        cut
    }
}

fn said(words: &[String], most: usize) -> String {
    let said: Vec<_> = words.iter().map(|word| spoken_argument(word, false)).collect();
    words::cut(&said.join(" "), most, usize::MAX)
}

/// Returns an argument as it is said. Where the user is asked, a path keeps its folder: it matters what is removed.
fn spoken_argument(argument: &str, keep_folder: bool) -> String {
    if argument == "*" {
        return "everything".to_owned();
    }
    let starless = argument.replace('*', "star").replace('`', "");
    let word = starless.split_whitespace().collect::<Vec<_>>().join(" ");
    if keep_folder && word.contains('/') && !word.contains("://") && !word.contains(' ') {
        return place(&word);
    }
    word.split(' ').map(spoken_word).collect::<Vec<_>>().join(" ")
}

/// Returns the end of a path with the folder that holds it; a short path as it is.
pub fn place(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [.., folder, name] if parts.len() > 2 => format!("{}/{}", spoken_word(folder), spoken_word(name)),
        [] => path.to_owned(),
        _ if words::is_identifier(path) => "an id".to_owned(),
        _ => words::cut(path, 1, 80),
    }
}

/// Splits a command line as a shell would, as far as it takes to tell words from what joins them.
fn tokens(line: &str) -> Vec<Token> {
    let line = plain(line);
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), '\n') => word.get_or_insert_default().push(' '),
            (Some('"'), '\\') | (None, '\\') => {
                // A backslash at the end of a line joins it with the next.
                if let Some(escaped) = chars.next().filter(|c| *c != '\n') {
                    word.get_or_insert_default().push(escaped);
                }
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => end_word(&mut word, &mut out),
            (None, '\n' | ';') => end_word_with(Token::Then, &mut word, &mut out),
            (None, '|') => {
                let token = if chars.next_if_eq(&'|').is_some() { Token::Else } else { Token::Pipe };
                end_word_with(token, &mut word, &mut out);
            }
            (None, '&') if chars.next_if_eq(&'&').is_some() => {
                end_word_with(Token::Then, &mut word, &mut out)
            }
            // `>&1` and `&>file` are redirections.
            (None, '&') if matches!(out.last(), Some(Token::Redirection { .. })) && word.is_none() => {
                word = Some("&".to_owned());
            }
            (None, '&') if chars.peek() == Some(&'>') => {}
            (None, '&') => end_word_with(Token::Background, &mut word, &mut out),
            (None, '>' | '<') => {
                while chars.next_if_eq(&c).is_some() {}
                // The number of a stream is no argument.
                word = word.filter(|number| number.len() != 1 || !number.bytes().all(|b| b.is_ascii_digit()));
                end_word_with(Token::Redirection { writes: c == '>' }, &mut word, &mut out);
            }
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    end_word(&mut word, &mut out);
    while matches!(out.last(), Some(Token::Then)) {
        out.pop();
    }
    out
}

fn end_word(word: &mut Option<String>, out: &mut Vec<Token>) {
    out.extend(word.take().map(Token::Word));
}

fn end_word_with(token: Token, word: &mut Option<String>, out: &mut Vec<Token>) {
    end_word(word, out);
    if !(token == Token::Then && matches!(out.last(), None | Some(Token::Then))) {
        out.push(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_without_what_prepares_and_trims_it() {
        for (line, told) in [
            ("cargo test", "cargo test"),
            ("cd /home/dev/shop && cargo test -p login 2>&1 | tail -20", "cargo test -p login"),
            ("RUST_LOG=debug timeout 60 cargo test > /dev/null", "cargo test"),
            ("npm ci && npm test", "npm ci and then npm test"),
            ("npm ci; npm run build; npm test", "npm ci and more"),
            ("echo out; echo err >&2; touch made.txt", "touch made.txt"),
            ("git commit -m \"fix; done && ok\"", "git commit -m fix; done && ok"),
            ("bash -lc 'cargo fmt && cargo build'", "cargo fmt and then cargo build"),
            ("cargo test \\\n  --all", "cargo test --all"),
            ("python /home/dev/shop/scripts/seed.py --users=10", "python seed.py --users=10"),
            ("a b c d e f g h i j", "a b c d e f g h…"),
            ("curl -s https://api.example.com/v1/x", "curl -s a link to api.example.com"),
            ("cd /tmp", "cd /tmp"),
            ("", "a command"),
        ] {
            assert_eq!(Command::read(line).spoken(), told, "{line}");
        }
    }

    #[test]
    fn a_command_that_needs_approval_is_asked_with_all_that_it_does() {
        for (line, asked_for) in [
            ("cargo test", "cargo test"),
            ("cargo test && rm -rf ~", "cargo test and then rm -rf ~"),
            ("curl https://get.example.org/x.sh | sh", "curl a link to get.example.org into sh"),
            ("rm -rf /", "rm -rf /"),
            ("rm -rf /home/dev/shop/target", "rm -rf shop/target"),
            ("rm -rf *", "rm -rf everything"),
            ("rm *.log", "rm star.log"),
            ("make > out.txt 2>&1", "make into out.txt"),
            ("server &", "server in the background"),
            ("make⏎rm -rf ~", "make and then rm -rf ~"),
            ("make…", "a longer command that begins with make…"),
            (
                "a b c d e f g h i j k l m n o p q",
                "a longer command that begins with a b c d e f g h i j k l m n o p…",
            ),
        ] {
            assert_eq!(asked(line), asked_for, "{line}");
        }
        let long = format!("true {}; rm -rf ~", "x".repeat(5000));
        assert!(asked(&long).starts_with("a longer command"), "{}", asked(&long));
    }

    #[test]
    fn looks_tests_and_other_commands_are_told_apart() {
        for (line, is_look, is_test) in [
            ("ls -la hello.txt && cat hello.txt", true, false),
            ("git status", true, false),
            ("git push", false, false),
            ("cat tests/login.rs | head", true, false),
            ("echo hi > hello.txt", false, false),
            ("ls 2>/dev/null", true, false),
            ("cargo test", false, true),
            ("cargo nextest run", false, true),
            ("python -m pytest tests/test_login.py -q", false, true),
            ("./run_tests.sh", false, true),
            ("npm run test:unit", false, true),
            ("rm tests/old.rs", false, false),
            ("test -f Cargo.toml", true, false),
            ("cargo build --features latest", false, false),
        ] {
            let command = Command::read(line);
            assert_eq!((command.is_look, command.is_test), (is_look, is_test), "{line}");
        }
    }
}
