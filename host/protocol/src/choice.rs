//! Answers to an agent's questions.

use codewalk_core::routing::grammar::{self, TypedAnswer};
use codewalk_core::session::Question;

/// The options of a yes-or-no question.
const YES_OR_NO: [&str; 2] = ["yes", "no"];
/// Answers without words: Enter alone shows the question again.
const NOTHING: &str = "\"\"";

/// Returns the answer in a line: the options chosen by number, or the words.
///
/// # Errors
/// If an option does not exist, or only one may be chosen.
pub fn chosen(question: &Question, line: &str) -> Result<String, String> {
    if line.trim() == NOTHING {
        return Ok(String::new());
    }
    if question.options.is_empty() {
        return text(line);
    }
    let as_numbers = numbers(line).map(|numbers| at_numbers(question, &numbers));
    if let Some(label) = label(&question.options, line.trim())? {
        return match as_numbers {
            Some(Ok(options)) if options != [label] => Err(two_readings(line.trim())),
            _ => Ok(label.to_owned()),
        };
    }
    if let Some(labels) = quoted(question, line) {
        return Ok(labels);
    }
    let Some(options) = as_numbers else {
        return if question.options == YES_OR_NO { yes_or_no(line) } else { text(line) };
    };
    let options = options?;
    // A number may be the label of an option that stands elsewhere.
    let is_elsewhere = |part: &&str| {
        let number = part.parse::<usize>().ok();
        let labels = question.options.iter().map(|option| label_number(option));
        labels.enumerate().any(|(at, label)| label.is_some() && label == number && label != Some(at + 1))
    };
    match parts(line).find(is_elsewhere) {
        Some(number) => Err(two_readings(number)),
        None => Ok(options.join(", ")),
    }
}

/// Returns the option with this label: the exact one, or else the only one but for the case of its letters.
///
/// # Errors
/// If several labels differ only in the case of their letters.
fn label<'q>(options: &'q [String], words: &str) -> Result<Option<&'q str>, String> {
    if let Some(label) = options.iter().find(|option| option.trim() == words) {
        return Ok(Some(label));
    }
    let mut like = options.iter().filter(|option| option.trim().eq_ignore_ascii_case(words));
    match (like.next(), like.next()) {
        (Some(_), Some(_)) => Err(format!("Several options are called {words:?}; type the number of one.")),
        (label, _) => Ok(label.map(String::as_str)),
    }
}

/// Returns the parts of an answer that names several options.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    line.split([',', ' ']).filter(|part| !part.is_empty() && *part != "and")
}

/// Returns the numbers in a line that consists of numbers.
fn numbers(line: &str) -> Option<Vec<usize>> {
    let numbers: Option<Vec<usize>> = parts(line).map(|part| part.parse().ok()).collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

/// Returns the number that a label consists of, as in `2`, `02` or `(2)`.
fn label_number(label: &str) -> Option<usize> {
    label.trim_matches(|c: char| !c.is_alphanumeric()).parse().ok()
}

/// Returns the options with these numbers, each once.
///
/// # Errors
/// If there is no such option, or only one may be chosen.
fn at_numbers<'q>(question: &'q Question, numbers: &[usize]) -> Result<Vec<&'q str>, String> {
    if numbers.len() > 1 && !question.multiple {
        return Err("Choose only one.".to_owned());
    }
    let mut options: Vec<&str> = Vec::new();
    for number in numbers {
        let option = number.checked_sub(1).and_then(|at| question.options.get(at));
        let option = option.ok_or_else(|| {
            format!("There is no option {number}; choose from 1 to {}.", question.options.len())
        })?;
        if !options.contains(&option.as_str()) {
            options.push(option);
        }
    }
    Ok(options)
}

