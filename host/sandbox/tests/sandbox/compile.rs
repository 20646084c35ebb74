//! Compiling in a process of its own.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use codewalk_sandbox::{
    COMPILE_ADAPTER, CachePaths, CompileLimits, Compiler, Problem, RouterChain, Sandbox, Settings, Source,
};

use crate::guests::{Guest, saying};
use crate::support::{alone, ask, generous, hint, spec};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_codewalk-compile-adapter");

fn compiler(limits: CompileLimits) -> Compiler {
    Compiler::Child { program: PROGRAM.into(), limits }
}

fn sandbox(compiler: Compiler, cache: Option<CachePaths>) -> Sandbox {
    Sandbox::new(Settings { compiler, cache, limits: generous(), ..Settings::default() }).unwrap()
}

/// Returns what an inspection says is wrong.
fn problem(compiler: Compiler, guest: &Guest) -> Problem {
    let mut inspection = sandbox(compiler, None).inspect(&Source::Embedded(guest.embedded())).unwrap();
    assert_eq!(inspection.problems.len(), 1, "{:?}", inspection.problems);
    inspection.problems.remove(0)
}

/// Its many loops all pass on its many variables: small, and takes minutes and gigabytes to compile.
fn bomb() -> Guest {
    const MANY: usize = 6000;
    let loops = "(loop (br_if 0 (local.get 0)))".repeat(MANY);
    let uses: String = (0..MANY).map(|n| format!("(i32.store (i32.const 0) (local.get {n}))")).collect();
    saying("never").with(&format!("(func {} {loops} {uses})", "(local i32)".repeat(MANY)))
}

#[tokio::test]
async fn what_a_process_of_its_own_compiled_serves_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let paths = CachePaths { folder: folder.path().join("cache"), key: folder.path().join("key") };
    let guest = saying("all is well");
    let compiling = sandbox(compiler(CompileLimits::default()), Some(paths.clone()));
    assert_eq!(hint(&alone(&compiling, &guest), "hello").await, "all is well");

    let nowhere = Compiler::Child { program: "/nonexistent".into(), limits: CompileLimits::default() };
    let loading = sandbox(nowhere, Some(paths));
    assert_eq!(hint(&alone(&loading, &guest), "hello").await, "all is well");
}

#[tokio::test]
async fn c69_a_component_that_compiles_for_minutes_is_given_up_and_the_next_one_serves() {
    let limits = CompileLimits { executing: Duration::from_secs(1), ..CompileLimits::default() };
    let sandbox = sandbox(compiler(limits), None);
    let bomb = spec("bomb", bomb().embedded());
    let chain: RouterChain = sandbox.router_chain(vec![bomb, spec("good", saying("all is well").embedded())]);
    let answered = ask(&chain, "hello").await.unwrap();
    assert_eq!(answered.adapter, "good");
    assert_eq!(
        answered.fallback_from[0].error.to_string(),
        "the adapter \"bomb\" takes more than 1 s of processor time to compile and was given up; build it smaller"
    );
}

#[test]
fn c69_a_component_that_takes_too_much_memory_or_time_to_compile_is_given_up() {
    let little = CompileLimits { memory: 256 * 1024 * 1024, ..CompileLimits::default() };
    assert!(
        matches!(problem(compiler(little), &bomb()), Problem::CompileLimit { what } if what == "268435456 bytes of memory")
    );
    let short = CompileLimits { wall_clock: Duration::from_millis(100), ..CompileLimits::default() };
    assert!(matches!(problem(compiler(short), &bomb()), Problem::CompileLimit { what } if what == "0.1 s"));
}

#[test]
fn c69_a_component_that_compiles_to_too_much_is_given_up() {
    let small = CompileLimits { output: 1000, ..CompileLimits::default() };
    let said = problem(compiler(small), &saying("hi")).to_string();
    assert!(said.starts_with("takes more than 1000 bytes for its machine code to compile"), "{said}");
}

#[test]
fn what_is_wrong_with_a_component_is_said_wherever_it_is_compiled() {
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

/// A program in place of a compiler.
pub fn script(folder: &Path, text: &str) -> Compiler {
    let program = folder.join("compiler");
    fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    Compiler::Child { program, limits: CompileLimits::default() }
}

#[test]
fn a_compiler_that_is_not_there_or_breaks_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Compiler::Child { program: "/nonexistent".into(), limits: CompileLimits::default() };
    assert!(matches!(problem(nowhere, &saying("hi")), Problem::NoCompiler { .. }));
    let broken = script(folder.path(), "echo oops >&2; kill -SEGV $$");
    let problem = problem(broken, &saying("hi"));
    assert!(matches!(&problem, Problem::CompilerBroke { reason } if reason.contains("oops")), "{problem}");
}

#[tokio::test]
async fn what_cannot_serve_is_not_even_compiled() {
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
    let broken = script(folder.path(), "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= >&2; exit 9");
    let problem = problem(broken, &saying("hi")).to_string();
    assert!(problem.contains("breaks the compiler: exit status: 9 ;"), "{problem}");
}

#[test]
fn a_compiler_is_killed_by_somebody_and_not_by_the_component() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["KILL", "TERM", "INT", "HUP", "QUIT"] {
        let killed = script(folder.path(), &format!("ulimit -c 0; kill -{signal} $$"));
        let problem = problem(killed, &saying("hi"));
        assert!(matches!(problem, Problem::CompilerKilled { .. }), "{signal}: {problem}");
    }
}

#[test]
fn a_compiler_is_not_interrupted_with_whoever_started_it() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "read -r pid name state parent group rest </proc/$$/stat; echo \"$pid leads $group\" >&2; exit 9";
    let said = problem(script(folder.path(), text), &saying("hi")).to_string();
    let (pid, group) = said.split_once(" leads ").unwrap();
    let (pid, group) = (pid.rsplit(' ').next().unwrap(), group.split(';').next().unwrap());
    assert_eq!(pid, group, "{said}");
}

#[test]
fn another_program_in_place_of_the_compiler_is_not_the_fault_of_the_component() {
    let folder = tempfile::tempdir().unwrap();
    for other in ["echo junk", "echo 'error: unexpected argument' >&2; exit 2"] {
        let problem = problem(script(folder.path(), other), &saying("hi"));
        assert!(matches!(problem, Problem::NoCompiler { .. }), "{other}: {problem}");
        assert!(problem.to_string().contains("start it again"), "{problem}");
    }
}

#[test]
fn a_compiler_ends_when_whoever_started_it_is_gone() {
    let bomb = bomb().build();
    let mut compiler = Command::new(PROGRAM)
        .args([COMPILE_ADAPTER, "4294967296", "600", "8000000000"])
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
