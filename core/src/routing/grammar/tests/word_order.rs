//! Answers whose meaning depends on the word order.

use super::*;

const ASKED_AFTER_A_YES: &[&str] = &[
    "ok is that fine",
    "okay, is this the right permission",
    "ok, is it good",
    "and is that allowed",
    "and is it allowed",
    "now is that ok",
    "please, is that fine",
    "then is that fine",
    "yes is that ok",
    "k, is that right",
    "go, is it right",
    "fine, is it the right permission",
    "right, is that allowed",
    "do that, is it fine",
    "accept is that",
    "ok is",
    "ok is that it",
    "yes, is this right",
    "sure, is that it",
    "alright is it",
    "go ahead, is that ok",
    "allow is it",
    "ok, do you approve",
    "yes, do you accept",
    "fine, are these allowed",
    "ok, was that right",
    "and does it run",
    "ok should I",
    "ok, may I go ahead",
    "yes, can it go",
    "ok, would that be fine",
    "please is this ok",
    "thanks, is it right",
    "great, is that the permission",
    "just is that ok",
    "is permission granted",
    "ok, has it started",
    "lgtm, is it",
    "ok, will it run",
    "fine, shall we start",
    "yes. Is that right",
    "ok\nis that allowed",
];

const OF_WORDS_OF_A_YES: &[&str] = &[
    "correct that",
    "correct this",
    "correct it",
    "please correct",
    "yes, correct that",
    "ok, correct the permission",
    "now correct it",
    "go correct",
    "yes, correct all files",
    "do it right",
    "do that right",
    "ok, don't worry",
    "ok, no worries",
    "fine, don't worry",
    "that's okay, thank you",
    "that's alright, thanks",
    "thanks, that's fine",
    "all good thanks",
    "it is fine, thanks",
    "that is ok, thank you",
    "thanks, ok",
    "great, that's fine, thanks",
    "that ok",
    "this allowed",
    "ok, that allowed",
    "that fine then",
    "that's allowed, right",
    "it is fine, ok",
    "that is right, correct",
    "granted that",
    "do that is fine",
    "do that is it",
    "accept that is right",
];

const STATED: &[&str] = &[
    "that is fine",
    "it is ok",
    "yes it is",
    "yes, that is right",
    "that's fine, go ahead",
    "permission is granted",
    "yes, this is the right permission",
    "right, go ahead",
    "do it right now",
    "correct",
    "yes, correct",
    "that's correct",
    "fine, do it",
    "sure, thanks",
    "sounds good, thanks",
    "no worries, go ahead",
    "ok, don't worry, go ahead",
    "that is allowed, yes",
    "no problem, that is fine",
];

const FOREIGN_ASKED_AFTER_A_YES: &[&str] = &[
    "ok ist das in Ordnung",
    "ja, ist das ok",
    "gut, ist das erlaubt",
    "klar, ist es richtig",
    "und stimmt das",
    "ja, passt das so",
    "ok ist",
    "ok, está bien eso",
    "claro, procede eso",
    "sí, está bien eso",
    "oui, je continue",
    "ok, ça continue",
];

const FOREIGN_OF_WORDS_OF_A_YES: &[&str] = &[
    "passt schon, danke",
    "schon gut",
    "alles gut",
    "das erlaubt",
    "ja, das richtig",
    "c'est bon, merci",
    "merci, c'est bon",
    "está bien, gracias",
    "gracias, está bien",
    "sí, eso permitido",
    "好 谢谢",
    "是 吧",
];

const FOREIGN_STATED: &[&str] =
    &["das ist in Ordnung", "ja, das ist richtig", "oui, c'est bon", "sí, está bien"];

#[test]
fn a_question_or_instruction_made_of_words_of_a_yes_is_not_a_yes() {
    let mut wrong = Vec::new();
    for (texts, fits) in [
        (ASKED_AFTER_A_YES, TypedAnswer::Details),
        (FOREIGN_ASKED_AFTER_A_YES, TypedAnswer::Details),
        (OF_WORDS_OF_A_YES, TypedAnswer::Unclear),
        (FOREIGN_OF_WORDS_OF_A_YES, TypedAnswer::Unclear),
        (STATED, TypedAnswer::Yes),
        (FOREIGN_STATED, TypedAnswer::Yes),
    ] {
        let read = texts.iter().map(|text| (text, answer(text, 1)));
        wrong.extend(
            read.filter(|(_, read)| *read != fits)
                .map(|(text, read)| format!("{text:?} is {read:?} rather than {fits:?}")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_option_of_a_command_is_not_a_negation() {
    let expected = TypedAnswer::YesWith("also add the -n flag".to_owned());
    assert_eq!(answer("yes, also add the -n flag", 1), expected);
    for text in [
        "yes, but update the command to use -n",
        "ok, use --no-verify",
        "-n",
        "yes -n",
        "yes -y",
        "-y",
        "yes, add \"-n\"",
    ] {
        assert_eq!(answer(text, 1), TypedAnswer::Unclear, "{text}");
    }
    for text in ["yes-no", "yes - no", "yes -- n", "n-"] {
        assert_eq!(answer(text, 1), TypedAnswer::No, "{text}");
    }
}
