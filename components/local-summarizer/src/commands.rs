//! Parses shell commands just enough to know whether one runs tests, whether it only reads, and whether two
//! are the same. Commands are quoted exactly when spoken; see [`speech::quote`].

use speech::quote;

use speech::words;

/// The maximum number of words and bytes in a command, if it is the only one.
const ONE: (usize, usize) = (20, 200);
/// The maximum number of words and bytes in each of several commands.
const ONE_OF_SEVERAL: (usize, usize) = (8, 80);

/// Programs that only read, whatever their arguments.
const LOOKING: [&str; 34] = [
    "[", "basename", "cat", "cmp", "column", "comm", "cut", "df", "diff", "dirname", "du", "echo", "false",
    "file", "grep", "head", "jq", "ls", "nl", "printf", "pwd", "realpath", "rev", "rg", "sleep", "stat",
    "tac", "tail", "test", "tr", "true", "type", "wc", "which",
];
/// Programs that only read, unless an argument begins with one of these.
const LOOKING_WITHOUT: [(&str, &[&str]); 7] = [
    ("date", &["-s", "--s"]),
    ("env", &[]),
    ("find", &["-delete", "-exec", "-ok", "-fprint", "-fls"]),
    ("sort", &["-o", "--o", "--compress", "-T"]),
    ("tree", &["-o", "-R"]),
    ("whoami", &[]),
    ("uname", &[]),
];
/// Subcommands of git that only read, unless an argument begins with `--output` or names a program.
const LOOKING_GIT: [&str; 6] = ["blame", "diff", "log", "ls-files", "rev-parse", "show"];
/// Programs that only prepare for the next command.
const PREPARING: [&str; 6] = ["cd", "export", "popd", "pushd", "set", "unset"];
/// Programs that run another program, given as an argument.
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
/// Programs that work on files; these may be test files.
const HANDLING: [&str; 12] =
    ["chmod", "code", "cp", "git", "install", "ln", "mkdir", "mv", "patch", "rm", "rmdir", "touch"];

/// A part of a command line.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// A separator of commands: `&&`, `||`, `;`, `|`, `&`, or a line end as `;`.
    Joint(&'static str),
    /// A redirection, and whether it writes.
    Redirection {
        writes: bool,
    },
}

/// The properties of a command that ran.
pub struct Command {
    /// The key of the command: equal for two runs of the same command.
    pub key: String,
    /// Whether it certainly only reads.
    pub is_look: bool,
    /// Whether it runs tests.
    pub is_test: bool,
}

impl Command {
    /// Reads a command line.
    pub fn read(line: &str) -> Self {
        let looked_at = words::head(line);
        let parts: Vec<_> = parts(tokens(looked_at));
        if let [only] = parts.as_slice()
            && let Some(inner) = only.inner_line()
        {
            return Self::read(inner);
        }
        // A hidden part may do anything.
        let is_seen = looked_at.len() == line.len() && !line.contains([quote::MARK, '`']);
        let runs_more = ["$(", "<(", ">(", "<<", "${"].iter().any(|sign| looked_at.contains(sign));
        let acts = parts.iter().any(|part| !part.is_preparing() && !part.is_trimming());
        let is_told = |part: &&Part| !acts || (!part.is_preparing() && !part.is_trimming());
        Self {
            key: if is_seen { key(parts.iter().filter(is_told)) } else { line.to_owned() },
            is_look: is_seen && !runs_more && parts.iter().all(Part::is_look),
            is_test: parts.iter().any(Part::is_test) && !looked_at.contains("<<"),
        }
    }
}

/// Returns the spoken form of a command line that is the only one.
pub fn quoted(line: &str, most_bytes: usize) -> String {
    quoted_within(line, ONE.0, ONE.1.min(most_bytes))
}

/// Returns the spoken form of one of several command lines.
pub fn quoted_beside_others(line: &str) -> String {
    quoted_within(line, ONE_OF_SEVERAL.0, ONE_OF_SEVERAL.1)
}

fn quoted_within(line: &str, most_words: usize, most_bytes: usize) -> String {
    if quote::is_blank(line) { "a command".to_owned() } else { quote::quoted(line, most_words, most_bytes) }
}

fn key<'a>(parts: impl Iterator<Item = &'a Part>) -> String {
    let mut key = String::new();
    for part in parts {
        if !key.is_empty() {
            key.push_str(part.joint);
        }
        for word in part.words.iter().chain(&part.written) {
            key.push('\0');
            key.push_str(word);
        }
    }
    key
}

