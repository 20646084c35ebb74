//! Makes foreign texts safe to show for consent: nothing in them is invisible, and every lookalike is marked.
//!
//! Invisible characters, and those that change how others are displayed, are replaced by their code:
//! `<U+202E>`. A letter that looks like an ASCII letter is followed by its code. Long runs of blank lines,
//! spaces or tabs are replaced by their count: `<37 blank lines>`. So the text may become longer, but loses
//! no information. Applying the functions twice changes nothing.

use core::fmt::Write;

/// The longest run of blank lines that is kept.
const BLANK_LINES: usize = 2;
/// The widest run of spaces and tabs that is kept, in columns, and the width of a tab.
const BLANK_COLUMNS: usize = 40;
const TAB: usize = 8;

/// Returns the text with everything visible; line breaks are kept.
pub fn visible(text: &str) -> String {
    // The common case.
    if is_plain(text) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut blank = 0;
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 && line.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
            blank += 1;
            continue;
        }
        end_blank_lines(&mut shown, &mut blank);
        if number > 0 {
            shown.push('\n');
        }
        if is_plain(line) {
            shown.push_str(line);
        } else {
            show_line(&mut shown, line);
        }
    }
    end_blank_lines(&mut shown, &mut blank);
    shown
}

/// Returns whether a text is visible as it is: printable ASCII without a long run of spaces.
fn is_plain(text: &str) -> bool {
    let mut spaces = 0;
    text.bytes().all(|byte| {
        spaces = if byte == b' ' { spaces + 1 } else { 0 };
        matches!(byte, b' '..=b'~') && spaces <= BLANK_COLUMNS
    })
}

/// Returns the text as one line with everything visible; a line break becomes `⏎`.
pub fn visible_line(text: &str) -> String {
    visible(&text.replace('\n', "\u{23ce}"))
}

/// Returns JSON for the same value, with everything visible: characters that are invisible, or change how
/// others are displayed, are escaped. They occur in strings only, where control characters are escaped
/// already.
pub fn visible_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if c > '~' && is_unseen(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

fn end_blank_lines(shown: &mut String, blank: &mut usize) {
    if *blank > BLANK_LINES {
        // Writing to a string cannot fail.
        let _ = write!(shown, "\n<{blank} blank lines>");
    } else {
        shown.extend(core::iter::repeat_n('\n', *blank));
    }
    *blank = 0;
}

fn show_line(shown: &mut String, line: &str) {
    // The start of the current run of spaces and tabs.
    let mut blank = 0;
    let mut word = 0;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        let next = at + c.len_utf8();
        if !matches!(c, ' ' | '\t') {
            show_blank(shown, &line[blank..at]);
            blank = next;
        }
        if !is_of_word(c) {
            word = next;
        }
        match c {
            ' ' | '\t' => {}
            '!'..='~' => shown.push(c),
            c if is_unseen(c) && !is_of_emoji(before, c, line[next..].chars().next()) => code(shown, c),
            c if is_wide_mark(c) && is_beside_wide_text(&line[..at], &line[next..]) => shown.push(c),
            c if is_look_alike(c) || (is_foreign_letter(c) && is_deceiving(&line[word..])) => {
                shown.push(c);
                // The mark may be there already.
                if !line[next..].starts_with(&code_of(c)) {
                    code(shown, c);
                }
            }
            c => shown.push(c),
        }
        before = c;
    }
    show_blank(shown, &line[blank..]);
}

fn show_blank(shown: &mut String, run: &str) {
    let tabs = run.bytes().filter(|byte| *byte == b'\t').count();
    let spaces = run.len() - tabs;
    let _ = match (spaces, tabs) {
        _ if spaces + tabs * TAB <= BLANK_COLUMNS => shown.write_str(run),
        (_, 0) => write!(shown, "<{spaces} spaces>"),
        (0, _) => write!(shown, "<{tabs} tabs>"),
        _ => write!(shown, "<{spaces} spaces and {tabs} tabs>"),
    };
}

fn code(shown: &mut String, c: char) {
    shown.push_str(&code_of(c));
}

fn code_of(c: char) -> String {
    format!("<U+{:04X}>", u32::from(c))
}

/// Returns whether a character is invisible, looks blank, or changes how others are displayed.
pub(crate) const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{70f}'
        | '\u{115f}' | '\u{1160}' | '\u{1680}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}'
        | '\u{2028}'..='\u{202f}'
        | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{13455}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether the text has a character that is invisible or changes how others are displayed, including
