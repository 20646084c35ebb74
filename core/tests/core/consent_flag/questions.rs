//! Questions: those about code are work, those about the sessions are not.

use super::*;

#[test]
fn questions_and_answers_are_not_covered() {
    check_here(
        ASKS,
        &[
            "what is running?",
            "what is running",
            "What's the status of the run?",
            "is it done yet",
            "any errors so far?",
            "how long has it been running?",
            "which agents are there?",
            "why did you stop?",
            "fix the login?",
            "can you tell me what is running?",
            "tell me what is running",
            "show me the status",
            "list the sessions",
            "was läuft gerade?",
            "läuft noch etwas",
            "wie weit bist du",
            "¿qué está pasando?",
            "está listo",
            "qu'est-ce qui tourne ?",
            "ça avance",
            "现在在运行什么？",
            "完成了吗",
            "状态",
        ],
    );
    check_here(ANSWERS, &["yes", "ok", "go ahead", "ja", "sí", "oui", "好的"]);
}

#[test]
fn questions_about_how_or_why_to_do_something_are_not_covered() {
    check_here(
        ASKS,
        &[
            "why fix the login test?",
            "warum den Login-Test reparieren?",
            "¿por qué arreglar el login?",
            "pourquoi corriger le test du login ?",
            "为什么要修复登录测试？",
            "what would fix the login test?",
            "what does fix the login test mean?",
            "how do I fix the login test",
            "how can we fix the login test?",
            "are there any errors?",
            "is there any progress on the login test?",
            "does the agent still run the tests?",
            "was macht die Sitzung in shop gerade?",
            "que fait la session en ce moment ?",
            "wie kann ich den Login-Test reparieren?",
            "¿cómo puedo arreglar el login?",
            "comment puis-je corriger le login ?",
            "如何修复登录测试",
            "怎么修复登录测试？",
        ],
    );
    check_here(
        COVERED,
        &[
            "does the cart support several coupons?",
            "is there any dead code in src/?",
            "how do I run the tests here?",
            "who calls computeTax?",
            "which tests cover the cart total?",
            "where do we set the cart cookie?",
            "was macht die funktion reconcile?",
            "wer ruft computeTax auf?",
            "wie führe ich die Tests aus?",
            "¿qué hace la función reconcile?",
            "¿quién llama a computeTax?",
            "que fait la fonction reconcile ?",
            "qui appelle computeTax ?",
            "谁调用 computeTax？",
            "why is the login test failing on CI?",
            "warum schlägt der Login-Test fehl?",
            "¿por qué falla el test de login?",
            "pourquoi le test de login échoue ?",
            "what does the parser return for an empty file?",
            "how does the parser handle an empty file?",
            "能修复登录测试吗？",
        ],
    );
}

#[test]
fn questions_about_code_that_no_status_can_answer_are_covered() {
    check_here(
        COVERED,
        &[
            "should we use redis or memcached for the cart sessions?",
            "would it be better to use redis?",
            "what is the difference between the two parsers?",
            "which of the two parsers is faster?",
            "wo wird die steuer berechnet?",
            "sollen wir redis oder memcached für die sessions nehmen?",
            "¿dónde se calcula el impuesto?",
            "¿deberíamos usar redis o memcached para las sesiones?",
            "où est calculée la taxe ?",
            "faut-il utiliser redis ou memcached pour les sessions ?",
            "税在哪里计算？",
            "税是怎么计算的？",
            "登录为什么失败？",
            "我们在哪里设置超时？",
            "订单在哪个文件里处理？",
            "我们应该用redis还是memcached？",
        ],
    );
    check_here(
        ASKS,
        &[
            "should I stop it?",
            "should we wait or continue with it?",
            "should we delete the table?",
            "should we use it or drop it for good?",
            "should we use the session of shop?",
            "which of the sessions is running?",
            "what is the difference between the two agents?",
            "is it better to use the other agent?",
            "sollen wir codex für die tests nehmen?",
            "你应该用哪个代理？",
            "会话在哪里运行？",
            "它在哪里运行",
            "日志在哪里？",
            "购物车为什么要重构？",
        ],
    );
}

#[test]
fn why_after_the_output_of_a_program_is_covered() {
    check_here(
        COVERED,
        &[
            "Traceback (most recent call last):\n  File \"a.py\", line 3\nKeyError: 'x'\n\nwhy?",
            "TypeError: x is undefined\n    at total (src/cart.ts:41:18)\nwhy?",
            "KeyError: 'x'\nwarum?",
            "TypeError: x\n  at y\n¿por qué?",
            "TypeError: x\n  at y\npourquoi ?",
            "TypeError: x\n  at y\n为什么？",
        ],
    );
    check_here(
        ASKS,
        &[
            "why?",
            "pourquoi ?",
            "what is running\nwhy?",
            "the login fails\nwhy did you stop?",
            "TypeError: x\n  at y\nwhy did you stop?",
        ],
    );
    check_here(DENIED, &["do not fix it\nwhy?"]);
}

#[test]
fn questions_about_the_choice_of_a_part_or_the_place_of_a_bug_are_covered() {
    check_here(
        COVERED,
        &[
            "should the cart use redis or memcached?",
            "wo ist der fehler?",
            "should the api return 404 or 410?",
            "soll der Warenkorb Redis oder Memcached nutzen?",
            "¿dónde está el error?",
            "où est le bug ?",
            "sollte die Suche Elastic oder Postgres nutzen?",
            "wo steckt der Bug?",
            "where is the typo?",
            "错误在哪里？",
        ],
    );
    check_here(
        ASKS,
        &[
            "should the agent use opus or sonnet?",
            "wo ist der Agent?",
            "where is the session?",
            "should the agent stop?",
            "should the session return?",
            "soll der Agent Redis nutzen?",
            "wo ist die Sitzung?",
            "where is the log?",
        ],
    );
}
