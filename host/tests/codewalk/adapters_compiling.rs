//! The compilation of adapters: in a confined process, once, and never awaited for longer than a request may
//! take.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use crate::support::author::{Author, text};
use crate::support::screen::Screen;
use crate::support::wait_until;
use serde_json::json;

#[test]
fn an_adapter_compiled_at_the_end_of_a_request_is_ready_for_the_next() {
    let author = Author::new();
    let first = author.version("1", "");
    let ask = || author.user.run(&["ask", "--output-format", "json", "what is running?"]);
    // The other router is compiled first, so that it answers immediately.
    author.configure("[router]\nchain = [\"local-router\"]\n");
    assert_eq!(ask().status, Some(0));
    author.configure(
        "[router]\nchain = [\"polite\", \"local-router\"]\n[adapters.polite.limits]\nwall_clock_ms = 1\n",
    );
    fs::copy(&first.0, author.user.home().join("adapters/polite.wasm")).unwrap();
    let said = ask();
    assert!(said.stdout.contains("is still being compiled after 1 ms"), "{said:?}");
    let compiled = fs::read_dir(author.user.home().join("cache/components")).unwrap();
    let mut names = compiled.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.any(|name| name.starts_with(&first.1) && !name.ends_with(".turn")), "it was lost");
}

#[test]
fn a_request_waits_for_a_compilation_no_longer_than_its_deadline() {
    let author = Author::new();
    let (first, second) = (author.version("1", ""), author.version("2", ""));
    assert_eq!(author.adapters(&["add", &text(&first.0)]).status, Some(0));
    assert_eq!(author.served_by(), (json!("polite"), json!(first.1)));
    let cache = author.user.home().join("cache/components");
    let names = || -> Vec<String> {
        fs::read_dir(&cache).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    };
    let compiled = names().into_iter().find(|name| name.starts_with(&first.1)).unwrap();
    // As if another codewalk were compiling it.
    let turn = cache.join(compiled.replace(&first.1, &second.1)).with_extension("turn");
    let turn = fs::File::create(turn).unwrap();
    turn.lock().unwrap();
    author.configure(
        "[router]\nchain = [\"polite\", \"local-router\"]\n[adapters.polite.limits]\nwall_clock_ms = 1\n",
    );
    fs::remove_dir_all(author.user.home().join("adapters")).unwrap();
    fs::create_dir(author.user.home().join("adapters")).unwrap();
    fs::copy(&second.0, author.user.home().join("adapters/polite.wasm")).unwrap();
    let said = author.user.run(&[
        "run",
        "--yes",
        "--timeout",
        "15s",
        "--output-format",
        "json",
        "please fix the pager",
    ]);
    assert_eq!(said.status, Some(0), "{said:?}");
    assert!(said.stdout.contains("is still being compiled after 1 ms"), "{said:?}");
    assert!(said.stderr.contains("Press Ctrl-C to finish it next time"), "{said:?}");
    let is_compiled = |name: &String| name.starts_with(&second.1) && !name.ends_with(".turn");
    assert!(!names().iter().any(is_compiled), "it was waited for");
}

#[test]
fn a_user_who_waits_for_a_compilation_sees_a_notice() {
    let author = Author::new();
    let first = author.version("1", "");
    let added = author.adapters(&["add", &text(&first.0)]);
    assert_eq!((added.status, &*added.stderr), (Some(0), ""), "nobody waits");
    let cache = author.user.home().join("cache/components");
    let compiled = fs::read_dir(&cache).unwrap().map(|file| file.unwrap().path());
    let of_first = |file: &PathBuf| file.to_string_lossy().contains(&first.1);
    let compiled = compiled.into_iter().find(of_first).unwrap();
    fs::remove_file(&compiled).unwrap();
    // As if another codewalk were compiling it.
    let turn = fs::File::create(compiled.with_extension("turn")).unwrap();
    turn.lock().unwrap();
    let screen = Screen::start(&author.user, &["adapters", "list"]);
    screen.wait_for("Compiling polite", 1);
    drop(turn);
    let (status, screen) = screen.exit_status();
    assert_eq!(status, 0, "{screen}");
    assert_eq!(screen.matches("Compiling polite").count(), 1, "{screen}");
}

#[test]
fn the_compiler_is_confined_and_nice_before_it_reads_a_component() {
    let author = Author::new();
    let args = [codewalk_sandbox::COMPILE_ADAPTER, "4294967296", "30", "1073741824", "19"];
    let mut compiler =
        author.user.codewalk(&args).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let proc = PathBuf::from(format!("/proc/{}", compiler.id()));
    let status = || fs::read_to_string(proc.join("status")).unwrap_or_default();
    wait_until(|| format!("a filter: {}", status()), || status().contains("Seccomp:\t2\n"));
    assert!(status().contains("NoNewPrivs:\t1\n"), "{}", status());
    let stat = fs::read_to_string(proc.join("stat")).unwrap();
    let niceness = stat.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap().to_owned();
    assert_eq!(niceness, "19", "{stat}");
    compiler.stdin.take().unwrap().write_all(&[0xff; 8]).unwrap();
    assert_eq!(compiler.wait().unwrap().code(), Some(1));
}

#[test]
fn the_next_codewalk_does_not_retry_a_failed_compilation() {
    let author = Author::new();
    let file = author.user.home().join("adapters/polite.wasm");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, broken(&author)).unwrap();
    let problem = || author.show()["problem"].as_str().unwrap_or_default().to_owned();
    let first = problem();
    assert!(first.starts_with("does not compile: "), "{first}");
    let again = problem();
    assert!(
        again.starts_with(&first)
            && again.contains("(from an earlier attempt; run `codewalk adapters check`"),
        "{again}"
    );
    let checked = author.adapters(&["check", &text(&file)]);
    assert!(
        checked.stdout.contains("does not compile: ") && !checked.stdout.contains("found before"),
        "{checked:?}"
    );
    author.configure("[router]\nchain = [\"polite\", \"local-router\"]\n[compile]\nexecuting_s = 31\n");
    assert_eq!(problem(), first, "with more it is tried again");
}

/// Returns the router with one invalid instruction, which only the compiler notices.
fn broken(author: &Author) -> Vec<u8> {
    let mut router =
        fs::read(crate::support::examples::built("keyword-router", &author.user.home())).unwrap();
    // `local.get 0` becomes a local that no function has.
    let at = router.windows(2).position(|two| two == [0x20, 0x00]).unwrap();
    router[at + 1] = 0x7f;
    router
}
