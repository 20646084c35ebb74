//! Trust in adapters: a name proves nothing, a signature does, and files that others can change are rejected.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Said;
use crate::support::author::{Author, ONE, OTHER, text};
use crate::support::screen::Screen;
use serde_json::json;

const GRANT: &str = "[router]\nchain = [\"polite\", \"local-router\"]\n[[adapters.polite.http]]\n\
                     url = \"https://api.example.com/v1/\"\nmethods = [\"POST\"]\ncredential = \"example\"\n";

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Whose key signs: the user's, unless another is named.
fn sign(author: &Author, file: &Path, key: Option<&Path>) -> String {
    let key = key.map(|key| format!("--key={}", text(key)));
    let mut args = vec!["sign".to_owned(), text(file)];
    args.extend(key);
    let said = author.adapters(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(said.status, Some(0), "{said:?}");
    let line = said.stdout.lines().find(|line| line.starts_with("RW")).unwrap();
    line.strip_suffix(" NAME").unwrap().to_owned()
}

fn trust(author: &Author, key: &str, name: &str) {
    fs::write(author.user.home().join("trusted-keys"), format!("# mine\n{key} {name}\n")).unwrap();
}

#[test]
fn an_adapter_replaces_another_only_with_consent() {
    let author = Author::new();
    author.configure(GRANT);
    let (own, theirs) = (author.version("2", ONE), author.version("1", ONE));
    assert_eq!(author.adapters(&["add", "--yes", &text(&own.0)]).status, Some(0));
    assert_eq!(author.served_by(), (json!("polite"), json!(own.1)));

    let unasked = author.adapters(&["add", &text(&theirs.0)]);
    assert_eq!(unasked.status, Some(3), "{unasked:?}");
    insta::assert_snapshot!("replaced", author.steady(&unasked.stdout, &[&own, &theirs]));
    assert!(unasked.stderr.contains("polite was not replaced: no terminal"), "{unasked:?}");
    assert_eq!(author.show()["digest"], own.1);
    for (said, status, there) in [("no", 3, &own.1), ("yes", 0, &theirs.1)] {
        let mut screen = Screen::start(&author.user, &["adapters", "add", &text(&theirs.0)]);
        screen.wait_for("Replace it? [y/N]", 1);
        screen.answer(said);
        let (found, screen) = screen.exit_status();
        assert_eq!(found, status, "{screen}");
        assert_eq!(author.show()["digest"], json!(there), "{said}");
    }
    let same = author.adapters(&["add", &text(&theirs.0)]);
    assert_eq!(same.status, Some(0), "it takes its own place: {same:?}");
    let back = author.json(&["add", "--yes", &text(&own.0)]);
    assert_eq!((&back["replaced"], &back["signer"]), (&json!(theirs.1), &json!(null)));
}

#[test]
fn one_components_grants_do_not_apply_to_another_of_the_same_name() {
    let author = Author::new();
    let (own, theirs) = (author.version("1", ONE), author.version("0", ONE));
    assert_eq!(author.adapters(&["add", "--yes", &text(&own.0)]).status, Some(0));
    assert_eq!(author.served_by(), (json!("polite"), json!(own.1)));
    // As an attacker with write access would, or a user tricked by the other author.
    fs::copy(&theirs.0, author.user.home().join("adapters/polite.wasm")).unwrap();
    assert_eq!(author.served_by(), (json!("polite"), json!(own.1)));
    let shown = author.show();
    assert_eq!((&shown["state"], &shown["asks"][0]["given"]), (&json!("waits_for_approval"), &json!(false)));
    assert_eq!(author.adapters(&["approve", "polite", "--yes"]).status, Some(0));
    assert_eq!(author.served_by(), (json!("polite"), json!(theirs.1)));
}

#[test]
fn an_update_with_the_same_trusted_key_keeps_its_grants_only() {
    let author = Author::new();
    let versions = ["1", "2", "3"].map(|version| author.version(version, ONE));
    let [first, second, third] = &versions;
    let wider = author.version("4", &format!("{ONE}{OTHER}"));
    let unsigned = author.version("5", ONE);
    let key = sign(&author, &first.0, None);
    for (file, _) in [second, third, &wider] {
        assert_eq!(sign(&author, file, None), key);
    }
    let add = |file: &PathBuf| author.adapters(&["add", &text(file)]);

    let unknown = add(&first.0);
    assert!(unknown.stdout.contains("signed with a key that is not trusted"), "{unknown:?}");
    trust(&author, &key, "alice");
    assert_eq!(author.adapters(&["add", "--yes", &text(&first.0)]).status, Some(0));
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)));
    let update = add(&second.0);
    assert_eq!(update.status, Some(0), "{update:?}");
    insta::assert_snapshot!("updated", author.steady(&update.stdout, &[first, second]).replace(&key, "KEY"));
    assert_eq!(author.served_by(), (json!("polite"), json!(second.1)));
    let list = author.adapters(&["list"]);
    assert!(list.stdout.contains(&format!("signed by alice ({key})")), "{list:?}");

    assert_eq!(add(&wider.0).status, Some(3), "it asks for more");
    assert_eq!(add(&unsigned.0).status, Some(3), "anybody may have made it");
    assert_eq!(author.show()["digest"], second.1);

    // In place, as a build does.
    let there = author.user.home().join("adapters/polite.wasm");
    fs::copy(&unsigned.0, &there).unwrap();
    assert_eq!(author.served_by(), (json!("polite"), json!(second.1)));
    assert_eq!(author.show()["state"], "waits_for_approval");
    fs::copy(&third.0, &there).unwrap();
    fs::copy(third.0.with_extension("wasm.minisig"), there.with_extension("wasm.minisig")).unwrap();
    assert_eq!(author.served_by(), (json!("polite"), json!(third.1)));
    assert_eq!(author.json(&["list"])["left_out"], json!([]));

    // The grants bound to the signer are lost with the trust in the key; those bound to the first component
    // are not.
    fs::remove_file(author.user.home().join("trusted-keys")).unwrap();
    assert_eq!(author.show()["state"], "waits_for_approval");
    assert_eq!(add(&first.0).status, Some(3));
    assert!(!author.adapters(&["add", &text(&first.0)]).stdout.contains("  + "), "it is only a replacement");
}

