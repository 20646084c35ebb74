//! Which files are trusted with keys, and how foreign text is shown.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

use crate::support::author::{Author, ONE, OTHER, text};
use crate::support::screen::Screen;
use crate::support::{User, said, script};
use serde_json::{Value, json};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn certificates_and_keys_that_others_can_write_to_are_not_used() {
    let user = User::new();
    let home = user.home();
    let (certificates, keys) = (home.join("ca.pem"), home.join("keys"));
    fs::write(&certificates, "no certificate").unwrap();
    fs::create_dir(&keys).unwrap();
    fs::write(keys.join("groq.key"), "gsk_1").unwrap();
    mode(&keys.join("groq.key"), 0o600);
    user.configure(
        "default_agent = \"demo\"\n[router]\nchain = [\"groq-router\", \"local-router\"]\n[network]\n\
         ca_file = \"ca.pem\"\n\
         [credentials.groq]\nfile = \"keys/groq.key\"\nfor = \"https://api.groq.com\"\n",
    );
    let problems = || {
        let said = user.run(&["doctor", "--json"]);
        assert_eq!(said.status, Some(4), "{said:?}");
        let said: Value = serde_json::from_str(&said.stdout).unwrap();
        said["problems"].to_string()
    };
    mode(&certificates, 0o666);
    let command =
        |path: &Path| json!(format!("chmod go-w {path:?}")).to_string().trim_matches('"').to_owned();
    let said = problems();
    assert!(said.contains("ca.pem") && said.contains(&command(&certificates)), "{said}");
    assert!(!said.contains("ca-certificates"), "{said}");
    mode(&certificates, 0o644);
    mode(&keys, 0o777);
    let said = problems();
    assert!(said.contains("[credentials.groq] is not used: ") && said.contains(&command(&keys)), "{said}");
    let login = user.run(&["login", "groq"]);
    assert_eq!(login.status, Some(4), "{login:?}");
    assert!(login.stderr.contains(&format!("chmod go-w {keys:?}")), "{login:?}");
}

#[test]
fn a_writable_adapter_folder_stops_no_shipped_adapter() {
    let user = User::new();
    let (program, folder) = (user.home().join("agent.sh"), user.home().join("adapters"));
    script(&program, "echo done");
    user.configure(&format!(
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n"
    ));
    fs::create_dir(&folder).unwrap();
    for wide in [0o777, 0o770] {
        mode(&folder, wide);
        let run = user.run(&["run", "--yes", "fix the login test"]);
        assert_eq!((run.status, &*run.stderr), (Some(0), ""), "{run:?}");
        let doctor = user.run(&["doctor", "--json"]);
        assert_eq!(doctor.status, Some(4), "{doctor:?}");
        let doctor: Value = serde_json::from_str(&doctor.stdout).unwrap();
        let names = doctor["adapters"].as_array().unwrap().iter().map(|adapter| &adapter["name"]);
        assert_eq!(names.collect::<Vec<_>>(), ["local-router", "local-summarizer"]);
        let what = format!("the adapter folder is not used: others can write to {folder:?} (mode {wide:o})");
        let remedy = format!("chmod go-w {folder:?}");
        assert_eq!(doctor["problems"], json!([{ "what": what, "remedy": remedy }]));
        let list = user.run(&["adapters", "list"]);
        assert_eq!(list.status, Some(4), "{list:?}");
        assert!(list.stdout.contains("local-router"), "{list:?}");
        assert!(list.stderr.contains(&remedy), "{list:?}");
    }
    fs::remove_dir(&folder).unwrap();
    fs::write(&folder, "a file").unwrap();
    let run = user.run(&["run", "--yes", "fix the login test"]);
    assert_eq!((run.status, &*run.stderr), (Some(0), ""), "{run:?}");
    let doctor = user.run(&["doctor"]);
    assert_eq!(doctor.status, Some(4), "{doctor:?}");
    assert!(doctor.stdout.contains("make it a writable folder"), "{doctor:?}");
}

