//! `cargo xtask pictures`: runs `codewalk demo` in a terminal and renders it for the README.
//!
//! Folders and identifiers are replaced, so that the same output gives the same files.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use anstyle::{Color, RgbColor};
use anstyle_svg::{Term, WIN10_CONSOLE};

use crate::process::{self, cargo};

/// The width of the terminal.
const COLUMNS: usize = 104;
const BACKGROUND: Color = Color::Rgb(RgbColor(0x16, 0x1b, 0x22));
const FOREGROUND: Color = Color::Rgb(RgbColor(0xd0, 0xd7, 0xde));

/// The folder, session and process shown in the pictures.
const FOLDER: &str = "/home/you/.local/state/codewalk/demo/4711";
const SESSION: &str = "91d7ed08";
const PROCESS: &str = "4729";

/// Renders the demo into `docs/pictures/`, as SVG and as text.
pub fn run(root: &Path) -> Result<(), Box<dyn Error>> {
    process::run(cargo().args(["build", "--package", "codewalk"]))?;
    let codewalk = process::target_dir(root).join("debug/codewalk");
    let home = std::env::temp_dir().join(format!("codewalk-pictures-{}", std::process::id()));
    std::fs::create_dir_all(&home)?;
    let recordings = record(&codewalk, &home);
    std::fs::remove_dir_all(&home)?;
    let (text, terminal) = recordings?;

    let folder = root.join("docs/pictures");
    std::fs::create_dir_all(&folder)?;
    for (name, content) in [("demo.svg", render(&terminal)), ("demo.txt", text)] {
        let path = folder.join(name);
        std::fs::write(&path, content)?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Runs the demo with its output in a pipe, and then in a terminal.
fn record(codewalk: &Path, home: &Path) -> Result<(String, String), Box<dyn Error>> {
    let home = home.canonicalize()?;
    let demo = |command: &mut Command| -> Result<String, Box<dyn Error>> {
        command.env("CODEWALK_HOME", &home).env("TERM", "xterm-256color").env_remove("NO_COLOR");
        Ok(normalize(&process::output(command)?, &home.to_string_lossy()))
    };
    let text = demo(Command::new(codewalk).arg("demo"))?;
    // util-linux's `script` provides the terminal.
    let in_terminal = format!("stty columns {COLUMNS} rows 60 && exec \"$CODEWALK\" demo");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &in_terminal, "/dev/null"]);
    script.env("CODEWALK", codewalk).env("SHELL", "/bin/sh");
    Ok((text, demo(&mut script)?))
}

/// Renders the output of a terminal.
fn render(output: &str) -> String {
    let term = Term::new().palette(WIN10_CONSOLE).bg_color(BACKGROUND).fg_color(FOREGROUND);
    let lines: Vec<String> = output.trim_end().lines().map(broken).collect();
    term.render_svg(&lines.join("\n"))
}

/// Breaks a line at the edge of the terminal. codewalk itself breaks lines that contain styles.
fn broken(line: &str) -> String {
    if line.contains('\u{1b}') {
        return line.to_owned();
    }
    let characters: Vec<char> = line.chars().collect();
    characters.chunks(COLUMNS).map(String::from_iter).collect::<Vec<_>>().join("\n")
}

/// Replaces the parts that differ between runs: the demo's folder, its session and its process.
fn normalize(output: &str, home: &str) -> String {
    let output = output.replace("\r\n", "\n");
    let folder = format!("{home}/demo/");
    let mut folders = output.split(&folder);
    let mut text = folders.next().unwrap_or_default().to_owned();
    for rest in folders {
        text.push_str(FOLDER);
        text.push_str(rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    let mut normal = String::with_capacity(text.len());
    let mut before = "";
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let is_word = |c: char| c.is_ascii_alphanumeric();
        let gap = rest.find(is_word).unwrap_or(rest.len());
        normal.push_str(&rest[..gap]);
        rest = &rest[gap..];
        let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
        rest = &rest[word.len()..];
        let is_number = word.bytes().all(|b| b.is_ascii_digit());
        let is_id = word.len() == SESSION.len() && word.bytes().all(|b| b.is_ascii_hexdigit());
        normal.push_str(match before {
            "process" if is_number => PROCESS,
            _ if is_id => SESSION,
            _ => word,
        });
        before = word;
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sessions_give_equal_pictures() {
        let session = |folder: &str, id: &str, process: &str| {
            let text = format!(
                "start demo in {folder}?\r\n\u{1b}[36magent\u{1b}[0m works in {folder} (session {id}, \
                 process {process})\r\nwc says: 124; see codewalk sessions show {id}\r\n"
            );
            normalize(&text, "/tmp/x")
        };
        let one = session("/tmp/x/demo/1", "0a1b2c3d", "77");
        assert_eq!(one, session("/tmp/x/demo/98765", "ffffff00", "123456"));
        assert!(one.contains(FOLDER) && one.contains("process 4729)\nwc says: 124;"), "{one}");
        assert_eq!(render(&one), render(&one));
    }

    #[test]
    fn lines_are_broken_at_the_edge() {
        let long = "x".repeat(COLUMNS + 1);
        assert_eq!(broken(&long), format!("{}\nx", "x".repeat(COLUMNS)));
        assert_eq!(broken("short"), "short");
        let styled = format!("\u{1b}[1m{long}\u{1b}[0m");
        assert_eq!(broken(&styled), styled);
    }

    #[test]
    fn the_committed_picture_shows_the_committed_text() {
        let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures");
        let text = std::fs::read_to_string(pictures.join("demo.txt")).unwrap();
        let picture = std::fs::read_to_string(pictures.join("demo.svg")).unwrap();
        assert!(picture.len() < 60_000, "{} bytes", picture.len());
        let (_, shown) = picture.split_once("<text").unwrap();
        let mut words = String::new();
        for part in shown.split('<').filter_map(|part| part.split_once('>')) {
            words.push_str(part.1);
        }
        let words = words.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        let words = words.replace("&#x27;", "'").replace("&amp;", "&");
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(squeezed(&words), squeezed(&text));
    }
}
