//! Files that are not adapters, or are the wrong ones, and their inspection.

use std::fs;
use std::path::Path;
use std::process::Command;

use codewalk_core::port_reply::PortError;
use codewalk_sandbox::{AdapterSpec, Inspection, MAX_COMPONENT_SIZE, Problem, Source, World};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::guests::{component, router, saying, summarizer, wit};
use crate::support::{ask, failure, generous, hint_of, message, sandbox, spec};

fn inspect(bytes: &[u8]) -> Inspection {
    let bytes = bytes.to_owned().leak();
    sandbox(generous()).inspect(&Source::Embedded(bytes)).unwrap()
}

fn only_problem(bytes: &[u8]) -> Problem {
    let mut inspection = inspect(bytes);
    assert_eq!(inspection.worlds, []);
    assert_eq!(inspection.problems.len(), 1, "{:?}", inspection.problems);
    inspection.problems.remove(0)
}

/// A component that exports an interface of this name, with a function `route` that returns a number.
fn exporting(interface: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
             (core module $m
               (memory (export "memory") 1)
               (func (export "f") (result i32) (i32.const 0)))
             (core instance $m (instantiate $m))
             (func $f (result u32) (canon lift (core func $m "f")))
             (instance $i (export "route" (func $f)))
             (export "{interface}" (instance $i)))"#
    ))
    .unwrap()
}

#[test]
fn a_valid_adapter_has_no_problems() {
    let bytes = saying("hello").build();
    let inspection = inspect(&bytes);
    assert!(inspection.problems.is_empty(), "{:?}", inspection.problems);
    assert_eq!(inspection.worlds, [World::Router]);
    assert_eq!(inspection.size, bytes.len() as u64);
    assert_eq!(inspection.digest.len(), 64);
    assert_eq!(inspection.exports, ["codewalk:router/router@0.1.0"]);
    assert!(inspection.imports.contains(&"codewalk:http/http@0.1.0".to_owned()));

    let inspection = inspect(&summarizer("(unreachable)").build());
    assert!(inspection.problems.is_empty(), "{:?}", inspection.problems);
    assert_eq!(inspection.worlds, [World::Summarizer]);
}

#[test]
fn the_sandbox_knows_all_worlds_in_wit() {
    let resolve = wit();
    for world in World::ALL {
        let packages: Vec<_> = resolve.packages.iter().map(|(id, _)| id).collect();
        let id = resolve.select_world(&packages, Some(world.name())).unwrap();
        let names = |items: &wit_parser::IndexMap<wit_parser::WorldKey, wit_parser::WorldItem>| {
            items.keys().map(|key| resolve.name_world_key(key)).collect::<Vec<_>>()
        };
        assert_eq!(names(&resolve.worlds[id].exports), [world.export()]);
        // Unused imports are removed from a component, so a guest that uses all of them shows what is linked.
        let given = inspect(&saying("hello").build()).imports;
        for import in names(&resolve.worlds[id].imports) {
            assert!(given.contains(&import), "{import} is not given");
        }
    }
}

/// Case 63.
#[test]
fn truncated_or_random_bytes_are_refused() {
    let whole = saying("hello").build();
    let problem = only_problem(&whole[..whole.len() / 2]);
    assert!(matches!(problem, Problem::Compile { .. }), "{problem}");
    let problem = only_problem(&whole[..6]);
    assert!(matches!(problem, Problem::NotAComponent), "{problem}");
    for bytes in [&b""[..], b"#!/bin/sh\n", &[0xff; 1000]] {
        let problem = only_problem(bytes);
        assert!(matches!(problem, Problem::NotAComponent), "{problem}");
    }
}

/// Case 64.
#[test]
fn a_core_module_is_refused_with_a_remedy() {
    let problem = only_problem(&wat::parse_str("(module)").unwrap());
    assert!(matches!(problem, Problem::CoreModule));
    assert!(problem.to_string().contains("cargo xtask component"));
}

/// Case 65.
#[test]
fn a_component_of_another_world_is_refused_with_the_missing_export() {
    let inspection = inspect(&wat::parse_str("(component)").unwrap());
    let said: Vec<_> = inspection.problems.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("does not export codewalk:router/router@0.1.0"), "{said:?}");
    assert!(said[0].ends_with("it exports nothing"), "{said:?}");
    assert!(said[1].contains("does not export codewalk:summarizer/summarizer@0.1.0"), "{said:?}");
}

/// Case 66.
#[test]
fn an_unknown_import_is_refused_with_its_name() {
    let bytes = wat::parse_str(
        r#"(component
             (import "wasi:keyvalue/store@0.2.0" (instance (export "open" (func))))
             (import "codewalk:log/log@0.1.0" (instance)))"#,
    )
    .unwrap();
    let problem = only_problem(&bytes);
    assert!(
        matches!(&problem, Problem::UnknownImports { imports } if imports == &["wasi:keyvalue/store@0.2.0"]),
        "{problem}"
    );
    assert!(problem.to_string().contains("imports wasi:keyvalue/store@0.2.0, which adapters cannot import"));
}

