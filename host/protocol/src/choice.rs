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
    let is_label = |option: &&String| option.trim().eq_ignore_ascii_case(line.trim());
    if let Some(label) = question.options.iter().find(is_label) {
        let at = line.trim().parse().ok().and_then(|number: usize| number.checked_sub(1));
        return match at.and_then(|at| question.options.get(at)) {
            Some(option) if option != label => Err(format!(
                "{} is one answer and the number of another; type the words of one, or put it in quotes.",
                line.trim()
            )),
            _ => Ok(label.clone()),
        };
    }
    if let Some(label) =
        unquoted(line).and_then(|words| question.options.iter().find(|option| *option == words))
    {
        return Ok(label.clone());
    }
    let parts: Vec<&str> = line.split([',', ' ']).filter(|part| !part.is_empty() && *part != "and").collect();
    let numbers: Option<Vec<usize>> = parts.iter().map(|part| part.parse().ok()).collect();
    let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) else {
        return if question.options == YES_OR_NO { yes_or_no(line) } else { text(line) };
    };
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
    Ok(options.join(", "))
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
        for line in ["1", " 2 "] {
            let asked = chosen(&numbered(&["2", "1"]), line).unwrap_err();
            assert!(asked.contains("is one answer and the number of another"), "{asked}");
        }
        let labels = ["10", "2", "7"];
        for (line, answer) in [("10", "10"), ("2", "2"), ("1", "10"), ("7", "7"), ("3", "7"), ("\"7\"", "7")]
        {
            assert_eq!(chosen(&numbered(&labels), line).as_deref(), Ok(answer), "{line}");
        }
        assert_eq!(chosen(&numbered(&["2", "1"]), "\"1\"").as_deref(), Ok("1"));
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
