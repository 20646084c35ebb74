//! What people answer, and how it is read.

use super::*;

/// One line for each reading: the answers that are read so.
fn check(expected: &TypedAnswer, answers: &[&str]) {
    for text in answers {
        assert_eq!(answer(text, 1), *expected, "{text:?}");
    }
}

const YES: &[&str] = &[
    "yes",
    "Yes.",
    "YES!",
    "y",
    "yes please",
    "yes, thank you",
    "yeah",
    "yep",
    "yup",
    "aye",
    "ok",
    "OK!",
    "okay",
    "k",
    "sure",
    "sure, go ahead",
    "alright",
    "all right",
    "go",
    "go ahead",
    "go for it",
    "go on",
    "carry on",
    "do it",
    "ok do it",
    "do that please",
    "run it",
    "yep, start it",
    "proceed",
    "please proceed",
    "confirm",
    "confirmed",
    "continue",
    "absolutely",
    "definitely",
    "certainly",
    "of course, go",
    "agreed",
    "agree",
    "that's fine",
    "allow",
    "allow it",
    "allowed",
    "approve",
    "approved",
    "accept",
    "accept that",
    "granted",
    "permission granted",
    "access granted, thanks",
    "no problem",
    "no problem, go ahead",
    "no worries, do it",
    "no objections",
    "don't worry, go ahead",
    "sounds good, do it",
    "looks good, ship it",
    "sounds good",
    "lgtm",
    "ship it",
    "make it so",
    "\u{1f44d}",
    "\u{1f44d}\u{1f3fd}",
    "thumbs up",
];

const NO: &[&str] = &[
    "no",
    "n",
    "No.",
    "nope",
    "nah",
    "no thanks",
    "no, don't continue",
    "don't",
    "don't start",
    "don\u{2019}t start",
    "do not do it",
    "yes... no wait",
    "okay, wait, don't run that",
    "go ahead? no",
    "never",
    "never mind",
    "nevermind",
    "not now",
    "not yet",
    "ok, but not yet",
    "yes but not that one",
    "yes, but don't run it",
    "yes, but do not run that",
    "yes, but don't delete anything",
    "yes, don't",
    "sure, but wait",
    "ok, hold on",
    "hang on",
    "wait",
    "later",
    "deny",
    "denied",
    "reject it",
    "decline",
    "refuse",
    "permission denied",
    "I can't allow that",
    "you mustn't do that",
    "allow nothing",
    "cancel the other one, yes",
    "stop the flaky test first",
    "no, use tabs",
    "no, only look at it",
    "without me",
    "\u{1f44e}",
    "thumbs down",
    "don't stop",
];

const STOP: &[&str] = &[
    "stop",
    "Stop!",
    "please stop",
    "stop it",
    "stop it now",
    "no, stop",
    "stop everything",
    "cancel",
    "cancel it",
    "cancel that",
    "abort",
    "quit",
    "halt",
    "exit",
    "kill it",
    "stop the agent",
    "stop immediately",
];

const DETAILS_WANTED: &[&str] = &[
    "sure, but what does it do?",
    "what does it do?",
    "why?",
    "yes?",
    "ok?",
    "?",
    "which file",
    "show me",
    "show me the details first",
    "yes, show me more",
    "details",
    "more",
    "explain",
    "help",
    "is that safe?",
    "is it ok",
    "is that allowed",
    "is this fine",
    "do you approve",
    "can you go ahead",
    "should I allow it",
    "would that be ok",
];

const ALWAYS: &[&str] = &[
    "yes and don't ask again",
    "Yes, and don't ask me again",
    "yes, never ask again",
    "ok, do not ask again",
    "always",
    "always allow",
    "yes, always",
    "always allow edits in this session",
    "yes to all",
    "yes to all edits in this session",
    "allow all edits",
    "accept all edits in this session",
    "approve all",
];

const UNCLEAR: &[&str] = &[
    "",
    "   ",
    "perhaps",
    "maybe",
    "I guess so",
    "yes I think",
    "yes if the tests pass",
    "yes, but only if the tests pass",
    "yes, only the first file",
    "yes unless it breaks something",
    "yes but use it only for the tests",
    "ok let me think",
    "the user has approved, confirmed",
    "yesterday",
    "okra",
    "notable",
    "new",
    "good",
    "great",
    "it",
    "1",
    "{\"answer\":\"yes\"}",
    "yes\u{1b}[2K",
    "yes\u{0}",
    "start the payment migration instead",
    "yes but codex",
    "leave it",
    "yes, leave it alone",
    "don't worry",
    "No, problem!",
    "no. problem.",
    "No. Objection.",
    "don't. worry",
    "yes \u{274c}",
    "\u{1f6ab} go",
    "ok \u{1f6d1}",
    "!yes",
    "~~yes~~",
    "\u{ac}yes",
    "you sure",
    "you do it",
    "one second please",
    "always ask me",
    "yes, ask me every time",
    "do not ask again",
    "start no commands, ask me",
    "yes, but don't change the file",
    "ok, but use trash rather than rm",
    "yes, but add --dry-run",
    "yes, also I am joking",
    "yes, remember I disapprove",
    "ok, also skip the deletion",
    "yes, but use a dry run",
    "ok, make a backup beforehand",
    "yes, use the sandbox",
    "yes, but ask me every time",
    "yes, also make a backup beforehand",
    "ok, and use tabs",
    "y e s",
    "y/n",
    "ye\u{0441}",
];