/// line breaks and tabs.
pub fn has_unseen(text: &str) -> bool {
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if is_unseen(c) && !is_of_emoji(before, c, rest.peek().copied()) {
            return true;
        }
        before = c;
    }
    false
}

/// Returns whether a character only selects the form of an emoji, or joins it to the next one.
const fn is_of_emoji(before: char, c: char, next: Option<char>) -> bool {
    let Some(next) = next else { return c == '\u{fe0f}' && is_emoji(before) };
    match c {
        '\u{fe0f}' => is_emoji(before),
        '\u{200d}' => (is_emoji(before) || before == '\u{fe0f}') && is_emoji(next),
        _ => false,
    }
}

const fn is_emoji(c: char) -> bool {
    matches!(c, '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{27bf}'
    | '\u{2900}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}')
}

/// Returns whether a character looks like an ASCII one in any context: other widths and styles, and
/// lookalikes of shell and path punctuation.
const fn is_look_alike(c: char) -> bool {
    matches!(c,
        '\u{37e}' | '\u{387}' | '\u{1c0}' | '\u{1c3}' | '\u{2bb}'..='\u{2bd}' | '\u{2c8}' | '\u{2cb}'
        | '\u{2d0}' | '\u{2d7}'
        | '\u{589}' | '\u{5f3}' | '\u{5f4}' | '\u{2010}'..='\u{2012}' | '\u{201a}' | '\u{2024}'
        | '\u{2035}' | '\u{2039}' | '\u{203a}'
        | '\u{2044}' | '\u{204e}' | '\u{2100}'..='\u{2101}' | '\u{2105}'..='\u{2106}'
        | '\u{2110}'..='\u{2115}' | '\u{2119}'..='\u{211d}' | '\u{212a}'..='\u{2134}'
        | '\u{2160}'..='\u{2188}' | '\u{2212}' | '\u{2215}'..='\u{2217}'
        | '\u{2223}' | '\u{2236}' | '\u{223c}' | '\u{2571}' | '\u{2572}' | '\u{29f5}' | '\u{29f8}'
        | '\u{29f9}' | '\u{a789}'
        | '\u{fe50}'..='\u{fe6b}' | '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}')
}

/// Returns whether a character is Chinese or Japanese punctuation with an ASCII lookalike.
const fn is_wide_mark(c: char) -> bool {
    matches!(c, '\u{ff01}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0c}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}')
}