/// Returns the options whose labels are in quotes: one, or several if that is allowed.
fn quoted(question: &Question, line: &str) -> Option<String> {
    let label = |part: &str| {
        let words = unquoted(part)?;
        question.options.iter().find(|option| *option == words).map(String::as_str)
    };
    match label(line) {
        None if question.multiple => {
            line.split(',').map(label).collect::<Option<Vec<_>>>().map(|labels| labels.join(", "))
        }
        label => label.map(str::to_owned),
    }
}

fn two_readings(number: &str) -> String {
    format!(
        "{number} is one answer and the number of another; type the one that you mean in quotes, as in \
         \"{number}\"."
    )
}

/// Reads a yes or no that is expressed in other words.
fn yes_or_no(line: &str) -> Result<String, String> {
    match grammar::answer(line, 1) {
        TypedAnswer::Yes => Ok(YES_OR_NO[0].to_owned()),
        TypedAnswer::No if grammar::is_bare_no(line) => Ok(YES_OR_NO[1].to_owned()),
        _ => Err("Answer yes or no, or \"decline\" to skip the question.".to_owned()),
    }
}

/// Returns an answer in free text. A bare no is not clear: it may be the answer, or it may decline to answer.
fn text(line: &str) -> Result<String, String> {
    let words = line.trim();
    match unquoted(words) {
        Some(inner) if grammar::is_bare_no(inner) => Ok(inner.to_owned()),
        _ if grammar::is_bare_no(words) => Err(format!(
            "Is {words:?} your answer? Type it in quotes to send the word, or \"decline\" to skip the \
             question."
        )),
        _ => Ok(words.to_owned()),
    }
}

/// Returns whether a line declines to answer a question.
pub fn declines(question: &Question, line: &str) -> bool {
    let words = line.trim();
    let is_option = question.options.iter().any(|option| option.trim().eq_ignore_ascii_case(words));
    words.eq_ignore_ascii_case("decline") && !is_option
}

