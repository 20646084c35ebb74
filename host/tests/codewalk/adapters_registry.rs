//! Adapters that are added, granted their requests, replaced while codewalk runs, rolled back and removed.

use crate::support::author::{Author, ONE, OTHER, text};
use crate::support::examples::built;
use crate::support::headless::Headless;
use crate::support::screen::Screen;
use crate::support::wait_until;
use serde_json::json;

#[test]
fn an_added_adapter_serves_by_its_name_until_it_is_removed() {
    let author = Author::new();
    author.configure("");
    let first = author.version("1", "");
    let check = author.adapters(&["check", &text(&first.0)]);
    assert_eq!(check.status, Some(0), "{check:?}");
    insta::assert_snapshot!("check", author.steady(&check.stdout, &[&first]));

    let added = author.adapters(&["add", &text(&first.0)]);
    assert_eq!(added.status, Some(0), "{added:?}");
    insta::assert_snapshot!("added", author.steady(&added.stdout, &[&first]));
    let list = author.json(&["list"]);
    assert_eq!(list["unused"][0]["name"], "polite", "{list:#}");
    author.configure("[router]\nchain = [\"polite\", \"local-router\"]\n");
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)));
    let shown = author.show();
    assert_eq!(shown["stats"]["calls"], 1, "what was counted outlives the process: {shown:#}");
    assert!(shown["stats"]["peak_memory"].as_u64().unwrap() > 64 * 1024, "{shown:#}");
    assert!(shown["stats"]["p50_us"].as_u64() <= shown["stats"]["p99_us"].as_u64(), "{shown:#}");

    let removed = author.adapters(&["remove", "polite"]);
    assert_eq!(removed.status, Some(0), "{removed:?}");
    assert!(removed.stdout.contains("router.chain still names it"), "{removed:?}");
    let list = author.adapters(&["list"]);
    assert_eq!(list.status, Some(4), "{list:?}");
    assert!(list.stderr.contains("codewalk adapters add polite.wasm"), "{list:?}");
    assert!(list.stdout.contains("local-router") && list.stdout.contains("local-summarizer"), "{list:?}");
    assert_eq!(author.json(&["list"])["adapters"][0]["state"], "missing");
    let doctor = author.user.run(&["doctor", "--online"]);
    assert_eq!(doctor.status, Some(4), "{doctor:?}");
    let problem = "a chain names \"polite\", which is not an adapter";
    assert!(doctor.stdout.contains("local-router") && doctor.stdout.contains("sqlite in"), "{doctor:?}");
    let (_, problems) = doctor.stdout.split_once("\nproblems\n").unwrap();
    assert!(
        problems.contains(problem) && problems.contains("codewalk adapters add polite.wasm"),
        "{doctor:?}"
    );
    assert_eq!(author.adapters(&["remove", "polite"]).status, Some(4));
}

#[test]
fn permissions_are_granted_to_an_adapter_by_a_person_or_not_at_all() {
    let author = Author::new();
    author.configure("");
    let wanting = author.version("1", ONE);
    let file = text(&wanting.0);

    let unasked = author.adapters(&["add", &file]);
    assert_eq!(unasked.status, Some(3), "{unasked:?}");
    insta::assert_snapshot!("asked", unasked.stdout);
    assert!(unasked.stderr.contains("add --yes"), "{unasked:?}");
    for (said, status) in [("no\n", 3), ("perhaps\n", 3), ("yes\n", 0)] {
        assert_eq!(author.adapters(&["show", "polite"]).status, Some(4), "nothing was added so far");
        let mut screen = Screen::start(&author.user, &["adapters", "add", &file]);
        screen.wait_for("Grant it? [y/N]", 1);
        screen.answer(said.trim_end());
        let (found, screen) = screen.exit_status();
        assert_eq!(found, status, "{said:?}: {screen}");
    }
    let shown = author.adapters(&["show", "polite"]);
    insta::assert_snapshot!("shown", author.steady(&shown.stdout, &[&wanting]));
    assert!(!format!("{shown:?}").contains("key_do_not_tell"));
    let again = author.adapters(&["add", &file]);
    assert_eq!(again.status, Some(0), "what was allowed is not asked for again: {again:?}");
}