/// Returns whether a run of such punctuation is adjacent to text in a script that uses it.
fn is_beside_wide_text(before: &str, after: &str) -> bool {
    /// The longest run that is searched. It is bounded because each mark searches in both directions.
    const LONGEST: usize = 4;
    let is_wide = |c: Option<char>| {
        c.is_some_and(|c| {
            matches!(c, '\u{3001}'..='\u{3030}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
                | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{323af}')
        })
    };
    is_wide(before.chars().rev().take(LONGEST).find(|c| !is_wide_mark(*c)))
        || is_wide(after.chars().take(LONGEST).find(|c| !is_wide_mark(*c)))
}

/// Returns whether a letter belongs to a script with ASCII lookalikes.
const fn is_foreign_letter(c: char) -> bool {
    matches!(c,
        '\u{131}' | '\u{251}' | '\u{261}' | '\u{269}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{386}'
        | '\u{388}'..='\u{58f}'
        | '\u{13a0}'..='\u{13ff}' | '\u{1c80}'..='\u{1c8f}' | '\u{1d00}'..='\u{1d7f}'
        | '\u{1f00}'..='\u{1fff}' | '\u{2c80}'..='\u{2cff}'
        | '\u{2de0}'..='\u{2dff}' | '\u{a4d0}'..='\u{a4ff}' | '\u{a640}'..='\u{a69f}'
        | '\u{ab70}'..='\u{abbf}' | '\u{10280}'..='\u{1031f}')
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns whether the first word of a text is deceptive: it mixes foreign and ASCII letters, or all of its
/// letters look like ASCII.
fn is_deceiving(text: &str) -> bool {
    /// Cyrillic, Greek, Armenian, Coptic, phonetic, Cherokee and Lisu letters that look like ASCII letters.
    const TWINS: &str = "ոսօհցզՍՏՕԼⲟⲥⲣⲞⲤⲢⲎⲒⲔⲘⲚⲦⲨⲬıɑɡɩ\
        аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅԌԚԜӏӀαοινρυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ\
        ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᎽᏀᏂᏃᏎᏏᏒᏔᏕᏙᏚᏞᏟᏢᏦᏧᏳᏴꭰꭱꭲꭵꭹꭺꭻꭼꮃꮇꮋꮍꮐꮒꮓꮞꮟꮢꮤꮥꮩꮪꮮꮯꮲꮶꮷ\
        ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴꓸꓹꓺꓻꓼꓽ";
    let word = || text.chars().take_while(|c| is_of_word(*c));
    word().any(|c| c.is_ascii_alphabetic()) || word().all(|c| TWINS.contains(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_replaced_by_their_code() {
        for (text, shown) in [
            ("echo hi\rrm -rf ~", "echo hi<U+000D>rm -rf ~"),
            ("a\u{1b}[2Jb", "a<U+001B>[2Jb"),
            ("rm \u{202e}txt.exe", "rm <U+202E>txt.exe"),
            ("a\u{2066}b\u{2069}", "a<U+2066>b<U+2069>"),
            ("pass\u{200b}word", "pass<U+200B>word"),
            ("a\u{200d}b\u{2060}c\u{feff}", "a<U+200D>b<U+2060>c<U+FEFF>"),
            ("x\u{e0041}\u{e0042}", "x<U+E0041><U+E0042>"),
            ("soft\u{ad}hyphen", "soft<U+00AD>hyphen"),
            ("a\u{3164}b\u{2062}c\u{fe01}", "a<U+3164>b<U+2062>c<U+FE01>"),
            ("rm\u{a0}-rf\u{2003}~", "rm<U+00A0>-rf<U+2003>~"),
            ("del\u{7f}\u{9b}2K", "del<U+007F><U+009B>2K"),
            ("a\u{2800}b", "a<U+2800>b"),
            ("a\u{e0100}b", "a<U+E0100>b"),
            ("\u{2764}\u{fe0f}\u{fe0f}", "\u{2764}\u{fe0f}<U+FE0F>"),
            ("\u{2764}\u{200d}x", "\u{2764}<U+200D>x"),
            ("line\u{2028}next\u{85}", "line<U+2028>next<U+0085>"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn texts_with_invisible_characters_are_recognized() {
        for text in ["a\u{200b}b", "a\u{e0041}", "soft\u{ad}hyphen", "a\nb", "\u{3164}", "a\u{fe0f}"] {
            assert!(has_unseen(text), "{text:?}");
        }
        for text in ["", "Grüße an Zoë", "ログイン", "a ❤\u{fe0f} b 👩\u{200d}💻 c"] {
            assert!(!has_unseen(text), "{text:?}");
        }
    }

    #[test]
    fn lookalikes_of_ascii_are_marked() {
        for (text, shown) in [
            ("curl https://p\u{430}ypal.com", "curl https://p\u{430}<U+0430>ypal.com"),
            ("\u{441}\u{443}\u{445}", "\u{441}<U+0441>\u{443}<U+0443>\u{445}<U+0445>"),
            ("rm \u{2010}rf", "rm \u{2010}<U+2010>rf"),
            ("a\u{2215}b\u{ff0f}c", "a\u{2215}<U+2215>b\u{ff0f}<U+FF0F>c"),
            ("x\u{37e} y", "x\u{37e}<U+037E> y"),
            (
                "https://\u{430}\u{440}\u{440}\u{4cf}\u{435}.com",
                "https://\u{430}<U+0430>\u{440}<U+0440>\u{440}<U+0440>\u{4cf}<U+04CF>\u{435}<U+0435>.com",
            ),
            ("\u{13a1}\u{13a7}", "\u{13a1}\u{13a7}"),
            ("\u{a4e3}\u{a4df}", "\u{a4e3}<U+A4E3>\u{a4df}<U+A4DF>"),
            ("\u{13df}\u{13aa}\u{13d4}", "\u{13df}<U+13DF>\u{13aa}<U+13AA>\u{13d4}<U+13D4>"),
            ("\u{578}\u{57d} tests", "\u{578}<U+0578>\u{57d}<U+057D> tests"),
            ("\u{2ca5}\u{2ca3}", "\u{2ca5}<U+2CA5>\u{2ca3}<U+2CA3>"),
            ("\u{251}\u{131}", "\u{251}<U+0251>\u{131}<U+0131>"),
            ("\u{aba9}\u{ab75}.sh", "\u{aba9}<U+ABA9>\u{ab75}<U+AB75>.sh"),
            ("r\u{217f}", "r\u{217f}<U+217F>"),
            ("\u{ff32}\u{ff2d}", "\u{ff32}<U+FF32>\u{ff2d}<U+FF2D>"),
            ("\u{1d42b}m", "\u{1d42b}<U+1D42B>m"),
            ("echo hi\u{ff1b}rm -rf ~", "echo hi\u{ff1b}<U+FF1B>rm -rf ~"),
            ("\u{ff08}a\u{ff09}", "\u{ff08}<U+FF08>a\u{ff09}<U+FF09>"),
            ("\u{6d4b}\u{ff0c}a\u{ff0c}b", "\u{6d4b}\u{ff0c}a\u{ff0c}<U+FF0C>b"),
            ("\u{6d4b}\u{ff0f}\u{6d4b}", "\u{6d4b}\u{ff0f}<U+FF0F>\u{6d4b}"),
            ("\u{6d4b}\u{200b}\u{ff0c}a", "\u{6d4b}<U+200B>\u{ff0c}<U+FF0C>a"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn ordinary_text_in_any_script_stays_as_it_is() {
        for text in [
            "fn main() {\n\tprintln!(\"hi\");\n}\n",
            "Grüße an Zoë – „schön“ — ‘so’",
            "исправь тест входа",
            "διόρθωσε το τεστ",
            "ログインのテストを直してください",
            "a ❤\u{fe0f} b 👩\u{200d}💻 c ✓ → …",
            "测试失败了，请修复",
            "修复 shop（网店）里的测试：“登录”！好吗？",
            "在shop，修复测试；然后部署。",
            "ログイン（テスト）を直して！？",
            "x  y\n\n\nz",
            "\t\t\t\t\treturn x",
            "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ",
            "ուղղիր մուտքի թեստը",
        ] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn visible_text_is_unchanged_when_shown_again() {
        for text in [
            "p\u{430}ypal \u{441}\u{443}\u{445} \u{436}x\u{430}",
            "a\u{200b}b\u{202e}\u{2764}\u{fe0f}\u{fe0f}",
            "rm \u{2010}rf \u{ff32}\u{ff2d} \u{1d42b}m\u{1d42b}",
            "a\n\n\n\n\n\nb",
        ] {
            let shown = visible(text);
            assert_ne!(shown, text);
            assert_eq!(visible(&shown), shown, "{text:?}");
        }
        assert_eq!(visible("\u{430}<U+0431>"), "\u{430}<U+0430><U+0431>", "that is another one's mark");
    }

    #[test]
    fn long_blank_runs_are_replaced_by_their_count() {
        assert_eq!(visible(&format!("a{}b", "\n".repeat(38))), "a\n<37 blank lines>\nb");
        assert_eq!(visible(&format!("a{}b", "\n \t".repeat(9))), format!("a\n<8 blank lines>\n \tb"));
        assert_eq!(visible(&format!("a\n{}", "\n".repeat(50))), "a\n<51 blank lines>");
        assert_eq!(visible(&format!("a{};b", " ".repeat(500))), "a<500 spaces>;b");
        assert_eq!(visible(&format!("{}x", " ".repeat(40))), format!("{}x", " ".repeat(40)));
        assert_eq!(visible(&format!("a{};b", "\t".repeat(30))), "a<30 tabs>;b");
        assert_eq!(visible(&format!("a{};b", " \t".repeat(6))), "a<6 spaces and 6 tabs>;b");
        assert_eq!(visible(&format!("a{}", "\t".repeat(30))), "a<30 tabs>");
    }

    #[test]
    fn a_line_break_shows_in_a_single_line() {
        assert_eq!(visible_line("hi\nrm"), "hi\u{23ce}rm");
    }

    #[test]
    fn json_shows_every_character_and_keeps_its_value() {
        for (c, escaped) in [
            ('\u{202e}', "\\u202e"),
            ('\u{3164}', "\\u3164"),
            ('\u{fe0f}', "\\ufe0f"),
            ('\u{ad}', "\\u00ad"),
            ('\u{e0041}', "\\udb40\\udc41"),
            ('\u{200b}', "\\u200b"),
            ('\u{2062}', "\\u2062"),
            ('\u{7f}', "\\u007f"),
            ('\u{85}', "\\u0085"),
            ('\u{9b}', "\\u009b"),
            ('\u{2066}', "\\u2066"),
        ] {
            assert_eq!(
                visible_json(&format!("{{\n  \"a\": \"x{c}\\n\"\n}}")),
                format!("{{\n  \"a\": \"x{escaped}\\n\"\n}}")
            );
        }
        assert_eq!(visible_json("[\"Gr\u{fc}\u{df}e \u{30ed}\"]"), "[\"Gr\u{fc}\u{df}e \u{30ed}\"]");
    }
}
