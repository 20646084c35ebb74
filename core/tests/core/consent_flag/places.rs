//! Places in requests.

use super::*;

#[test]
fn an_excluded_place_or_agent_is_not_covered() {
    let mut rows = Vec::new();
    for text in [
        "fix the footer, in website, not in shop",
        "fix the footer but not in website",
        "fix the footer, don't touch website",
        "fix the footer everywhere except website",
        "fix the footer, never in the website repo",
        "fix the footer without shop or website",
        "fix the footer in anything but website",
        "fix the footer, not here",
        "fix the footer rather than in website",
        "fix the footer and leave website alone",
        "fix the parser, but not with bot",
        "fix the parser without bot",
        "fix the parser, don't use bot",
        "repariere den Footer außer in website",
        "arregla el pie, pero no en website",
        "arregla el pie sin tocar website",
        "arregla el parser, pero no con bot",
        "corrige le pied de page, mais pas dans website",
        "corrige le pied de page sauf dans website",
        "corrige le parseur, mais pas avec bot",
        "repariere den Footer, aber nicht in website",
        "repariere den Footer, in website nicht",
        "repariere den Parser, aber nicht mit bot",
        "修复页脚，但不在 website",
        "修复页脚，除了 website",
        "修复解析器，但别用 bot",
    ] {
        rows.extend(["shop", "website"].map(|launched| (text, "shop", launched, LEFT_OUT)));
    }
    check(&rows);
}

#[test]
fn an_unknown_named_place_is_not_the_current_project() {
    check_here(
        UNKNOWN,
        &[
            "in the payments service, fix the timeout",
            "fix the timeout in the payments service",
            "fix tests in project foo",
            "in the billing project fix the endpoint",
            "fix the endpoint in our billing repo",
            "project billing: fix the endpoint",
            "fix the endpoint of the repository called billing",
            "over in billing, fix the endpoint",
            "switch to billing and fix the endpoint",
            "in billing, fix the endpoint",
            "in the payment server, fix the endpoint",
            "in the other project, fix the endpoint",
            "fix the endpoint in all repositories",
            "fix the endpoint in both projects",
            "fix the footer in shop-admin",
            "im Projekt lager das Passwortfeld verstecken",
            "behebe den Fehler im lager-Projekt",
            "behebe den Fehler im Lagerprojekt",
            "wechsle zu lager und behebe den Fehler",
            "en el proyecto almacén, añade un test",
            "arregla el error en el servicio de pagos",
            "cambia a almacén y arregla el error",
            "dans le projet boutique, ajoute un test",
            "corrige l'erreur dans le service de paiement",
            "passe à boutique et corrige l'erreur",
            "在 foo 项目里修复登录错误",
            "修复 foo 项目的登录错误",
            "在支付服务里修复超时",
            "切换到 foo，修复登录",
        ],
    );
}

#[test]
fn several_named_places_are_not_covered() {
    let mut rows = Vec::new();
    for text in [
        "fix the endpoint in shop and website",
        "in shop and website, fix the endpoint",
        "fix shop and website",
        "fix shop's website",
        "update the header in shop, api-server and website",
        "copy the header from website to shop",
        "copy the header from here to website",
        "fix the header here and in website",
        "repariere den Header in shop und website",
        "arregla el pie en shop y website",
        "corrige le pied de page dans shop et website",
        "在 shop 和 website 里修复页脚",
    ] {
        rows.extend(["shop", "website"].map(|launched| (text, "shop", launched, SEVERAL)));
    }
    rows.extend([
        ("copy the eslint config from website to here", "shop", "shop", COVERED),
        ("copy the eslint config from website to here", "shop", "website", SEVERAL),
        ("kopiere die Konfiguration von website hierher", "shop", "shop", COVERED),
        ("copia la configuración desde website aquí", "shop", "shop", COVERED),
        ("copie la configuration depuis website ici", "shop", "shop", COVERED),
        ("从 website 复制配置到这里", "shop", "shop", COVERED),
    ]);
    check(&rows);
}