#[test]
fn a_version_that_requests_more_waits_while_the_last_good_one_serves() {
    let author = Author::new();
    let (first, second, third) =
        (author.version("1", ""), author.version("2", ONE), author.version("3", OTHER));
    let dropped = author.user.home().join("adapters/polite.wasm");
    assert_eq!(author.adapters(&["add", &text(&first.0)]).status, Some(0));
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)));

    std::fs::copy(&second.0, &dropped).unwrap();
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)));
    let shown = author.show();
    assert_eq!((&shown["state"], &shown["digest"]), (&json!("waits_for_approval"), &json!(second.1)));
    let list = author.adapters(&["list"]);
    assert!(list.stdout.contains(&format!("until then, {} is used", &first.1[..12])), "{list:?}");
    let doctor = author.user.run(&["doctor"]);
    assert!(doctor.stdout.contains("polite waits for approval: "), "{doctor:?}");
    assert!(doctor.stdout.contains("codewalk adapters approve polite, or remove it"), "{doctor:?}");

    assert_eq!(author.adapters(&["approve", "polite"]).status, Some(3));
    assert_eq!(author.show()["state"], "waits_for_approval");
    let approved = author.json(&["approve", "polite", "--yes"]);
    assert_eq!(approved["allowed"][0]["url"], "https://api.example.com/v1/");
    assert_eq!(author.served_by(), (json!("polite"), json!(second.1)));

    std::fs::copy(&third.0, &dropped).unwrap();
    let approved = author.adapters(&["approve", "polite", "--yes"]);
    assert_eq!(approved.status, Some(0), "{approved:?}");
    insta::assert_snapshot!("approved", approved.stdout);
    assert_eq!(author.served_by(), (json!("polite"), json!(third.1)));
    let again = author.adapters(&["approve", "polite"]);
    assert!(again.stdout.contains("asks for nothing new"), "{again:?}");
}

#[test]
fn a_rollback_is_possible_as_long_as_there_is_an_earlier_generation() {
    let author = Author::new();
    let (first, second) = (author.version("1", ""), author.version("2", ""));
    for (file, digest) in [&first, &second] {
        assert_eq!(author.adapters(&["add", "--yes", &text(file)]).status, Some(0));
        assert_eq!(author.served_by(), (json!("polite"), json!(digest)));
    }
    assert_eq!(author.show()["kept"], json!([first.1]));
    let back = author.json(&["rollback", "polite"]);
    assert_eq!((&back["type"], &back["digest"]), (&json!("rolled_back"), &json!(first.1)));
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)));
    assert_eq!(author.show()["state"], "rolled_back");
    let doctor = author.user.run(&["doctor"]);
    assert_eq!(doctor.status, Some(0), "it is as it was wanted: {doctor:?}");
    assert!(doctor.stdout.contains("is not used: was rolled back"), "{doctor:?}");

    let none = author.adapters(&["rollback", "polite"]);
    assert_eq!(none.status, Some(4), "{none:?}");
    assert!(none.stderr.contains("no earlier version of polite is stored"), "{none:?}");
    assert_eq!(author.adapters(&["rollback", "nobody"]).status, Some(4));
    assert_eq!(author.adapters(&["add", &text(&second.0)]).status, Some(0));
    assert_eq!(author.served_by(), (json!("polite"), json!(second.1)), "adding takes it back");
}

#[test]
fn a_rollback_reaches_a_component_that_never_served() {
    let author = Author::new();
    let (first, second) = (author.version("1", ""), author.version("2", ""));
    for (file, _) in [&first, &second] {
        assert_eq!(author.adapters(&["add", "--yes", &text(file)]).status, Some(0));
    }
    assert_eq!(author.json(&["rollback", "polite"])["digest"], json!(first.1));
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)));
    assert_eq!(author.adapters(&["rollback", "polite"]).status, Some(4));
}

