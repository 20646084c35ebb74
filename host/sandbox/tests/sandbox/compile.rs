//! Compiling in a child process.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use codewalk_sandbox::{
    AdapterSpec, COMPILE_ADAPTER, CachePaths, CompileLimits, Compiler, Limits, Problem, RouterChain, Sandbox,
    SandboxConfig, Source,
};

use crate::guests::{Guest, saying};
use crate::support::{alone, ask, eventually, generous, hint, hint_of, spec};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_codewalk-compile-adapter");

fn compiler(limits: CompileLimits) -> Compiler {
    Compiler::Child { program: PROGRAM.into(), limits }
}

fn sandbox(compiler: Compiler, cache: Option<CachePaths>) -> Sandbox {
    Sandbox::new(SandboxConfig { compiler, cache, limits: generous(), ..SandboxConfig::default() }).unwrap()
}

/// Returns the problems of an inspection.
fn problem(compiler: Compiler, guest: &Guest) -> Problem {
    let mut inspection = sandbox(compiler, None).inspect(&Source::Embedded(guest.embedded())).unwrap();
    assert_eq!(inspection.problems.len(), 1, "{:?}", inspection.problems);
    inspection.problems.remove(0)
}

/// A small component that takes minutes and gigabytes to compile: many loops that pass on many variables.
fn bomb() -> Guest {
    const MANY: usize = 6000;
    let loops = "(loop (br_if 0 (local.get 0)))".repeat(MANY);
    let uses: String = (0..MANY).map(|n| format!("(i32.store (i32.const 0) (local.get {n}))")).collect();
    saying("never").with(&format!("(func {} {loops} {uses})", "(local i32)".repeat(MANY)))
}

#[tokio::test]
async fn a_component_from_the_compiler_process_serves_and_is_cached() {
    let folder = tempfile::tempdir().unwrap();
    let paths = CachePaths { folder: folder.path().join("cache"), key: folder.path().join("key") };
    let guest = saying("all is well");
    let compiling = sandbox(compiler(CompileLimits::default()), Some(paths.clone()));
    assert_eq!(hint(&alone(&compiling, &guest), "hello").await, "all is well");

    let nowhere = Compiler::Child { program: "/nonexistent".into(), limits: CompileLimits::default() };
    let loading = sandbox(nowhere, Some(paths));
    assert_eq!(hint(&alone(&loading, &guest), "hello").await, "all is well");
}

/// Case 69.
#[tokio::test]
async fn a_component_that_compiles_for_minutes_is_abandoned_for_the_next() {
    let limits = CompileLimits { executing: Duration::from_secs(1), ..CompileLimits::default() };
    let sandbox = sandbox(compiler(limits), None);
    let bomb = spec("bomb", bomb().embedded());
    let chain: RouterChain = sandbox.router_chain(vec![bomb, spec("good", saying("all is well").embedded())]);
    let answered = ask(&chain, "hello").await.unwrap();
    assert_eq!(answered.adapter, "good");
    assert_eq!(
        answered.fallback_from[0].error.to_string(),
        "the adapter \"bomb\" needs more than 1 s of processor time to compile; build it smaller, or \
         allow more in [compile]"
    );
}

/// Case 69.
#[test]
fn compiling_that_needs_too_much_memory_or_time_is_stopped() {
    let little = CompileLimits { memory: 256 * 1024 * 1024, ..CompileLimits::default() };
    assert!(matches!(
        problem(compiler(little), &bomb()),
        Problem::CompileLimit { what } if what == "268435456 bytes of memory"
    ));
    let short = CompileLimits { wall_clock: Duration::from_millis(100), ..CompileLimits::default() };
    assert!(matches!(problem(compiler(short), &bomb()), Problem::CompileLimit { what } if what == "0.1 s"));
}

/// Case 69.
#[test]
fn compiling_that_produces_too_much_code_is_stopped() {
    let small = CompileLimits { output: 1000, ..CompileLimits::default() };
    let said = problem(compiler(small), &saying("hi")).to_string();
    assert!(said.starts_with("needs more than 1000 bytes for its machine code to compile"), "{said}");
}

#[test]
fn every_compiler_reports_problems_of_a_component() {
    let many_memories = saying("never").with(&"(memory 1)".repeat(8));
    for compiler in [Compiler::InProcess, compiler(CompileLimits::default())] {
        let said = problem(compiler.clone(), &many_memories).to_string();
        assert!(said.starts_with("does not compile: ") && said.contains("memories"), "{said}");
    }
    let mut truncated = saying("never").build();
    truncated.truncate(truncated.len() / 2);
    let source = Source::Embedded(truncated.leak());
    let said = |compiler| {
        let inspection = sandbox(compiler, None).inspect(&source).unwrap();
        inspection.problems.iter().map(Problem::to_string).collect::<Vec<_>>()
    };
    let here = said(Compiler::InProcess);
    assert!(here[0].starts_with("does not compile: "), "{here:?}");
    assert_eq!(said(compiler(CompileLimits::default())), here);
}

