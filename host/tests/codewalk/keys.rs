//! Keys: who can read them, and how they are stored.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use crate::support::screen::Screen;
use crate::support::{User, said, script};

/// Runs codewalk without root's capabilities, one of which is to trace every process.
fn as_a_user(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    // SAFETY: it makes system calls, and does not access this process's memory.
    unsafe {
        command.pre_exec(|| {
            for right in rustix::thread::CapabilitySet::all().iter() {
                // A capability that cannot be dropped does not exist.
                let _ = rustix::thread::remove_capability_from_bounding_set(right);
            }
            Ok(())
        })
    }
}

const KEY: &str = "gsk_nobody_is_to_read_this";

/// Tries to read codewalk's secrets, as a program with the same rights would.
const THIEF: &str = r#"
try() { if cat "$2" > "$1" 2>> refused; then echo readable > "$1-readable"; fi; }
try environ "/proc/$PPID/environ"
try maps "/proc/$PPID/maps"
if (: < "/proc/$PPID/mem") 2>> refused; then echo readable > mem-readable; fi
env > inherited
# What can be read of a process that does not keep it to itself.
sh -c 'cat /proc/$PPID/environ > own' || true
"#;

#[test]
fn an_agent_reads_no_key_of_codewalk() {
    let user = User::new();
    let program = user.home().join("thief.sh");
    script(&program, THIEF);
    user.configure(&format!(
        "default_agent = \"thief\"\n[agents.thief]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n\
         [credentials.mine]\nenv = \"MY_KEY\"\nfor = \"https://api.example.com\"\n"
    ));
    let mut command = user.codewalk(&["run", "--yes", "fix the login test"]);
    command.env("GROQ_API_KEY", KEY).env("MY_KEY", KEY).env("CODEWALK_TEST_CANARY", "seen");
    let ran = said(as_a_user(&mut command).output().unwrap());
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let read = |name: &str| std::fs::read_to_string(user.shop().join(name)).unwrap_or_default();
    assert!(read("own").contains("CODEWALK_TEST_CANARY=seen"), "the thief can read what it may: {ran:?}");
    assert!(read("inherited").contains("CODEWALK_TEST_CANARY=seen"));
    for file in ["environ", "own", "inherited", "maps"] {
        assert!(!read(file).contains(KEY), "{file}");
    }
    for part in ["environ", "maps", "mem"] {
        assert!(!user.shop().join(format!("{part}-readable")).exists(), "{part} of codewalk can be read");
    }
    assert_eq!(read("environ"), "");
}

#[test]
fn no_program_that_codewalk_starts_inherits_a_key() {
    let user = User::new();
    user.configure("[credentials.mine]\nenv = \"MY_KEY\"\nfor = \"https://api.example.com\"\n");
    let (bin, seen) = (user.home().join("bin"), user.home().join("inherited"));
    std::fs::create_dir(&bin).unwrap();
    script(&bin.join("rustc"), &format!("env >> {seen:?}; echo 'rustc 1.95.0'"));
    let mut command = user.codewalk(&["doctor"]);
    command.env("GROQ_API_KEY", KEY).env("MY_KEY", KEY).env("CODEWALK_TEST_CANARY", "seen");
    command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
    let doctor = said(command.output().unwrap());
    let inherited = std::fs::read_to_string(&seen).unwrap_or_else(|error| panic!("{error}: {doctor:?}"));
    assert!(inherited.contains("CODEWALK_TEST_CANARY=seen"), "{inherited}");
    assert!(!inherited.contains(KEY));
}

