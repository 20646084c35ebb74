//! Wraps text for a screen so that no row of foreign text starts in the column where codewalk's own rows
//! start.

use std::collections::VecDeque;

use codewalk_core::terminal_text::visible_line;
use unicode_width::UnicodeWidthChar;

/// The prefix of each row of agent output.
pub const AGENT: &str = "  |     ";
/// The indent of continuation rows of codewalk's own text, except for progress.
pub const ASIDE: usize = 2;
/// The indent of continuation rows of progress, whose lines start with a word in a column of this width.
pub const PROGRESS: usize = 8;
/// The prefix of foreign rows in a question, and of continuation rows of its lines. No row of codewalk's own
/// text starts with it.
pub const FOREIGN: &str = codewalk_protocol::questions::FOREIGN;
/// The indent of continuation rows of a question.
pub const QUESTION: usize = FOREIGN.len();
/// Marks where a word was cut, so that the rest does not look like a separate word.
const CUT: char = '\u{21aa}';
/// The minimum number of text characters in a row, on any screen.
const MIN_TEXT: usize = 8;
/// The replacement for a tab.
const TAB: &str = "    ";

/// Returns an adapter's text as one line after a label.
pub fn labelled(what: &str, text: &str) -> String {
    format!("{what:<PROGRESS$}{}", visible_line(text))
}

/// Indents all lines of a text except the first.
pub fn hanging(text: &str, indent: usize) -> String {
    text.replace('\n', &format!("\n{:indent$}", ""))
}

/// Wraps a text into rows shorter than `columns`. Continuation rows are indented like the first row of their
/// line, and by at least `indent`. Rows of agent output start with [`AGENT`].
pub fn wrapped(text: &str, columns: usize, indent: usize) -> String {
    let mut shown = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            shown.push('\n');
        }
        shown.push_str(&rows(line, columns, indent).join("\n"));
    }
    shown
}

/// Wraps one line, as [`wrapped`] does.
pub fn rows(line: &str, columns: usize, indent: usize) -> Vec<String> {
    let line = line.replace('\t', TAB);
    let hang = hang(&line, indent);
    // A terminal may start another row when a row is full.
    let columns = columns.saturating_sub(1).max(width(&hang) + MIN_TEXT);
    let mut rows = Vec::new();
    let mut row = Row::default();
    let mut left: VecDeque<char> = line.chars().collect();
    while let Some(c) = left.pop_front() {
        if row.takes(c, columns) {
            row.push(c);
            continue;
        }
        left.push_front(c);
        let next = row.split(&hang, &mut left);
        rows.push(std::mem::replace(&mut row, next).text);
    }
    rows.push(row.text);
    rows
}

/// Returns the prefix of the continuation rows of a line.
fn hang(line: &str, indent: usize) -> String {
    const DEEPEST: usize = 12;
    let plain = anstream::adapter::strip_str(line).to_string();
    if plain.starts_with(AGENT.trim_end()) {
        return AGENT.to_owned();
    }
    if indent == QUESTION {
        return FOREIGN.to_owned();
    }
    let leading = plain.len() - plain.trim_start_matches(' ').len();
    " ".repeat(if leading == 0 { indent } else { indent.max((leading + 2).min(DEEPEST)) })
}

/// Returns how many columns a text without style sequences takes up.
fn width(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// A row under construction.
#[derive(Default)]
struct Row {
    text: String,
    width: usize,
    /// The position of the last blank between two words, in bytes.
    after_blank: Option<usize>,
    /// Whether a word has started; blanks before it are indentation.
    has_word: bool,
    /// Whether the text ends in an incomplete style sequence.
    in_style: bool,
}

impl Row {
    fn takes(&self, c: char, columns: usize) -> bool {
        self.in_style || c == '\u{1b}' || self.width + c.width().unwrap_or(0) <= columns
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
        if self.in_style || c == '\u{1b}' {
            self.in_style = c != 'm';
            return;
        }
        self.width += c.width().unwrap_or(0);
        match c {
            ' ' if self.has_word => self.after_blank = Some(self.text.len()),
            ' ' => {}
            _ => self.has_word = true,
        }
    }

    /// Ends the row before the first character of `left`, which does not fit, and returns the next row. Moves
    /// an unfinished word back to `left`.
    fn split(&mut self, hang: &str, left: &mut VecDeque<char>) -> Self {
        let mut next = Self { text: hang.to_owned(), width: width(hang), ..Self::default() };
        if left.front() == Some(&' ') && self.has_word {
            left.pop_front();
        } else if let Some(at) = self.after_blank {
            self.text.split_off(at).chars().rev().for_each(|c| left.push_front(c));
        } else {
            next.text.push(CUT);
            next.width += 1;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_words_and_indented() {
        for (line, columns, indent, shown) in [
            ("one two three", 80, 2, "one two three"),
            ("three four five", 12, 2, "three four \n  five"),
            ("three four five", 11, 2, "three four\n  five"),
            ("   one two three four", 14, 2, "   one two \n     three \n     four"),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", 12, 2, "aaaaaaaaaaa\n  \u{21aa}aaaaaaaa\n  \u{21aa}aaaaa"),
            ("a\tb", 80, 2, "a    b"),
            (
                "\u{4e00}\u{4e00}\u{4e00}\u{4e00}\u{4e00}\u{4e00}",
                11,
                0,
                "\u{4e00}\u{4e00}\u{4e00}\u{4e00}\u{4e00}\n\u{21aa}\u{4e00}",
            ),
            ("one\ntwo", 80, 2, "one\ntwo"),
            ("", 80, 2, ""),
        ] {
            assert_eq!(wrapped(line, columns, indent), shown, "{line:?}");
        }
    }

    #[test]
    fn styles_take_up_no_columns_and_are_never_cut() {
        let line = "\u{1b}[1mthree four\u{1b}[0m five";
        assert_eq!(wrapped(line, 11, 2), "\u{1b}[1mthree four\u{1b}[0m\n  five");
    }

    #[test]
    fn each_row_of_an_agent_is_marked() {
        let faked = format!("{AGENT}{}claude asks: may it use Bash on ls? [yes / no]", "x ".repeat(26));
        for columns in [40, 60, 61, 80] {
            for row in wrapped(&faked, columns, PROGRESS).lines() {
                assert!(row.starts_with(AGENT) && width(row) < columns, "{columns}: {row:?}");
            }
        }
    }

    #[test]
    fn continuation_rows_of_a_question_are_marked() {
        let line =
            format!("claude asks: may it use Bash on ls {}\u{23ce}the agent says: it lists?", "x".repeat(20));
        for columns in 20..80 {
            for line in [line.clone(), format!("{FOREIGN}{line}"), format!("   the agent says: \"{line}\"")] {
                for row in rows(&line, columns, QUESTION).iter().skip(1) {
                    assert!(row.starts_with(FOREIGN), "{columns}: {row:?}");
                }
            }
        }
    }

    #[test]
    fn a_narrow_screen_still_shows_all_of_the_text() {
        for columns in 0..30 {
            let shown = wrapped("   rm -rf /home/me/important; echo done", columns, QUESTION);
            let letters =
                |text: &str| text.chars().filter(|c| ![' ', '\n', '|', CUT].contains(c)).collect::<String>();
            assert_eq!(letters(&shown), letters("rm -rf /home/me/important; echo done"), "{columns}");
        }
    }
}