/// Case 67.
#[test]
fn another_version_is_another_export() {
    let inspection = inspect(&exporting("codewalk:router/router@1.0.0"));
    let said: Vec<_> = inspection.problems.iter().map(ToString::to_string).collect();
    assert!(said[0].contains("it exports codewalk:router/router@1.0.0"), "{said:?}");
}

#[test]
fn the_right_names_with_the_wrong_types_are_refused() {
    let problem = only_problem(&exporting("codewalk:router/router@0.1.0"));
    assert!(matches!(problem, Problem::WrongTypes { world: World::Router, .. }), "{problem}");

    // An import with the right name and the wrong type.
    let bytes = wat::parse_str(
        r#"(component
             (import "codewalk:log/log@0.1.0" (instance $log (export "write" (func (param "x" u32)))))
             (alias export $log "write" (func $write))
             (core func $w (canon lower (func $write)))
             (core module $m
               (import "" "w" (func (param i32)))
               (memory (export "memory") 1)
               (func (export "f") (result i32) (i32.const 0)))
             (core instance $m (instantiate $m (with "" (instance (export "w" (func $w))))))
             (func $f (result u32) (canon lift (core func $m "f")))
             (instance $i (export "route" (func $f)))
             (export "codewalk:router/router@0.1.0" (instance $i)))"#,
    )
    .unwrap();
    let problem = only_problem(&bytes);
    assert!(matches!(problem, Problem::WrongTypes { .. }), "{problem}");
    assert!(problem.to_string().contains("codewalk:log/log"), "{problem}");
}

/// Case 68.
#[tokio::test]
async fn an_oversized_file_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.wasm");
    let file = fs::File::create(&path).unwrap();
    // The reader learns only that the file exceeds the maximum.
    let size = MAX_COMPONENT_SIZE + 1000;
    file.set_len(size).unwrap();
    let refused = sandbox(generous()).inspect(&Source::File(path.clone()));
    assert!(
        matches!(refused, Err(Problem::TooLarge { size: said, max: MAX_COMPONENT_SIZE }) if said == size)
    );

    let error = file_failure(&path).await;
    let expected = format!(
        "the adapter \"guest\" is too large: {size} bytes, at most {MAX_COMPONENT_SIZE} are loaded; build it \
         optimised for \
         size and stripped"
    );
    assert_eq!(message(&error), expected);
}

/// Calls an adapter from this file, and then a good one, which must answer. Returns the error of the first.
async fn file_failure(path: &Path) -> PortError {
    let guest = AdapterSpec::new("guest", Source::File(path.to_owned()));
    let chain = sandbox(generous()).router_chain(vec![guest, spec("good", saying("all is well").embedded())]);
    let mut answered = ask(&chain, "hello").await.unwrap();
    assert_eq!((answered.adapter.as_str(), hint_of(&answered.answer)), ("good", "all is well"));
    answered.fallback_from.remove(0).error
}

/// Case 70.
#[tokio::test]
async fn precompiled_code_is_recognised_and_refused() {
    let compiled = Component::new(&Engine::default(), saying("hello").build())
        .and_then(|component| component.serialize())
        .unwrap();
    assert!(matches!(only_problem(&compiled), Problem::Precompiled));
    let folder = tempfile::tempdir().unwrap();
    // The file name does not matter.
    let path = folder.path().join("router.wasm");
    fs::write(&path, &compiled).unwrap();
    assert_eq!(
        message(&file_failure(&path).await),
        "the adapter \"guest\" is precompiled machine code (.cwasm), which is never accepted; \
         use its .wasm file"
    );
}

#[test]
fn a_pipe_instead_of_a_file_does_not_block() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.wasm");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe, folder.path().to_owned()] {
        let refused = sandbox(generous()).inspect(&Source::File(path));
        assert!(matches!(refused, Err(Problem::Unreadable { .. })), "{refused:?}");
    }
}

#[test]
fn disabled_features_do_not_compile() {
    for (what, module) in [
        ("threads", "(module (memory 1 1 shared))"),
        ("memory64", "(module (memory i64 1))"),
        ("gc", "(module (type (struct (field i32))))"),
        ("exceptions", "(module (tag))"),
    ] {
        let bytes =
            wat::parse_str(format!("(component (core {}", module.replacen('(', "", 1)) + ")").unwrap();
        let problem = only_problem(&bytes);
        assert!(matches!(problem, Problem::Compile { .. }), "{what}: {problem}");
    }
}

#[test]
fn a_name_in_a_component_is_shown_sanitized() {
    let problem = only_problem(&wat::parse_str(r#"(component (import "\1b[2J" (func)))"#).unwrap());
    assert!(problem.to_string().contains("\u{fffd}[2J"), "{problem:?}");
}

#[tokio::test]
async fn a_guest_whose_first_memory_is_too_large_does_not_load() {
    let module = wat::parse_str(
        r#"(module
             (memory (export "memory") 1000)
             (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
             (func (export "codewalk:router/router@0.1.0#route") (param i32) (result i32) (unreachable)))"#,
    )
    .unwrap();
    let problem = only_problem(&component(module, World::Router.name()));
    assert!(matches!(problem, Problem::Compile { .. }), "{problem}");
    let error = failure(generous(), &router("(unreachable)")).await;
    assert!(message(&error).contains("unreachable"));
}