#[test]
fn a_source_is_not_the_place_of_the_work() {
    check(&[
        ("port the login from shop", "website", "shop", SOURCE),
        ("port the login from shop", "website", "website", COVERED),
        ("copy the button from shop", "website", "shop", SOURCE),
        ("copy the button from shop", "shop", "shop", SOURCE),
        ("copy the shop button", "website", "shop", SOURCE),
        ("bring the config over from the api server", "shop", "api-server", SOURCE),
        ("bring the config over from the api server", "shop", "shop", COVERED),
        ("fix the bug that came from website", "shop", "website", SOURCE),
        ("fix the bug that came from website", "shop", "shop", SOURCE),
        ("remove the header from website", "shop", "shop", SOURCE),
        ("remove the header from shop", "shop", "shop", COVERED),
        ("make the footer like in website", "shop", "website", EXAMPLE),
        ("make the footer like in website", "shop", "shop", COVERED),
        ("do it the same way as website", "shop", "website", EXAMPLE),
        ("use the header of website", "shop", "website", SOURCE),
        ("I'd like website fixed", "shop", "shop", OTHER),
        ("kopiere den Knopf aus website", "shop", "website", SOURCE),
        ("übernimm den Knopf von website", "shop", "website", SOURCE),
        ("übernimm den Knopf von website", "shop", "shop", COVERED),
        ("copia el botón de website", "shop", "website", SOURCE),
        ("trae la configuración desde website", "shop", "website", SOURCE),
        ("copie le bouton depuis website", "shop", "website", SOURCE),
        ("从 website 复制按钮", "shop", "website", SOURCE),
        ("从 website 复制按钮", "shop", "shop", COVERED),
    ]);
}

#[test]
fn only_a_known_place_that_is_named_alone_is_covered() {
    for text in [
        "fix the footer in website",
        "in website, fix the footer",
        "in the website project, fix the footer",
        "in the web-site fix the footer",
        "fix the website-project",
        "switch to website and fix the footer",
        "over in website, fix the footer",
        "repariere den Footer in website",
        "im Website-Projekt den Footer reparieren",
        "arregla el pie en el proyecto website",
        "corrige le pied de page dans le projet website",
        "在 website 项目里修复页脚",
    ] {
        check(&[(text, "shop", "website", COVERED), (text, "shop", "shop", OTHER)]);
    }
    check(&[
        ("修复商店里的登录", "shop", "商店", COVERED),
        ("fix the parser with codex", "shop", "shop", AGENT),
        ("codex, fix the parser", "shop", "shop", AGENT),
        ("fix the codex adapter", "shop", "shop", COVERED),
    ]);
}

#[test]
fn a_project_that_is_only_an_object_does_not_move_the_work() {
    for (text, project) in [
        ("add a call to the api-server client when checkout finishes", "api-server"),
        ("mock the api server in the tests", "api-server"),
        ("show a banner when the api server is down", "api-server"),
        ("handle timeouts of the api server", "api-server"),
        ("document how to start the api server", "api-server"),
        ("add the api server to docker-compose", "api-server"),
        ("move the retry into the call to the api server", "api-server"),
        ("rename website to homepage in the customer model", "website"),
        ("add a website column to the customers table", "website"),
        ("fix the footer of the Website", "website"),
        ("füge einen Aufruf an den API-Server hinzu", "api-server"),
        ("zeige ein Banner, wenn der API-Server nicht antwortet", "api-server"),
        ("füge dem Formular ein Feld website hinzu", "website"),
        ("añade un campo website al formulario", "website"),
        ("muestra un aviso cuando website no responde", "website"),
        ("ajoute un champ website au formulaire", "website"),
        ("affiche une bannière quand website ne répond pas", "website"),
        ("在表单里添加website字段", "website"),
    ] {
        assert!(judged(text, "shop", project).is_err(), "{text}");
    }
    check(&[
        ("handle timeouts of the api server", "shop", "api-server", OBJECT),
        ("handle timeouts of the api server", "api-server", "api-server", COVERED),
        ("ajoute un champ website au formulaire", "shop", "website", OBJECT),
        ("website: fix the footer", "shop", "website", COVERED),
        ("for website: fix the footer", "shop", "website", COVERED),
        ("fix the footer for website", "shop", "website", COVERED),
        ("fix the website", "shop", "website", COVERED),
        ("repariere die Website", "shop", "website", COVERED),
        ("die Website bitte reparieren", "shop", "website", COVERED),
        ("arregla website", "shop", "website", COVERED),
        ("répare website", "shop", "website", COVERED),
        ("修复 website", "shop", "website", COVERED),
        ("can you fix the api server please", "shop", "api-server", COVERED),
    ]);
}