#[test]
fn a_running_codewalk_picks_up_added_approved_and_rolled_back_adapters() {
    let author = Author::new();
    let (first, second, third) =
        (author.version("1", ""), author.version("2", ""), author.version("3", OTHER));
    assert_eq!(author.adapters(&["add", &text(&first.0)]).status, Some(0));
    let log = author.user.home().join("log");
    let mut command = author.user.codewalk(&["headless"]);
    command.env("CODEWALK_LOG", "codewalk_sandbox=info").stderr(std::fs::File::create(&log).unwrap());
    let mut headless = Headless::serve(command);
    let constraints = json!({"agent": "tool"});
    let rude = json!({
        "type": "say", "text": "fix the login test", "constraints": constraints, "attended": false
    });
    headless.command("a", rude.clone());
    let headless = std::cell::RefCell::new(headless);
    let status = || {
        let page = headless.borrow_mut().query("q", json!({"type": "adapters"}));
        page["adapters"][0]["status"].clone()
    };
    let serves = |digest: &str| {
        wait_until(|| format!("{digest}: {:#}", status()), || status()["digest"] == digest);
        status()
    };
    serves(&first.1);
    wait_until(|| format!("a call: {:#}", status()), || status()["calls"] == 1);
    assert_eq!(author.adapters(&["add", "--yes", &text(&second.0)]).status, Some(0));
    assert_eq!(serves(&second.1)["generation"], 2);

    std::fs::copy(&third.0, author.user.home().join("adapters/polite.wasm")).unwrap();
    wait_until(
        || format!("that it waits: {:#}", status()),
        || status()["problem"].as_str().is_some_and(|said| said.contains("codewalk adapters approve polite")),
    );
    assert_eq!(status()["digest"], second.1);
    assert_eq!(author.adapters(&["approve", "polite", "--yes"]).status, Some(0));
    serves(&third.1);
    assert_eq!(author.adapters(&["rollback", "polite"]).status, Some(0));
    let back = serves(&second.1);
    assert!(back["problem"].as_str().unwrap().contains("was rolled back"), "{back:#}");
    headless.borrow_mut().command("b", rude);
    wait_until(|| format!("another call: {:#}", status()), || status()["calls"] == 2);
    let mut headless = headless.into_inner();
    headless.leave();
    assert_eq!(headless.end().0, Some(0));
    let log = std::fs::read_to_string(log).unwrap();
    for said in ["generation=2", "codewalk adapters approve polite", "was rolled back"] {
        let lines = log.lines().filter(|line| line.contains("adapter=\"polite\"") && line.contains(said));
        assert_eq!(lines.count(), 1, "{said}: {log}");
    }
}

#[test]
fn a_pin_and_limits_of_its_own_hold() {
    let author = Author::new();
    let first = author.version("1", "");
    assert_eq!(author.adapters(&["add", &text(&first.0)]).status, Some(0));
    let chain = "[router]\nchain = [\"polite\", \"local-router\"]\n";
    let fallback = || {
        let (status, result, stderr) = author.user.request(&["--yes", "please fix the login test"]);
        assert_eq!(status, Some(0), "{result:#} {stderr}");
        result["router"]["fallback_from"][0]["error"].to_string()
    };

    author.configure(&format!("{chain}[adapters.polite]\ndigest = \"{}\"\n", "0".repeat(64)));
    assert!(fallback().contains("is not the pinned component"), "{}", fallback());
    assert_eq!(author.show()["state"], "unusable");
    let other = author.adapters(&["add", &text(&first.0)]);
    assert_eq!(other.status, Some(4), "{other:?}");
    author.configure(&format!("{chain}[adapters.polite]\ndigest = \"{}\"\n", first.1));
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)));

    author.configure(&format!("{chain}[adapters.polite.limits]\nmemory_mb = 1\n"));
    assert!(fallback().contains("ran out of memory: it may use 1048576 bytes"), "{}", fallback());
}

#[test]
fn names_with_another_meaning_are_rejected() {
    let author = Author::new();
    let file = text(&author.version("1", "").0);
    author.configure("[adapters.mine]\npath = \"other.wasm\"\n");
    for (name, said) in [
        ("local-router", "ships with codewalk"),
        ("mine", "names another file"),
        ("../polite", "is not an adapter name"),
        ("Polite", "is not an adapter name"),
        ("-polite", "is not an adapter name"),
    ] {
        let refused = author.adapters(&["add", &file, &format!("--name={name}")]);
        assert_eq!(refused.status, Some(2), "{name}: {refused:?}");
        assert!(refused.stderr.contains(said), "{name}: {refused:?}");
    }
    for command in ["show", "remove", "approve", "rollback"] {
        for name in ["nobody", "Polite", ""] {
            let refused = author.adapters(&[command, name]);
            assert_eq!(refused.status, Some(4), "{command} {name}: {refused:?}");
        }
    }
    for command in ["approve", "remove"] {
        let ships = author.adapters(&[command, "groq-router"]);
        assert_eq!(ships.status, Some(4), "{command}: {ships:?}");
        assert!(ships.stderr.contains("ships with codewalk"), "{command}: {ships:?}");
    }
    for command in ["add", "check"] {
        let missing = author.adapters(&[command, "no.wasm"]);
        assert_eq!(missing.status, Some(4), "{command}: {missing:?}");
        assert!(missing.stderr.contains("no such file: no.wasm\n hint: build it"), "{command}: {missing:?}");
    }
}