#[test]
fn the_remedy_says_how_to_let_an_adapter_use_the_groq_key() {
    use std::io::Write;
    let author = Author::new();
    author.configure("");
    let asks = "[[http]]\nurl = \"https://api.groq.com/openai/v1/\"\nmethods = [\"POST\"]\n\
                credential = \"groq\"\nwhy = \"x\"\n";
    let (file, _) = author.version("1", asks);
    let added = author.adapters(&["add", "--yes", &text(&file)]);
    assert_eq!(added.status, Some(0), "{added:?}");
    let config = author.user.home().join("config.toml");
    let remedy = format!(
        "store the key with `codewalk login groq`, and declare it in {}: [credentials.groq] with file = \
         \"groq.key\" and for = \"https://api.groq.com\"",
        config.display()
    );
    for said in [&added, &author.adapters(&["list"]), &author.adapters(&["show", "polite"])] {
        assert!(said.stdout.contains(&remedy), "{said:?}");
    }
    let mut login = author.user.codewalk(&["login", "groq"]);
    let mut login = login.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    login.stdin.take().unwrap().write_all(b"gsk_1\n").unwrap();
    let login = said(login.wait_with_output().unwrap());
    let head = format!("to let polite use it, add to {}:\n\n", config.display());
    let (_, lines) = login.stdout.split_once(&head).unwrap_or_else(|| panic!("{login:?}"));
    author.configure(lines);
    let list = author.adapters(&["list"]);
    let can_send = "may send POST https://api.groq.com/openai/v1/ with the credential \"groq\" (available)";
    assert!(list.stdout.contains(can_send), "{list:?}");
    let doctor = author.user.run(&["doctor"]);
    assert_eq!(doctor.status, Some(0), "{doctor:?}");
}

#[test]
fn a_link_in_a_folder_that_others_can_write_hides_no_configuration() {
    let user = User::new();
    let home = user.home();
    let (open, safe) = (home.join("open"), home.join("safe.toml"));
    fs::create_dir(&open).unwrap();
    fs::write(&safe, "").unwrap();
    mode(&safe, 0o644);
    symlink(&safe, open.join("link")).unwrap();
    let _ = fs::remove_file(home.join("config.toml"));
    symlink(open.join("link"), home.join("config.toml")).unwrap();
    mode(&open, 0o755);
    assert_eq!(user.run(&["sessions", "list"]).status, Some(0));
    mode(&open, 0o777);
    let refused = user.run(&["sessions", "list"]);
    assert_eq!(refused.status, Some(4), "{refused:?}");
    assert!(refused.stderr.contains(&format!("chmod go-w {open:?}")), "{refused:?}");
}

#[test]
fn an_unapproved_replacement_does_not_bring_the_old_adapter_back() {
    for is_added in [true, false] {
        let author = Author::new();
        let versions = ["1", "2"].map(|version| author.version(version, ONE));
        let unwanted = author.version("3", &format!("{ONE}{OTHER}"));
        let there = author.user.home().join("adapters/polite.wasm");
        assert_eq!(author.adapters(&["add", "--yes", &text(&versions[0].0)]).status, Some(0));
        if is_added {
            assert_eq!(author.adapters(&["add", "--yes", &text(&versions[1].0)]).status, Some(0));
        } else {
            fs::copy(&versions[1].0, &there).unwrap();
            assert_eq!(author.adapters(&["approve", "--yes", "polite"]).status, Some(0));
        }
        fs::copy(&unwanted.0, &there).unwrap();
        let shown = author.show();
        let found = (&shown["state"], &shown["serving"]);
        assert_eq!(found, (&json!("waits_for_approval"), &json!(versions[1].1)), "{shown:#}");
        assert_eq!(author.served_by(), (json!("polite"), json!(versions[1].1)));
    }
}