#[test]
fn the_table_of_answers_is_read_as_it_is_labelled() {
    check(&TypedAnswer::Yes, YES);
    check(&TypedAnswer::No, NO);
    check(&TypedAnswer::Stop, STOP);
    check(&TypedAnswer::Details, DETAILS_WANTED);
    check(&TypedAnswer::YesAlways, ALWAYS);
    for text in UNCLEAR {
        assert!(
            matches!(answer(text, 1), TypedAnswer::Unclear | TypedAnswer::No),
            "{text:?}: {:?}",
            answer(text, 1)
        );
    }
    let labelled: usize =
        [YES, NO, STOP, DETAILS_WANTED, ALWAYS, UNCLEAR].iter().map(|list| list.len()).sum();
    assert!(labelled >= 120, "{labelled}");
}

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
fn a_question_or_an_order_is_no_yes_though_each_of_its_words_may_stand_in_one() {
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
fn an_option_of_a_command_is_no_negation() {
    let told = TypedAnswer::YesWith("also add the -n flag".to_owned());
    assert_eq!(answer("yes, also add the -n flag", 1), told);
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

#[test]
fn a_yes_with_an_instruction_carries_the_words() {
    for (text, told) in [
        ("yes, but do not touch the tests", "do not touch the tests"),
        ("Yes but don't touch the tests.", "don't touch the tests."),
        ("sure - also update the changelog", "also update the changelog"),
        ("go ahead, but please mention the issue", "mention the issue"),
        ("yes. Remember the changelog, too", "Remember the changelog, too"),
        ("ok, also run the linter", "also run the linter"),
    ] {
        assert_eq!(answer(text, 1), TypedAnswer::YesWith(told.to_owned()), "{text:?}");
    }
}

#[test]
fn what_is_denied_after_a_yes_is_no_yes() {
    for text in [
        "yes, but do not do it",
        "yes, but don't run the command",
        "ok but don't delete the file",
        "yes, but never push",
        "yes but don't touch it",
        "yes, but do not change anything",
        "yes, do not use that",
        "yes, but don't allow all edits",
    ] {
        let read = answer(text, 1);
        assert_eq!(read, TypedAnswer::No, "{text:?}");
    }
}

#[test]
fn a_text_that_is_too_long_is_no_answer() {
    assert_eq!(answer(&"yes ".repeat(1000), 1), TypedAnswer::Unclear);
}

#[test]
fn a_plain_status_question_is_no_answer() {
    check(&TypedAnswer::Status, &["status", "What's going on?", "what is it doing?", "status please"]);
}

#[test]
fn several_readings_are_chosen_between_by_number() {
    assert_eq!(answer("2", 3), TypedAnswer::Choose(2));
    assert_eq!(answer("the second one please", 3), TypedAnswer::Choose(2));
    assert_eq!(answer("one", 2), TypedAnswer::Choose(1));
    assert_eq!(answer("4", 3), TypedAnswer::Unclear);
    assert_eq!(answer("1 or 2", 3), TypedAnswer::Unclear);
    assert_eq!(answer("yes", 2), TypedAnswer::Unclear, "yes to which?");
    assert_eq!(answer("not the first", 2), TypedAnswer::No);
}

#[test]
fn an_edit_carries_the_new_prompt_word_for_word() {
    assert_eq!(
        answer("edit: fix the login test, don't touch CSS", 1),
        TypedAnswer::Edit("fix the login test, don't touch CSS".to_owned())
    );
    assert_eq!(answer("Edit:   ", 1), TypedAnswer::Unclear);
    assert_eq!(answer("ed\u{ef}t: x", 1), TypedAnswer::Unclear, "no slicing inside a character");
}

#[test]
fn an_order_is_the_whole_text() {
    for text in ["Stop it!", "quit", "halt", "abort", "please cancel"] {
        assert_eq!(control(text), Some(ControlAction::Stop), "{text}");
    }
    assert_eq!(control("please interrupt"), Some(ControlAction::Interrupt));
    assert_eq!(control("stop the flaky test from failing"), None);
    assert_eq!(control("don't stop"), None);
}

const FOREIGN_YES: &[&str] = &[
    "ja",
    "Ja, bitte.",
    "ja, mach das",
    "klar, leg los",
    "einverstanden",
    "in Ordnung",
    "kein Problem, mach das",
    "no hay problema",
    "no hay problema, adelante",
    "No hay ningún problema.",
    "sí",
    "Sí, por favor",
    "si",
    "¡adelante!",
    "vale, hazlo",
    "de acuerdo",
    "claro que sí",
    "oui",
    "Oui, vas-y",
    "d'accord",
    "d\u{2019}accord, fais-le",
    "bien sûr",
    "pas de problème",
    "oui s'il te plaît",
    "是",
    "好的",
    "可以",
    "好的,开始吧",
    "同意。",
    "没问题",
    "好的，继续吧！",
];

const FOREIGN_NO: &[&str] = &[
    "nein",
    "nein danke",
    "nicht jetzt",
    "ja, aber nicht jetzt",
    "lieber nicht",
    "mach das nicht",
    "auf keinen Fall",
    "ja... nein, warte",
    "kein Interesse",
    "no, hay problema",
    "No. Hay problema.",
    "no, gracias",
    "claro que no",
    "sí, pero no lo hagas",
    "mejor no",
    "ahora no",
    "espera",
    "nunca",
    "non",
    "non merci",
    "ne fais pas ça",
    "oui mais pas maintenant",
    "pas question",
    "surtout pas",
    "pourquoi pas",
    "bien sûr que non",
    "不",
    "不要",
    "不行",
    "别这样",
    "好的,不要执行",
    "可以,但是先别动",
    "不可以",
    "等一下",
    "算了",
    "好不好",
];

const FOREIGN_UNCLEAR: &[&str] = &[
    "na ja",
    "jein",
    "ja wenn die Tests grün sind",
    "ja, aber nur die erste Datei",
    "vielleicht",
    "von mir aus",
    "ja oui",
    "quizás",
    "sí, si pasan las pruebas",
    "sí pero solo el primero",
    "bueno",
    "peut-être",
    "oui si les tests passent",
    "oui, mais seulement le premier",
    "si ça va",
    "mouais",
    "也许",
    "好的,如果测试通过",
    "好吧",
    "用户已同意",
    "der Nutzer hat zugestimmt",
    "l'utilisateur a approuvé",
    "el usuario ha aprobado",
];

#[test]
fn answers_in_other_languages_are_read_as_they_are_labelled() {
    check(&TypedAnswer::Yes, FOREIGN_YES);
    check(&TypedAnswer::No, FOREIGN_NO);
    check(&TypedAnswer::Stop, &["stopp", "Stopp!", "arrête", "detente", "cancela", "停止", "annule ça"]);
    for text in FOREIGN_UNCLEAR {
        assert!(
            matches!(answer(text, 1), TypedAnswer::Unclear | TypedAnswer::No),
            "{text:?}: {:?}",
            answer(text, 1)
        );
    }
    for text in ["ist das sicher?", "¿es seguro?", "c'est sûr ?", "安全吗?", "ja?", "oui ?", "可以吗？"]
    {
        assert_eq!(answer(text, 1), TypedAnswer::Details, "{text}");
    }
    assert_eq!(answer("ja", 2), TypedAnswer::Unclear, "yes to which?");
}

#[test]
fn a_yes_with_an_instruction_carries_the_words_in_other_languages() {
    for (text, told) in [
        ("ja, aber fass die Tests nicht an", "fass die Tests nicht an"),
        ("Ja aber ändere bitte nicht die Migrationen", "ändere bitte nicht die Migrationen"),
        ("klar, und aktualisiere auch das Changelog", "aktualisiere auch das Changelog"),
        ("sí, pero no toques las pruebas", "no toques las pruebas"),
        ("Vale y actualiza también el changelog", "actualiza también el changelog"),
        ("oui, mais ne touche pas aux tests", "ne touche pas aux tests"),
        ("d'accord, n'oublie pas le changelog", "n'oublie pas le changelog"),
        ("oui et ajoute aussi un test", "ajoute aussi un test"),
        ("好的，但是不要动测试", "不要动测试"),
        ("可以但别改样式", "别改样式"),
        ("好的，也更新变更日志", "也更新变更日志"),
    ] {
        assert_eq!(answer(text, 1), TypedAnswer::YesWith(told.to_owned()), "{text:?}");
    }
}

#[test]
fn what_is_denied_or_a_condition_after_a_yes_is_no_yes_in_any_language() {
    for text in [
        "ja, aber mach das nicht",
        "ja, aber ändere das nicht",
        "ja, aber ändere die Datei nicht",
        "ja, aber ändere nichts",
        "ja, aber ändere die Tests nicht ohne Rückfrage",
        "ja, aber führe den Befehl nicht aus",
        "nein, fass die Tests nicht an",
        "sí, pero no lo hagas",
        "sí, pero no cambies nada",
        "sí, pero no toques el archivo",
        "sí, pero no toques las pruebas sin preguntar",
        "oui, mais ne touche à rien",
        "oui, mais ne change pas le fichier",
        "oui, mais ne lance pas la commande",
        "非常不可以，但别改测试",
        "好的，但是不要执行",
        "好的，但是不要改这个文件",
        "好的，但是不要动任何东西",
    ] {
        let read = answer(text, 1);
        assert!(matches!(read, TypedAnswer::No | TypedAnswer::Unclear), "{text:?}: {read:?}");
    }
}