fn unquoted(text: &str) -> Option<&str> {
    text.trim().strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(multiple: bool) -> Question {
        Question {
            text: "Which colour?".to_owned(),
            options: ["Red", "Blue", "Green"].map(str::to_owned).to_vec(),
            descriptions: ["warm", "", "like grass"].map(str::to_owned).to_vec(),
            multiple,
        }
    }

    #[test]
    fn a_number_that_is_another_options_label_is_not_clear() {
        let numbered = |labels: &[&str]| Question {
            text: "How many?".to_owned(),
            options: labels.iter().map(|label| (*label).to_owned()).collect(),
            descriptions: Vec::new(),
            multiple: false,
        };
        for (labels, line) in
            [(["2", "1"], "1"), (["2", "1"], " 2 "), (["02", "01"], "1"), (["(2)", "(1)"], "1")]
        {
            let asked = chosen(&numbered(&labels), line).unwrap_err();
            assert!(asked.contains("is one answer and the number of another"), "{asked}");
        }
        let labels = ["10", "2", "7"];
        for (line, answer) in [("10", "10"), ("2", "2"), ("1", "10"), ("7", "7"), ("3", "7"), ("\"7\"", "7")]
        {
            assert_eq!(chosen(&numbered(&labels), line).as_deref(), Ok(answer), "{line}");
        }
        assert_eq!(chosen(&numbered(&["2", "1"]), "\"1\"").as_deref(), Ok("1"));
        let several = |labels: &[&str]| Question { multiple: true, ..numbered(labels) };
        for line in ["1, 2", "3 and 1", "2"] {
            let asked = chosen(&several(&["2", "3", "1"]), line).unwrap_err();
            assert!(asked.contains("is one answer and the number of another"), "{line}: {asked}");
        }
        for (labels, line, answer) in [
            (&["2", "3", "1"][..], "\"1\", \"3\"", "1, 3"),
            (&["1", "2", "3"], "1, 3", "1, 3"),
            (&["10", "20", "30"], "1, 3", "10, 30"),
            (&["10", "20", "30"], "30", "30"),
        ] {
            assert_eq!(chosen(&several(labels), line).as_deref(), Ok(answer), "{line}");
        }
    }

    #[test]
    fn of_labels_that_differ_in_case_the_exact_one_is_chosen() {
        let cased = |labels: &[&str]| Question {
            options: labels.iter().map(|label| (*label).to_owned()).collect(),
            ..question(false)
        };
        for (line, answer) in [("main", "main"), ("Main", "Main"), (" Main ", "Main")] {
            assert_eq!(chosen(&cased(&["Main", "main"]), line).as_deref(), Ok(answer), "{line}");
        }
        let asked = chosen(&cased(&["Main", "main"]), "MAIN").unwrap_err();
        assert!(asked.contains("type the number"), "{asked}");
        assert_eq!(chosen(&cased(&["Main", "other"]), "MAIN").as_deref(), Ok("Main"));
    }

    #[test]
    fn a_bare_no_is_not_sent_as_text() {
        let open = Question { options: Vec::new(), descriptions: Vec::new(), ..question(false) };
        for line in ["no", "No.", "stop", "cancel", "no thanks"] {
            let asked = chosen(&open, line).unwrap_err();
            assert!(asked.contains("in quotes") && asked.contains("decline"), "{asked}");
        }
        for (line, sent) in
            [("\"no\"", "no"), ("no blue, use red", "no blue, use red"), ("\"red\"", "\"red\"")]
        {
            assert_eq!(chosen(&open, line).as_deref(), Ok(sent));
        }
        let with_option = Question { options: vec!["Decline".to_owned()], ..question(false) };
        assert!(declines(&open, "Decline") && declines(&question(false), "decline"));
        assert!(!declines(&with_option, "decline"));
    }

    #[test]
    fn a_bare_no_is_not_an_answer_to_options() {
        for line in ["no", "No thanks", "cancel"] {
            let asked = chosen(&question(false), line).unwrap_err();
            assert!(asked.contains("in quotes") && asked.contains("decline"), "{asked}");
        }
        assert_eq!(chosen(&question(false), "\"no\"").as_deref(), Ok("no"));
        assert_eq!(chosen(&question(false), "\"\"").as_deref(), Ok(""));
    }

    #[test]
    fn a_yes_or_no_question_accepts_other_words_for_them() {
        let form = Question { options: YES_OR_NO.map(str::to_owned).to_vec(), ..question(false) };
        for (line, answer) in [
            ("ok", Some("yes")),
            ("sure", Some("yes")),
            ("Yes", Some("yes")),
            ("nope", Some("no")),
            ("2", Some("no")),
        ] {
            assert_eq!(chosen(&form, line).ok().as_deref(), answer, "{line}");
        }
        for line in ["ok is that fine", "perhaps", "yes, but not now"] {
            assert!(chosen(&form, line).unwrap_err().contains("decline"), "{line}");
        }
    }

    #[test]
    fn only_existing_numbers_can_be_chosen() {
        for (multiple, line, answer) in [
            (false, "2", Ok("Blue")),
            (false, " 2 ", Ok("Blue")),
            (false, "purple", Ok("purple")),
            (false, "2 shades of grey", Ok("2 shades of grey")),
            (false, "0", Err("There is no option 0")),
            (false, "4", Err("There is no option 4; choose from 1 to 3")),
            (false, "1, 2", Err("only one")),
            (true, "1, 3", Ok("Red, Green")),
            (true, "3 and 1", Ok("Green, Red")),
            (true, "1 1", Ok("Red")),
            (true, "1, 9", Err("There is no option 9")),
        ] {
            match (chosen(&question(multiple), line), answer) {
                (Ok(chosen), Ok(answer)) => assert_eq!(chosen, answer, "{line}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "{line}: {error}"),
                other => panic!("{line}: {other:?}"),
            }
        }
        let free = Question { options: Vec::new(), ..question(false) };
        assert_eq!(chosen(&free, "42"), Ok("42".to_owned()), "a number may be the answer itself");
    }
}