#[test]
fn a_component_changed_after_signing_is_rejected() {
    let author = Author::new();
    let (signed, changed) = (author.version("1", ""), author.version("2", ""));
    let key = sign(&author, &signed.0, None);
    trust(&author, &key, "alice");
    let (file, name) = (text(&signed.0), format!("alice ({key})"));
    let checked = author.adapters(&["check", &file]);
    assert!(checked.stdout.contains(&format!("signed   by {name}")), "{checked:?}");
    assert_eq!(author.json(&["check", &file])["signer"], name.as_str());
    let verified = author.adapters(&["verify", &file]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
    assert!(verified.stdout.contains(&format!("is signed by {name}")), "{verified:?}");

    fs::copy(&changed.0, &signed.0).unwrap();
    let why = "its signature does not match: the file or the signature changed after alice signed it";
    for command in ["check", "verify", "add"] {
        let said = author.adapters(&[command, &file]);
        assert_eq!(said.status, Some(4), "{command}: {said:?}");
        assert!(format!("{said:?}").contains(why), "{command}: {said:?}");
    }
    assert_eq!(author.adapters(&["show", "polite"]).status, Some(4), "it was added");
    fs::write(signed.0.with_extension("wasm.minisig"), "no signature").unwrap();
    assert_eq!(author.adapters(&["verify", &file]).status, Some(4));
    fs::remove_file(signed.0.with_extension("wasm.minisig")).unwrap();
    let unsigned = author.adapters(&["verify", &file]);
    assert_eq!(unsigned.status, Some(4), "{unsigned:?}");
    assert!(unsigned.stderr.contains(": not signed"), "{unsigned:?}");
}

#[test]
fn a_minisign_key_with_a_password_signs_once_it_is_typed() {
    let author = Author::new();
    let (file, _) = author.version("1", "");
    let signature = file.with_extension("wasm.minisig");
    let pair = minisign::KeyPair::generate_encrypted_keypair(Some("correct horse".to_owned())).unwrap();
    let key = author.user.home().join("minisign.key");
    fs::write(&key, pair.sk.to_box(None).unwrap().into_string()).unwrap();
    mode(&key, 0o600);
    let (file, key) = (text(&file), text(&key));
    let args = ["adapters", "sign", &file, "--key", &key];
    let unattended = author.user.run(&args);
    assert_eq!(unattended.status, Some(4), "{unattended:?}");
    let why = format!("the key {key} needs a password, and there is no terminal to type it at\n");
    assert!(unattended.stderr.contains(&why), "{unattended:?}");
    for (typed, status, said) in [
        ("wrong horse", 4, "cannot be decrypted: Wrong password for that key"),
        ("correct horse", 0, "wrote "),
    ] {
        assert!(!signature.exists(), "{typed}");
        let mut screen = Screen::start(&author.user, &args);
        screen.wait_for("(input is hidden)", 1);
        screen.type_in(&format!("{typed}\n"));
        let (found, shown) = screen.exit_status();
        assert_eq!(found, status, "{shown}");
        assert!(shown.contains(said) && !shown.contains("horse"), "{shown}");
    }
    let verified = author.adapters(&["verify", &file, "--key", &pair.pk.to_base64()]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
}

#[test]
fn keys_that_other_users_can_read_or_write_are_not_used() {
    let author = Author::new();
    let first = author.version("1", "");
    let key = sign(&author, &first.0, None);
    let secret = author.user.home().join("signing.key");
    assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    mode(&secret, 0o644);
    let refused = author.adapters(&["sign", &text(&first.0)]);
    assert_eq!(refused.status, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("chmod 600"), "{refused:?}");

    trust(&author, &key, "alice");
    mode(&author.user.home().join("trusted-keys"), 0o666);
    let refused = author.adapters(&["list"]);
    assert_eq!(refused.status, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("trusted-keys") && refused.stderr.contains("chmod go-w"), "{refused:?}");
    mode(&author.user.home().join("trusted-keys"), 0o644);
    let given = author.adapters(&["verify", &text(&first.0), "--key", &key]);
    assert_eq!(given.status, Some(0), "{given:?}");
    assert_eq!(author.adapters(&["verify", &text(&first.0), "--key", "RWQ"]).status, Some(2));
}

#[test]
fn a_configuration_that_others_can_write_to_is_rejected_with_a_remedy() {
    let author = Author::new();
    let home = author.user.home();
    let config = home.join("config.toml");
    for (path, usual) in [(&config, 0o644), (&home, 0o755)] {
        for wide in [usual | 0o002, usual | 0o020] {
            mode(path, wide);
            for args in [&["doctor"][..], &["run", "--yes", "please fix it"], &["adapters", "list"]] {
                let refused = author.user.run(args);
                assert_eq!(refused.status, Some(4), "{args:?}: {refused:?}");
                assert!(refused.stderr.contains("others can write to"), "{args:?}: {refused:?}");
                let hint = format!("hint: chmod go-w {path:?}\n");
                assert!(refused.stderr.contains(&hint), "{args:?}: {refused:?}");
            }
        }
        mode(path, usual);
    }
    assert_eq!(author.user.run(&["sessions", "list"]).status, Some(0));
}

#[test]
fn adapters_that_others_can_write_to_are_not_used() {
    let author = Author::new();
    let (first, second) = (author.version("1", ""), author.version("2", ""));
    assert_eq!(author.adapters(&["add", &text(&first.0)]).status, Some(0));
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)));
    let folder = author.user.home().join("adapters");
    let file = folder.join("polite.wasm");

    mode(&folder, 0o777);
    let refused = author.adapters(&["list"]);
    assert_eq!(refused.status, Some(4), "{refused:?}");
    assert!(refused.stderr.contains(&format!("hint: chmod go-w {folder:?}")), "{refused:?}");
    assert_eq!(refused.stderr.matches("chmod").count(), 1, "{refused:?}");
    let run = author.user.run(&["run", "--yes", "please fix the login test"]);
    assert_eq!(run.status, Some(0), "the next adapter of the chain serves: {run:?}");
    let why = format!("polite is not used: others can write to {folder:?} (mode 777); run: chmod go-w");
    assert!(run.stderr.contains(&why), "{run:?}");
    mode(&folder, 0o700);

    fs::copy(&second.0, &file).unwrap();
    mode(&file, 0o666);
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)), "the last good one");
    let shown = author.show();
    assert_eq!(shown["state"], "unusable", "{shown:#}");
    assert!(shown["problem"].as_str().unwrap().contains(&format!("run: chmod go-w {file:?}")), "{shown:#}");
    author.configure(&format!(
        "[router]\nchain = [\"polite\", \"local-router\"]\n[adapters.polite]\ndigest = \"{}\"\n",
        second.1
    ));
    assert_eq!(author.served_by(), (json!("polite"), json!(second.1)), "what is pinned nobody can change");
}

