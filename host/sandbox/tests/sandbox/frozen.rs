//! Frozen packages, and adapters built against them, still work.

use std::fs;
use std::path::{Path, PathBuf};

use codewalk_core::intent::Intent;
use codewalk_core::port_reply::PortError;
use codewalk_core::ports::{Router, Summarizer};
use codewalk_core::state::Agent;
use codewalk_sandbox::{AdapterSpec, Source};
use wit_component::WitPrinter;
use wit_parser::{PackageId, Resolve};

use crate::guests::{PACKAGES, wit};
use crate::support::{ask, generous, message, request, sandbox, spec, summary_request};

fn frozen(file: &str) -> PathBuf {
    Path::new("tests/frozen").join(file)
}

fn adapter(file: &str) -> AdapterSpec {
    AdapterSpec { source: Source::File(frozen(file)), ..spec("frozen", b"") }
}

/// A package without its comments.
fn printed(resolve: &Resolve, package: PackageId) -> String {
    let mut printer = WitPrinter::default();
    printer.emit_docs(false);
    printer.print(resolve, package, &[]).unwrap();
    printer.output.to_string()
}

#[test]
fn the_packages_of_adapters_match_the_frozen_ones() {
    let resolve = wit();
    for name in PACKAGES {
        let (package, _) = resolve.packages.iter().find(|(_, package)| package.name.name == name).unwrap();
        let expected = fs::read_to_string(frozen(&format!("{name}-0.1.0.wit"))).unwrap();
        assert_eq!(
            printed(&resolve, package),
            expected,
            "wit/{name} is frozen; see wit/README.md for how to change it"
        );
    }
}

#[tokio::test]
async fn a_router_built_against_0_1_0_routes() {
    let chain = sandbox(generous()).router_chain(vec![adapter("router-0.1.0.wasm")]);
    let mut wish = request("please fix the login test");
    wish.agents = vec![Agent { name: "claude".to_owned(), default: true }];
    let proposal = chain.route(&wish).await.unwrap().answer;
    assert!(
        matches!(&proposal.intent, Intent::Launch { agent, .. } if agent == "claude"),
        "{:?}",
        proposal.intent
    );
}

#[tokio::test]
async fn a_summarizer_built_against_0_1_0_answers() {
    let chain = sandbox(generous()).summarizer_chain(vec![adapter("summarizer-0.1.0.wasm")]);
    let error = chain.summarize(&summary_request(1000)).await.unwrap_err();
    assert!(message(&error).contains("nothing was said yet"), "{error}");
}

#[tokio::test]
async fn a_guest_built_against_0_1_0_has_its_imports() {
    // It sends a request, which is denied.
    let chain = sandbox(generous()).router_chain(vec![adapter("imports-0.1.0.wasm")]);
    let error = ask(&chain, "hello").await.unwrap_err();
    assert!(matches!(&error, PortError::Unavailable { .. } | PortError::Denied { .. }), "{error}");
    assert!(message(&error).contains("may not send POST https://nobody.example/"), "{error}");
}