#[test]
fn a_routers_grants_do_not_apply_to_a_summarizer_of_the_same_name() {
    let author = Author::new();
    let router = author.version("1", ONE);
    assert_eq!(author.adapters(&["add", &text(&router.0), "--yes"]).status, Some(0));

    let mut summarizer = std::fs::read(built("short-summarizer", &author.user.home())).unwrap();
    let file = author.user.home().join("summarizer.wasm");
    let manifest = "name = \"polite\"\nworld = \"summarizer\"\nversion = \"2\"\ndescription = \"Is brief\"\n";
    component_build::manifest::embed(&mut summarizer, &format!("{manifest}{ONE}"));
    std::fs::write(&file, summarizer).unwrap();
    let refused = author.adapters(&["add", &text(&file), "--yes"]);
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("polite is a router, but this is a summarizer"), "{refused:?}");
    assert_eq!(author.show()["digest"], router.1);

    std::fs::remove_file(author.user.home().join("adapters/polite.wasm")).unwrap();
    let unasked = author.adapters(&["add", &text(&file)]);
    assert_eq!(unasked.status, Some(2), "a copy of it says what it was: {unasked:?}");
    assert_eq!(author.adapters(&["remove", "polite"]).status, Some(0));
    assert_eq!(author.adapters(&["add", &text(&file), "--yes"]).status, Some(0));
}

#[test]
fn adding_a_configured_file_under_its_name_accepts_it() {
    let author = Author::new();
    author
        .configure("[router]\nchain = [\"mine\", \"local-router\"]\n[adapters.mine]\npath = \"mine.wasm\"\n");
    let (first, second) = (author.version("1", ""), author.version("2", ""));
    let serving = || {
        let (status, result, stderr) = author.user.request(&["--yes", "please fix the login test"]);
        assert_eq!(status, Some(0), "{result:#} {stderr}");
        author.json(&["show", "mine"])["adapter"]["serving"].clone()
    };
    for (file, digest) in [&first, &second] {
        std::fs::copy(file, author.user.home().join("mine.wasm")).unwrap();
        assert_eq!(serving(), json!(digest));
    }
    assert_eq!(author.adapters(&["rollback", "mine"]).status, Some(0));
    assert_eq!(serving(), json!(first.1));
    let other = author.adapters(&["add", &text(&first.0), "--name", "mine"]);
    assert_eq!(other.status, Some(2), "{other:?}");
    assert!(other.stderr.contains("[adapters.mine] names another file, mine.wasm"), "{other:?}");
    let back = author.adapters(&["add", &text(&second.0), "--name", "mine"]);
    assert_eq!(back.status, Some(0), "{back:?}");
    assert_eq!(serving(), json!(second.1));
    assert!(!author.user.home().join("adapters/mine.wasm").exists());

    let removed = author.adapters(&["remove", "mine"]);
    assert_eq!(removed.status, Some(0), "{removed:?}");
    assert!(removed.stdout.contains("[adapters.mine] still names its file, mine.wasm"), "{removed:?}");
}

#[test]
fn the_shown_and_announced_grants_are_the_ones_that_apply() {
    let author = Author::new();
    let wanting = author.version("1", ONE);
    assert_eq!(author.adapters(&["add", &text(&wanting.0), "--yes"]).status, Some(0));
    let narrow = "POST https://api.example.com/v1/ with the credential \"example\"";
    let announced = || author.user.run(&["run", "--yes", "please fix the login test"]).stderr;
    let line = format!(
        "polite may send your requests, and the names of your projects, agents and sessions: {narrow}"
    );
    let said = announced();
    assert!(said.contains(&line), "what was approved is announced as well: {said}");
    assert!(!announced().contains(&line), "once");

    assert_eq!(author.adapters(&["remove", "polite"]).status, Some(0));
    author.configure(
        "[router]\nchain = [\"polite\", \"local-router\"]\n[[adapters.polite.http]]\n\
         url = \"https://api.example.com/\"\nmethods = [\"GET\", \"POST\"]\ncredential = \"example\"\n",
    );
    assert_eq!(author.adapters(&["add", &text(&wanting.0)]).status, Some(0));
    let grants = author.show()["grants"].clone();
    assert_eq!((grants.as_array().unwrap().len(), &grants[0]["may_send"]), (1, &json!(narrow)));
    let doctor = author.user.run(&["doctor"]);
    assert!(doctor.stdout.contains(&line), "{doctor:?}");
}
