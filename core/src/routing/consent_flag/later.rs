//! Work that must wait for the user's consent or for a certain time.

use super::phrases::{begins, is};
use super::reading::{Mark, Word};

/// Returns the words that make the work wait for the user's consent: "once I confirm".
pub(super) fn awaited(words: &[Word]) -> Option<&[Word]> {
    (0..words.len()).find_map(|at| {
        let consent = at + begins(&words[at..], |l| l.conditions)?;
        let mut end = consent + begins(&words[consent..], |l| l.confirmations)?;
        let is_object = |word: &Word| matches!(word.text.as_str(), "it" | "that" | "this" | "so" | "ok");
        if words[end - 1].mark == Mark::None && words.get(end).is_some_and(is_object) {
            end += 1;
        }
        let is_end = words[end - 1].mark != Mark::None || words.get(end).is_none_or(Word::is_alone);
        is_end.then_some(&words[at..end])
    })
}

/// Returns the start of the words at the end that name a time: "at 5pm", "in an hour".
pub(super) fn hour(words: &[Word]) -> Option<usize> {
    const LONGEST: usize = 5;
    // "Add a job that runs at 5pm" is work to do now.
    const PLANNED: &[&str] = &[
        "run",
        "runs",
        "running",
        "expire",
        "expires",
        "job",
        "jobs",
        "cron",
        "schedule",
        "scheduled",
        "starts",
        "timeout",
        "every",
        "reset",
        "resets",
        "send",
        "sends",
        "sent",
        "trigger",
        "lauft",
        "ablauft",
        "ablaufen",
        "caduca",
        "caduque",
        "expira",
        "expire",
        "tourne",
    ];
    let start = (2..=LONGEST).find_map(|taken| {
        let start = words.len().checked_sub(taken)?;
        let texts: Vec<&str> = words[start..].iter().map(|word| word.text.as_str()).collect();
        is_hour(&texts, &words[start..]).then_some(start)
    })?;
    let is_position = start > 0 && is_position(&words[start - 1..]);
    let is_planned = words[..start].iter().any(|word| PLANNED.contains(&word.text.as_str()));
    (!is_planned && !is_position).then_some(start)
}

/// Returns the number of words at the beginning that name an hour: "at 5pm, fix it".
pub(super) fn first_hour(words: &[Word]) -> Option<usize> {
    const LONGEST: usize = 5;
    (2..=LONGEST.min(words.len())).rev().find(|taken| {
        let texts: Vec<&str> = words[..*taken].iter().map(|word| word.text.as_str()).collect();
        is_hour(&texts, &words[..*taken])
    })
}

fn is_hour(texts: &[&str], words: &[Word]) -> bool {
    match texts {
        ["at" | "um" | "gegen" | "a", clock @ ..] if is_clock(clock) => true,
        ["a", "las" | "la", clock @ ..] => is_clock(clock),
        ["in" | "en" | "dans", _, unit] => is_number(&words[1]) && is_unit(unit),
        ["dentro", "de", _, unit] => is_number(&words[2]) && is_unit(unit),
        _ => false,
    }
}

/// In "main.rs at 12:30", the number is a line and a column.
fn is_position(words: &[Word]) -> bool {
    const FILES: &[&str] = &[
        "rs", "ts", "tsx", "js", "jsx", "mjs", "py", "java", "c", "h", "cpp", "css", "html", "rb", "php",
        "kt", "swift", "md", "json", "toml", "yaml", "yml", "vue", "cs",
    ];
    matches!(words, [file, at, line, column]
        if FILES.contains(&file.text.as_str())
            && at.text == "at"
            && [line, column].iter().all(|word| word.text.chars().all(|c| c.is_ascii_digit())))
}

fn is_clock(texts: &[&str]) -> bool {
    const HALVES: [&str; 6] = ["am", "pm", "uhr", "h", "heures", "clock"];
    let number = |text: &str| text.parse::<u8>().ok();
    let is_minute = |text: &str| text.len() == 2 && number(text).is_some_and(|minute| minute < 60);
    let is_of_day = |text: &str| number(text).is_some_and(|hour| hour < 25);
    match texts {
        ["noon" | "midnight" | "mittag" | "mitternacht" | "midi" | "minuit"] => true,
        [one] => HALVES.iter().any(|half| one.strip_suffix(half).is_some_and(is_of_day)),
        [hour, "o", "clock"] => is_of_day(hour),
        [hour, second] => is_of_day(hour) && (HALVES.contains(second) || is_minute(second)),
        [hour, minute, half] => is_of_day(hour) && is_minute(minute) && HALVES.contains(half),
        _ => false,
    }
}

fn is_number(word: &Word) -> bool {
    const NUMBERS: &[&str] = &[
        "one", "two", "three", "four", "five", "ten", "few", "zwei", "drei", "vier", "funf", "zehn", "dos",
        "tres", "deux", "trois", "quelques",
    ];
    is(word, |l| l.indefinite)
        || NUMBERS.contains(&word.text.as_str())
        || word.text.chars().all(|c| c.is_ascii_digit())
}

fn is_unit(text: &str) -> bool {
    const UNITS: &[&str] = &[
        "minute", "minutes", "min", "hour", "hours", "day", "days", "week", "weeks", "stunde", "stunden",
        "minuten", "tag", "tagen", "woche", "wochen", "minuto", "minutos", "hora", "horas", "dia", "dias",
        "semana", "semanas", "heure", "heures", "jour", "jours", "semaine", "semaines",
    ];
    UNITS.contains(&text)
}