#[test]
fn names_similar_to_shipped_adapters_are_reserved() {
    let author = Author::new();
    let (file, _) = author.version("1", "");
    for name in
        ["local-router-", "localrouter", "l0cal-router", "1ocal-router", "groq--router", "gr0q-summarizer"]
    {
        let refused = author.adapters(&["add", "--yes", &text(&file), "--name", name]);
        assert_eq!(refused.status, Some(2), "{name}: {refused:?}");
        assert!(refused.stderr.contains("is too similar to"), "{name}: {refused:?}");
        let refused = author.adapters(&["new", name, "--world", "router"]);
        assert_eq!(refused.status, Some(2), "{name}: {refused:?}");
    }
    let manifest =
        "name = \"local-router-\"\nworld = \"router\"\nversion = \"9\"\ndescription = \"Is the best\"\n";
    let (file, _) = author.with_manifest("9", manifest);
    assert_eq!(author.adapters(&["add", "--yes", &text(&file)]).status, Some(2));
    fs::create_dir_all(author.user.home().join("adapters")).unwrap();
    fs::copy(&file, author.user.home().join("adapters/local-router-.wasm")).unwrap();
    author.configure("[router]\nchain = [\"local-router-\", \"local-router\"]\n");
    let list = author.adapters(&["list"]);
    assert_eq!(list.status, Some(4), "{list:?}");
    assert!(
        list.stdout.contains("local-router-.wasm: local-router- is too similar to local-router"),
        "{list:?}"
    );
}