#[test]
fn codewalk_leaves_no_core_file_and_an_agent_may_ask_for_its_own() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(
        &program,
        "grep -i 'max core' /proc/$PPID/limits > limits; ulimit -c unlimited && ulimit -c > own",
    );
    user.configure(&format!(
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n"
    ));
    let mut command = user.codewalk(&["run", "--yes", "fix the login test"]);
    use std::os::unix::process::CommandExt;
    // SAFETY: it makes a system call, and does not access memory.
    unsafe {
        command.pre_exec(|| {
            let all = rustix::process::Rlimit { current: None, maximum: None };
            let _ = rustix::process::setrlimit(rustix::process::Resource::Core, all);
            Ok(())
        });
    }
    assert_eq!(said(command.output().unwrap()).status, Some(0));
    let limits = std::fs::read_to_string(user.shop().join("limits")).unwrap();
    let soft = limits.split_whitespace().nth(4).unwrap();
    assert_eq!(soft, "0", "{limits}");
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_is_stored_by_login_and_removed_by_logout() {
    use std::io::Write;
    let user = User::new();
    let file = user.home().join("groq.key");
    let login = |name: &str, key: &str| {
        let mut command = user.codewalk(&["login", name]);
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        // codewalk may reject it before it reads it.
        let _ = child.stdin.take().unwrap().write_all(key.as_bytes());
        said(child.wait_with_output().unwrap())
    };
    let kept = login("groq", &format!("{KEY}\n"));
    assert_eq!(kept.status, Some(0), "{kept:?}");
    assert!(kept.stdout.contains("groq.key") && kept.stdout.contains("https://api.groq.com"), "{kept:?}");
    assert!(!format!("{kept:?}").contains(KEY));
    // The suggested configuration is exactly what works.
    let (said, lines) = kept.stdout.split_once(":\n\n").unwrap_or_else(|| panic!("{kept:?}"));
    assert!(said.contains("not used yet") && said.ends_with("config.toml"), "{kept:?}");
    user.configure(lines);
    let used = login("groq", &format!("{KEY}\n"));
    let by = "used by groq-router in router.chain and groq-summarizer in summarizer.chain";
    assert!(used.stdout.contains(by), "{used:?}");
    assert_eq!((mode(&file), std::fs::read_to_string(&file).unwrap()), (0o600, format!("{KEY}\n")));
    user.configure("[router]\nchain = [\"groq-router\", \"local-router\"]\n");
    let list = user.run(&["adapters", "list"]);
    assert!(list.stdout.contains("with the credential \"groq\" (available)"), "{list:?}");
    assert!(!format!("{list:?}").contains(KEY));
    for wrong in ["", "\n", "two\nlines", &"x".repeat(20_000)] {
        let refused = login("groq", wrong);
        assert_eq!(refused.status, Some(2), "{refused:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{KEY}\n"), "the old one stays");
    }
    let unknown = login("gork", KEY);
    assert_eq!(unknown.status, Some(2), "{unknown:?}");
    assert!(unknown.stderr.contains("known credentials: groq"), "{unknown:?}");
    for said in ["removed the key", "no key in"] {
        let gone = user.run(&["logout", "groq"]);
        assert_eq!(gone.status, Some(0), "{gone:?}");
        assert!(gone.stdout.contains(said), "{gone:?}");
    }
    let left =
        std::fs::read_dir(user.home()).unwrap().filter_map(|file| file.ok()?.file_name().into_string().ok());
    assert_eq!(left.filter(|name| name == "groq.key" || name.starts_with(".tmp")).count(), 0);
}

#[test]
fn a_folder_or_pipe_in_place_of_a_key_is_named() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let user = User::new();
    let key = user.home().join("groq.key");
    user.configure("default_agent = \"demo\"\n[router]\nchain = [\"groq-router\", \"local-router\"]\n");
    let doctor = || said(as_a_user(&mut user.codewalk(&["doctor"])).output().unwrap());
    let expect = |what: &str, remedy: &str| {
        let said = doctor();
        assert_eq!(said.status, Some(4), "{said:?}");
        let problem = format!("groq-router needs the key groq: {what}\n      {remedy}\n");
        assert!(said.stdout.contains(&problem), "{said:?}");
        assert!(said.stdout.contains("with the credential \"groq\" (unusable)"), "{said:?}");
        assert!(!said.stdout.contains("(missing)"), "{said:?}");
    };
    let remove = "remove it, and store the key there with `codewalk login groq`";
    let other = |what: &str| expect(&format!("{key:?} of [credentials.groq] is {what}"), remove);
    std::fs::create_dir(&key).unwrap();
    other("a folder, not a file");
    let login = user.run(&["login", "groq"]);
    assert_eq!(login.status, Some(4), "{login:?}");
    assert!(login.stderr.contains("groq.key: it is a folder\n hint: remove it"), "{login:?}");
    std::fs::remove_dir(&key).unwrap();

    rustix::fs::mkfifoat(rustix::fs::CWD, &key, 0o600.into()).unwrap();
    other("a pipe, not a file");
    std::fs::remove_file(&key).unwrap();

    let _listener = std::os::unix::net::UnixListener::bind(&key).unwrap();
    other("a socket, not a file");
    std::fs::remove_file(&key).unwrap();

    symlink("/no/such/key", &key).unwrap();
    other("a symbolic link whose target cannot be reached");
    std::fs::remove_file(&key).unwrap();

    std::fs::write(&key, KEY).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o000)).unwrap();
    let what = format!("cannot read the file {key:?} of [credentials.groq]: Permission denied (os error 13)");
    expect(&what, &format!("chmod 600 {key:?}"));
    std::fs::remove_file(&key).unwrap();
    assert!(doctor().stdout.contains("(missing)"));
}

#[test]
fn a_typed_key_is_not_shown() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["login", "groq"]);
    screen.wait_for("Key for groq (input is hidden): ", 1);
    screen.type_in(&format!("{KEY}x\u{7f}\r"));
    screen.wait_for("stored the key", 1);
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert!(!text.contains("gsk_"), "{text}");
    assert_eq!(std::fs::read_to_string(user.home().join("groq.key")).unwrap(), KEY);
    let mut shell = Screen::shell(&user);
    shell.type_in("stty -a > before; $CODEWALK login groq; stty -a > after; echo over-$((1+1))\n");
    shell.wait_for("Key for groq", 1);
    shell.type_in("gsk\u{3}");
    shell.wait_for("over-2", 1);
    let modes = |name: &str| std::fs::read_to_string(user.shop().join(name)).unwrap();
    assert_eq!(modes("before"), modes("after"), "an interrupt leaves the terminal as it was");
    assert_eq!(std::fs::read_to_string(user.home().join("groq.key")).unwrap(), KEY);
}