/// A program that replaces the compiler.
pub fn script(folder: &Path, text: &str) -> Compiler {
    let program = folder.join("compiler");
    fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    Compiler::Child { program, limits: CompileLimits::default() }
}

#[test]
fn a_missing_or_crashing_compiler_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Compiler::Child { program: "/nonexistent".into(), limits: CompileLimits::default() };
    assert!(matches!(problem(nowhere, &saying("hi")), Problem::NoCompiler { .. }));
    let broken = script(folder.path(), "echo oops >&2; kill -SEGV $$");
    let problem = problem(broken, &saying("hi"));
    assert!(matches!(&problem, Problem::CompilerBroke { reason } if reason.contains("oops")), "{problem}");
}

#[tokio::test]
async fn a_component_that_cannot_serve_is_not_compiled() {
    let nowhere = Compiler::Child { program: "/nonexistent".into(), limits: CompileLimits::default() };
    let sandbox = sandbox(nowhere, None);
    for (component, problem) in [
        (
            "(component (import \"wasi:keyvalue/store@0.2.0\" (instance)))",
            "imports wasi:keyvalue/store@0.2.0",
        ),
        ("(component)", "does not export codewalk:router/router@0.1.0"),
    ] {
        let chain = sandbox.router_chain(vec![spec("guest", wat::parse_str(component).unwrap().leak())]);
        let error = ask(&chain, "hello").await.unwrap_err();
        assert!(format!("{error:?}").contains(problem), "{error:?}");
    }
}

#[test]
fn a_compiler_has_no_environment_and_no_files_but_its_streams() {
    let folder = tempfile::tempdir().unwrap();
    let own = "-e ^RAYON_NUM_THREADS= -e ^MALLOC_ARENA_MAX=2";
    let broken = script(
        folder.path(),
        &format!("env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= {own} >&2; exit 9"),
    );
    let problem = problem(broken, &saying("hi")).to_string();
    assert!(problem.contains("crashes the compiler: exit status: 9 ;"), "{problem}");
}

#[test]
fn a_killed_compiler_is_not_blamed_on_the_component() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["KILL", "TERM", "INT", "HUP", "QUIT"] {
        let killed = script(folder.path(), &format!("ulimit -c 0; kill -{signal} $$"));
        let problem = problem(killed, &saying("hi"));
        assert!(matches!(problem, Problem::CompilerKilled { .. }), "{signal}: {problem}");
    }
}

#[test]
fn a_compiler_is_not_interrupted_with_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "read -r pid name state parent group rest </proc/$$/stat; echo \"$pid leads $group\" >&2; exit 9";
    let said = problem(script(folder.path(), text), &saying("hi")).to_string();
    let (pid, group) = said.split_once(" leads ").unwrap();
    let (pid, group) = (pid.rsplit(' ').next().unwrap(), group.split(';').next().unwrap());
    assert_eq!(pid, group, "{said}");
}

#[test]
fn a_component_is_not_blamed_for_a_wrong_compiler_program() {
    let folder = tempfile::tempdir().unwrap();
    for other in ["echo junk", "echo 'error: unexpected argument' >&2; exit 2"] {
        let problem = problem(script(folder.path(), other), &saying("hi"));
        assert!(matches!(problem, Problem::NoCompiler { .. }), "{other}: {problem}");
        assert!(problem.to_string().contains("start it again"), "{problem}");
    }
}