#[test]
fn an_unknown_place_is_not_covered_in_any_language() {
    check_here(
        UNKNOWN,
        &[
            "bei billing schlagen die Tests fehl, repariere sie",
            "in billing die Tests reparieren",
            "bitte in billing die Tests reparieren",
            "geh nach billing und repariere die Tests",
            "öffne billing und repariere die Tests",
            "repariere in Abrechnung den Footer",
            "für billing: repariere die Tests",
            "arregla el footer en pagos",
            "para pagos: arregla el footer",
            "abre pagos y arregla el footer",
            "corrige le footer chez facturation",
            "côté facturation, corrige le footer",
            "pour facturation : corrige le footer",
            "ouvre facturation et corrige le footer",
            "切换到 billing 并修复测试",
            "进入 billing 修复测试",
            "at billing, fix the tests",
            "from billing, fix the tests",
            "use billing: fix the tests",
            "work on billing: fix the tests",
            "open billing and fix the tests",
        ],
    );
    // A folder belongs to the project; the other words do not name a place of work.
    check_here(
        COVERED,
        &[
            "fix the tests inside the billing directory",
            "im Ordner billing die Tests reparieren",
            "en la carpeta pagos arregla el footer",
            "fix the bug in login",
            "in production, hide the banner",
            "for now, hide the banner",
            "at first, show the banner",
            "use tokio, and drop async-std",
            "öffne den Dialog und repariere ihn",
            "côté serveur, corrige le timeout",
            "arregla el error en producción",
            "打开登录页面时修复崩溃",
        ],
    );
}

#[test]
fn a_place_in_a_comparison_or_as_an_attribute_is_not_covered() {
    check(&[
        ("fix the footer the way website does", "shop", "website", EXAMPLE),
        ("fix the footer the way website does", "shop", "shop", COVERED),
        ("corrige le footer comme le fait website", "shop", "website", EXAMPLE),
        ("arregla el footer como lo hace website", "shop", "website", EXAMPLE),
        ("fix the website link in the footer", "shop", "website", ATTRIBUTE),
        ("fix the website link in the footer", "shop", "shop", ATTRIBUTE),
        ("fix the typo in the website footer", "shop", "website", ATTRIBUTE),
        ("fix the website link in the footer", "website", "website", COVERED),
        ("add a website link to the footer", "shop", "shop", COVERED),
        ("add a website link to the footer", "shop", "website", "do not name the project website"),
        ("fix the link to website", "shop", "website", ATTRIBUTE),
        ("fix the link to website", "shop", "shop", ATTRIBUTE),
        ("add a link to website", "shop", "shop", COVERED),
        ("update website dependencies", "shop", "website", ATTRIBUTE),
        ("fix the bug website has", "shop", "website", ATTRIBUTE),
        ("fix website please", "shop", "website", COVERED),
        ("make website faster", "shop", "website", COVERED),
        ("in the website fix the footer", "shop", "website", COVERED),
    ]);
}