#[test]
fn no_message_suggests_giving_a_key_to_another_server() {
    let author = Author::new();
    let asks = "[[http]]\nurl = \"https://evil.example/\"\nmethods = [\"POST\"]\ncredential = \"groq\"\n\
                why = \"x\"\n";
    let (file, _) = author.version("1", asks);
    let (unasked, added) =
        (author.adapters(&["add", &text(&file)]), author.adapters(&["add", "--yes", &text(&file)]));
    assert_eq!((unasked.status, added.status), (Some(3), Some(0)), "{added:?}");
    let not_given =
        "the credential \"groq\" is only for https://api.groq.com and is not sent to https://evil.example";
    for said in [&unasked, &added] {
        assert!(said.stdout.contains(not_given), "{said:?}");
    }
    let last = added.stdout.lines().find(|line| line.starts_with("added: polite")).unwrap();
    assert!(last.ends_with(&format!("but it is unusable: {not_given}")), "{added:?}");
    assert_eq!(author.json(&["add", "--yes", &text(&file)])["problem"], json!(not_given));
    let run = author.user.run(&["run", "--yes", "please fix the login test"]);
    let [list, show] = [&["list"][..], &["show", "polite"]].map(|args| author.adapters(args));
    let doctor = author.user.run(&["doctor"]);
    for said in [&unasked, &added, &run, &list, &show, &doctor] {
        let said = format!("{said:?}");
        assert!(!said.contains("[credentials") && !said.contains("not configured"), "{said}");
    }
    for said in [&list, &show, &doctor] {
        let why = "asks for the credential \"groq\" at https://evil.example, but no such credential is \
                   configured for that server";
        assert!(said.stdout.contains(why), "{said:?}");
    }
    let line = show.stdout.lines().find(|line| line.starts_with("asks for")).unwrap();
    assert!(line.ends_with(": approved, but the credential is not for that server"), "{show:?}");
    assert_eq!(author.show()["asks"][0]["given"], json!(false));

    author.configure(
        "[router]\nchain = [\"polite\", \"local-router\"]\n[credentials.groq]\nfile = \"example.key\"\n\
         for = \"https://api.groq.com\"\n",
    );
    for said in [author.adapters(&["list"]), author.user.run(&["doctor"])] {
        let elsewhere = "(not sent: it is only for https://api.groq.com)";
        assert!(said.stdout.contains(elsewhere) && !said.stdout.contains("(available)"), "{said:?}");
    }
}

#[test]
fn an_older_component_replaces_a_newer_one_only_with_consent() {
    let author = Author::new();
    let versions = ["1", "2", "1.5"].map(|version| author.version(version, ""));
    let mut key = String::new();
    for (file, _) in &versions {
        let said = author.adapters(&["sign", &text(file)]);
        key = said.stdout.lines().find(|line| line.starts_with("RW")).unwrap().to_owned();
    }
    let key = key.strip_suffix(" NAME").unwrap();
    fs::write(author.user.home().join("trusted-keys"), format!("{key} alice\n")).unwrap();
    let [first, second, between] = &versions;
    assert_eq!(author.adapters(&["add", "--yes", &text(&first.0)]).status, Some(0));
    assert_eq!(author.adapters(&["add", &text(&second.0)]).status, Some(0), "a newer one is an update");
    for (old, why) in [
        (first, "It is an earlier version that was replaced."),
        (between, "It is version 1.5; the installed one is version 2."),
    ] {
        let said = author.adapters(&["add", &text(&old.0)]);
        assert_eq!(said.status, Some(3), "{said:?}");
        assert!(said.stdout.contains(why), "{said:?}");
    }
}

#[test]
fn invisible_characters_in_a_path_are_shown_by_their_codes() {
    let user = User::new();
    user.configure(
        "default_agent = \"demo\"\n[[projects]]\nname = \"x\"\n\
         path = \"/no/a\\u202eb\\u3164c\\u00add\\U000e0041e\\u009bf\\ng\"\n",
    );
    let doctor = user.run(&["doctor"]);
    let shown = "/no/a<U+202E>b<U+3164>c<U+00AD>d<U+E0041>e<U+009B>f\u{23ce}g";
    assert!(doctor.stdout.contains(shown), "{doctor:?}");
    let (status, screen) = Screen::start(&user, &["doctor", "--json"]).exit_status();
    assert_eq!(status, 4, "{screen}");
    assert!(screen.contains(r"/no/a\u202eb\u3164c\u00add\udb40\udc41e\u009bf\ng"), "{screen}");
    let piped: Value = serde_json::from_str(&user.run(&["doctor", "--json"]).stdout).unwrap();
    assert_eq!(piped["projects"][0]["path"], "/no/a\u{202e}b\u{3164}c\u{ad}d\u{e0041}e\u{9b}f\ng");
}