/// One command between `&&`, `;`, `|` and the like.
#[derive(Default)]
struct Part {
    /// The separator before it.
    joint: &'static str,
    words: Vec<String>,
    /// The files that its output goes to.
    written: Vec<String>,
}

impl Part {
    /// Returns the words of the command, starting with the program.
    fn own(&self) -> &[String] {
        let own = self.words.iter().position(|word| {
            let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            });
            !is_assignment && !WRAPPING.contains(&word.as_str())
        });
        match &self.words[own.unwrap_or(0)..] {
            [first, _, own @ ..] if first == "timeout" && !own.is_empty() => own,
            own => own,
        }
    }

    fn program(&self) -> &str {
        self.own().first().map_or("", |word| words::file_name(word))
    }

    fn is_preparing(&self) -> bool {
        PREPARING.contains(&self.program())
    }

    /// Returns whether this part only shortens the output of the command before it.
    fn is_trimming(&self) -> bool {
        self.joint == "|" && self.is_look()
    }

    fn is_look(&self) -> bool {
        let [program, arguments @ ..] = self.own() else { return self.written.is_empty() };
        let has = |beginnings: &[&str]| {
            arguments.iter().any(|word| beginnings.iter().any(|beginning| word.starts_with(beginning)))
        };
        let looks = match program.as_str() {
            "git" => match arguments {
                [command, ..] if LOOKING_GIT.contains(&command.as_str()) => !has(&["--output", "--ext-diff"]),
                [command, rest @ ..] if command == "status" => rest.iter().all(|word| word.starts_with('-')),
                [command, rest @ ..] if matches!(command.as_str(), "branch" | "remote") => rest
                    .iter()
                    .all(|word| matches!(word.as_str(), "-a" | "-r" | "-v" | "-vv" | "--show-current")),
                _ => false,
            },
            // Prints only lines selected by number.
            "sed" => match arguments {
                [flag, lines, ..] if flag == "-n" => {
                    lines.strip_suffix('p').is_some_and(|lines| {
                        lines.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'$'))
                    }) && !arguments.iter().skip(2).any(|word| word.starts_with('-'))
                }
                _ => false,
            },
            "rg" => !has(&["--pre"]),
            program => {
                let exception = LOOKING_WITHOUT.iter().find(|(name, _)| *name == program);
                exception.map_or_else(|| LOOKING.contains(&program), |(_, acting)| !has(acting))
            }
        };
        let is_wrapped = self.words.iter().any(|word| word == "sudo");
        self.is_preparing() || (looks && !is_wrapped && self.written.is_empty())
    }

    fn is_test(&self) -> bool {
        let program = self.program();
        !LOOKING.contains(&program)
            && !HANDLING.contains(&program)
            && self.words.iter().any(|word| {
                word.split(|c: char| !c.is_ascii_alphanumeric()).any(|name| TESTING.contains(&name))
            })
    }

    /// Returns the command line that is passed to a shell as an argument.
    fn inner_line(&self) -> Option<&str> {
        let [shell, flag, line] = self.words.as_slice() else {
            return None;
        };
        let is_shell = matches!(words::file_name(shell), "bash" | "sh" | "zsh");
        (is_shell && matches!(flag.as_str(), "-c" | "-lc") && self.written.is_empty()).then_some(line)
    }
}

fn parts(tokens: Vec<Token>) -> Vec<Part> {
    let mut parts = vec![Part::default()];
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match (token, parts.last_mut()) {
            (Token::Joint(joint), _) => parts.push(Part { joint, ..Part::default() }),
            (Token::Word(word), Some(part)) => part.words.push(word),
            (Token::Redirection { writes }, Some(part)) => {
                let file = tokens.next_if(|token| matches!(token, Token::Word(_)));
                if let Some(Token::Word(file)) = file
                    && writes
                    && file != "/dev/null"
                    && !file.starts_with('&')
                {
                    part.written.push(file);
                }
            }
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.words.is_empty() || !part.written.is_empty());
    parts
}