#[test]
fn a_compiler_ends_when_its_parent_is_gone() {
    let bomb = bomb().build();
    let mut compiler = Command::new(PROGRAM)
        .args([COMPILE_ADAPTER, "4294967296", "600", "8000000000", "0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = compiler.stdin.take().unwrap();
    stdin.write_all(&(bomb.len() as u64).to_le_bytes()).unwrap();
    stdin.write_all(&bomb).unwrap();
    assert!(compiler.try_wait().unwrap().is_none());
    drop(stdin);
    assert_eq!(compiler.wait().unwrap().code(), Some(1));
}

/// The compiler, started by a script that receives its arguments. The niceness is the fifth.
fn watched(folder: &Path, text: &str) -> Compiler {
    script(folder, &format!("cd {folder:?}\n{text}\nexec {PROGRAM:?} \"$@\""))
}

fn file(folder: &Path, name: &str, component: &[u8]) -> AdapterSpec {
    let path = folder.join(name).with_extension("wasm");
    fs::write(&path, component).unwrap();
    AdapterSpec::new(name, Source::File(path))
}

fn paths(folder: &Path) -> CachePaths {
    CachePaths { folder: folder.join("cache"), key: folder.join("key") }
}

fn lines(file: &Path) -> Vec<String> {
    fs::read_to_string(file).unwrap_or_default().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn built_in_components_are_compiled_before_foreign_ones() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = "echo $5 >>log; if [ $5 = 19 ]; then until [ -e go ]; do sleep 0.01; done; fi";
    let sandbox = sandbox(watched(folder, text), Some(paths(folder)));
    let hurried = Limits { wall_clock: Duration::from_millis(100), ..generous() };
    let foreign =
        AdapterSpec { limits: Some(hurried), ..file(folder, "foreign", &saying("foreign").build()) };
    let ships = |text: &str| spec("ships", saying(text).embedded());
    let chain = sandbox.router_chain(vec![foreign, ships("one")]);
    let first = ask(&chain, "hello").await.unwrap();
    assert_eq!((hint_of(&first.answer), first.fallback_from.len()), ("one", 1), "{first:?}");
    eventually("the foreign one is compiled", || lines(&folder.join("log")).len() == 2).await;
    assert_eq!(lines(&folder.join("log")), ["0", "19"], "what ships comes first, and is not nice");
    // While the foreign component is being compiled.
    let another = sandbox.router_chain(vec![ships("two")]);
    assert_eq!(hint(&another, "hello").await, "two");
    fs::write(folder.join("go"), "").unwrap();
    chain.adapters()[0].loaded().await;
    assert_eq!(hint(&chain, "hello").await, "foreign");
}

#[tokio::test]
async fn foreign_components_are_compiled_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = "mkdir busy || echo overlap >>log; sleep 0.1; rmdir busy; echo done >>log";
    let compiler = watched(folder, text);
    let asked = (0..4).map(|n| {
        // Each has a separate sandbox: the queue is shared by the whole process.
        let sandbox = sandbox(compiler.clone(), None);
        let name = format!("guest{n}");
        let chain = sandbox.router_chain(vec![file(folder, &name, &saying(&name).build())]);
        async move { assert_eq!(hint(&chain, "hello").await, name) }
    });
    futures_util::future::join_all(asked).await;
    assert_eq!(lines(&folder.join("log")), ["done"; 4]);
}

#[test]
fn a_failed_compilation_is_remembered_until_its_limits_rise() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let runs = || lines(&folder.join("log")).len();
    let source = file(folder, "bomb", &bomb().build()).source;
    let problem = |memory: u64| {
        let Compiler::Child { program, limits } = watched(folder, "echo run >>log") else { panic!() };
        let limits = CompileLimits { memory: memory << 20, ..limits };
        // As another process sees it.
        let sandbox = sandbox(Compiler::Child { program, limits }, Some(paths(folder)));
        let mut problems = sandbox.inspect(&source).unwrap().problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems.remove(0)
    };
    let first = problem(256);
    assert!(
        matches!(
            &first,
            Problem::CompileLimit { what } if what == "268435456 bytes of memory"
        ),
        "{first}"
    );
    for memory in [256, 200] {
        let again = problem(memory).to_string();
        assert!(
            again.starts_with(&first.to_string()) && again.contains("from an earlier attempt"),
            "{again}"
        );
    }
    assert_eq!(runs(), 1, "it was tried again");
    assert!(matches!(problem(260), Problem::CompileLimit { .. }));
    assert_eq!(runs(), 2, "with more it may compile");

    let refused = fs::read_dir(folder.join("cache")).unwrap().map(|entry| entry.unwrap().path());
    let refused: Vec<_> = refused.filter(|path| path.extension().is_some_and(|e| e == "refused")).collect();
    fs::copy(&refused[0], refused[0].with_extension("")).unwrap();
    assert!(matches!(problem(260), Problem::NotCompiled { .. }), "a refusal is no code");
    fs::write(&refused[0], "{}").unwrap();
    assert!(matches!(problem(260), Problem::CompileLimit { .. }), "nobody else has one refused");
}

#[test]
fn a_killed_compiler_is_not_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let source = file(folder, "guest", &saying("hi").build()).source;
    for text in ["kill -KILL $$", "echo junk; exit"] {
        let sandbox = sandbox(watched(folder, text), Some(paths(folder)));
        let problems = sandbox.inspect(&source).unwrap().problems;
        assert!(
            matches!(problems[0], Problem::CompilerKilled { .. } | Problem::NoCompiler { .. }),
            "{problems:?}"
        );
    }
    assert!(sandbox(watched(folder, ""), Some(paths(folder))).inspect(&source).unwrap().problems.is_empty());
}

#[test]
fn a_compiler_reaches_no_file_no_network_no_program_and_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "secret").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let tried = |how: &str| {
        let tried = Command::new(PROGRAM).arg(how).arg(&key).arg(&port).output().unwrap();
        String::from_utf8(tried.stdout).unwrap()
    };
    let all = ["read", "write", "folder", "tcp", "udp", "unix", "program", "signal", "thread", "memory"];
    assert_eq!(tried("free").lines().collect::<Vec<_>>(), all.map(|what| format!("{what} done")));
    assert!(listener.accept().is_ok());
    fs::write(&key, "secret").unwrap();
    let confined = all.map(|what| {
        let is_needed = what == "thread" || what == "memory";
        format!("{what} {}", if is_needed { "done" } else { "refused" })
    });
    assert_eq!(tried("confined").lines().collect::<Vec<_>>(), confined);
    assert!(listener.accept().is_err(), "something connected");
    assert_eq!(fs::read_to_string(&key).unwrap(), "secret");
}