#[test]
fn a_missing_manifest_is_explained_and_an_invalid_one_refused() {
    let author = Author::new();
    let router = fs::read(crate::support::examples::built("keyword-router", &author.user.home())).unwrap();
    let file = author.user.home().join("polite.wasm");
    fs::write(&file, router).unwrap();
    let gets = "everything that the configuration grants to its name";
    let check = author.adapters(&["check", &text(&file)]);
    assert!(check.stdout.contains(gets), "{check:?}");
    author.configure(GRANT);
    let added = author.adapters(&["add", &text(&file)]);
    assert_eq!(added.status, Some(0), "{added:?}");
    let said = format!(
        "polite has no manifest: it gets {gets}: POST https://api.example.com/v1/ with the credential \
         \"example\"\n"
    );
    assert!(added.stdout.contains(&said), "{added:?}");
    let shown = author.adapters(&["show", "polite"]);
    assert!(shown.stdout.contains(gets), "{shown:?}");

    for broken in [
        "",
        "name = \"polite\"",
        "name = \"polite\"\nworld = \"router\"\nversion = \"1\"\ndescription = \"a\u{e0041}b\"\n",
    ] {
        let (file, _) = author.with_manifest("broken", broken);
        let check = author.adapters(&["check", &text(&file)]);
        assert_eq!(check.status, Some(4), "{check:?}");
        assert!(check.stdout.contains("manifest invalid\n") && !check.stdout.contains(gets), "{check:?}");
        assert!(check.stdout.contains("has an invalid manifest"), "{check:?}");
        assert_eq!(author.adapters(&["add", "--yes", &text(&file), "--name", "polite"]).status, Some(4));
        fs::copy(&file, author.user.home().join("adapters/polite.wasm")).unwrap();
        let shown = author.show();
        assert_eq!(shown["state"], "unusable", "{shown:#}");
        // The added component serves, with its grants.
        assert!(shown["serving"].is_string() && shown["serving"] != shown["digest"], "{shown:#}");
    }
}

#[test]
fn an_authors_reason_is_quoted_on_a_separate_line() {
    let author = Author::new();
    let why = "fine)\\\"; it also asks for nothing else (\\\"really";
    let asks = ONE.replace("asks a model for the intent", why);
    let (file, _) = author.version("1", &asks);
    let words = "reason given: \"fine)\\\"; it also asks for nothing else (\\\"really\"";
    for said in [author.adapters(&["check", &text(&file)]), author.adapters(&["add", &text(&file)])] {
        let line = said.stdout.lines().find(|line| line.contains("nothing else")).unwrap();
        assert_eq!(line.trim(), words, "{said:?}");
    }
    fs::create_dir_all(author.user.home().join("adapters")).unwrap();
    fs::copy(&file, author.user.home().join("adapters/polite.wasm")).unwrap();
    let list = author.adapters(&["list"]);
    assert!(
        list.stdout.contains("requests permission to send: POST https://api.example.com/v1/"),
        "{list:?}"
    );
    assert!(!list.stdout.contains("nothing else"), "{list:?}");
}

#[test]
fn a_pipe_in_place_of_a_file_does_not_block() {
    let author = Author::new();
    let first = author.version("1", "");
    let pipe = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let cases = author.user.home().join("cases.json");
    pipe(&cases);
    let said = author.adapters(&["test", &text(&first.0), "--cases", &text(&cases)]);
    assert_eq!(said.status, Some(2), "{said:?}");
    assert!(said.stderr.contains("cases.json: cannot be read: it is not a file"), "{said:?}");

    assert_eq!(author.adapters(&["add", &text(&first.0)]).status, Some(0));
    let state = author.user.home().join("adapters/.polite/state.json");
    fs::remove_file(&state).unwrap();
    pipe(&state);
    let said = author.adapters(&["show", "polite"]);
    assert!(format!("{said:?}").contains("it is not a file"), "{said:?}");
    fs::remove_file(author.user.home().join("config.toml")).unwrap();
    pipe(&author.user.home().join("config.toml"));
    let said: Said = author.user.run(&["doctor"]);
    assert_eq!(said.status, Some(4), "{said:?}");
    assert!(said.stderr.contains("it is not a file"), "{said:?}");
}