/// Splits a command line as a shell does, just enough to distinguish words and separators.
fn tokens(line: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
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
            (None, ' ' | '\t') => end_word(&mut word, &mut out),
            // The second character stands for a line end in text shown on a single line.
            (None, '\n' | '⏎' | ';') => end_word_with(Token::Joint(";"), &mut word, &mut out),
            (None, '|') => {
                let joint = if chars.next_if_eq(&'|').is_some() { "||" } else { "|" };
                // `|&` is a pipe too.
                chars.next_if_eq(&'&');
                end_word_with(Token::Joint(joint), &mut word, &mut out);
            }
            (None, '&') if chars.next_if_eq(&'&').is_some() => {
                end_word_with(Token::Joint("&&"), &mut word, &mut out);
            }
            // `>&1` and `&>file` are redirections.
            (None, '&') if matches!(out.last(), Some(Token::Redirection { .. })) && word.is_none() => {
                word = Some("&".to_owned());
            }
            (None, '&') if chars.peek() == Some(&'>') => {}
            (None, '&') => end_word_with(Token::Joint("&"), &mut word, &mut out),
            (None, '>' | '<') => {
                while chars.next_if_eq(&c).is_some() {}
                // `>|` overwrites, `<>` opens for both.
                let writes = chars.next_if(|next| matches!(next, '|' | '>')).is_some() || c == '>';
                // The number of a stream is not an argument.
                word = word.filter(|number| number.len() != 1 || !number.bytes().all(|b| b.is_ascii_digit()));
                end_word_with(Token::Redirection { writes }, &mut word, &mut out);
            }
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    end_word(&mut word, &mut out);
    out
}

fn end_word(word: &mut Option<String>, out: &mut Vec<Token>) {
    out.extend(word.take().map(Token::Word));
}

fn end_word_with(token: Token, word: &mut Option<String>, out: &mut Vec<Token>) {
    end_word(word, out);
    out.push(token);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_command_is_recognised_however_its_output_is_trimmed() {
        let key = |line| Command::read(line).key;
        for line in [
            "cargo test",
            "cd /home/dev/shop && cargo test 2>&1 | tail -20",
            "cargo test > /dev/null",
            "cargo test \\\n  2>&1",
            "bash -lc 'cargo test'",
        ] {
            assert_eq!(key(line), key("cargo test"), "{line}");
        }
        for line in [
            "cargo test --all",
            "cargo test > out.txt",
            "sudo cargo test",
            "CI=1 cargo test",
            "cargo test; git push",
            "cargo test | sh",
            "cargo test || true && rm -rf x",
            "cargo test && cargo test",
        ] {
            assert_ne!(key(line), key("cargo test"), "{line}");
        }
        assert_ne!(key("make && x"), key("make || x"));
        assert_ne!(key("rm 'a b'"), key("rm a b"));
    }

    #[test]
    fn reads_tests_and_other_commands_are_distinguished() {
        for (line, is_look, is_test) in [
            ("ls -la hello.txt && cat hello.txt", true, false),
            ("git status --short", true, false),
            ("git log --oneline | head -3", true, false),
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
            ("sed -n 1,20p src/a.rs", true, false),
            ("find . -name '*.rs' | sort | head", true, false),
            ("env", true, false),
        ] {
            let command = Command::read(line);
            assert_eq!((command.is_look, command.is_test), (is_look, is_test), "{line}");
        }
    }

    #[test]
    fn commands_that_only_seem_to_read_are_recognised() {
        for line in [
            "echo x | sh",
            "cat key | sudo tee /etc/hosts",
            "echo $(rm -rf ~)",
            "echo `rm -rf ~`",
            "cat <(rm x)",
            "cat <<EOF > x\nEOF",
            "sed -i s/a/b/ x",
            "sed 's/a/b/w out' x",
            "sed -n 1p -i x",
            "find . -delete",
            "find . -name x -exec rm {} +",
            "awk 'BEGIN { system(\"rm x\") }'",
            "env rm x",
            "sudo cat /etc/shadow",
            "git branch -D main",
            "git remote add evil x",
            "git diff --output=x",
            "sort x -o y",
            "source evil.sh",
            ". evil.sh",
            "ls & rm x",
            "ls\nrm x",
            "ls⏎rm x",
            "true … ls",
            "cat x >| y",
            "cat x <> y",
            "cat x &> y",
            "> x",
            "xargs rm < x",
        ] {
            assert!(!Command::read(line).is_look, "{line}");
        }
        let long = format!("echo {}; rm -rf ~", "x".repeat(5000));
        assert!(!Command::read(&long).is_look);
    }
}
