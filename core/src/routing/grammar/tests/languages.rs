//! Answers in other languages.

use super::*;

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
fn answers_in_other_languages_are_read_as_labelled() {
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
    for (text, order) in [
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
        assert_eq!(answer(text, 1), TypedAnswer::YesWith(order.to_owned()), "{text:?}");
    }
}

#[test]
fn a_denial_or_condition_after_a_yes_is_not_a_yes_in_any_language() {
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
