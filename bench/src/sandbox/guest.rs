//! Routers that do almost nothing, so that only the cost of calling them is measured.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::fallible::Fallible;

/// Answers `cannot-parse`, with the utterance as the hint.
const ECHO: &str = "
    (i32.store8 (i32.const 1032) (i32.const 4))
    (i32.store (i32.const 1036) (i32.load (local.get $request)))
    (i32.store (i32.const 1040) (i32.load offset=4 (local.get $request)))
    (i32.const 1024)";

/// Returns the smallest router.
pub fn tiny() -> Fallible<&'static [u8]> {
    router("", ECHO)
}

/// Returns a router that answers with a text.
pub fn saying(text: &str) -> Fallible<&'static [u8]> {
    let body = format!(
        "(i32.store8 (i32.const 1032) (i32.const 4)) (i32.store (i32.const 1036) (i32.const 2048))
         (i32.store (i32.const 1040) (i32.const {})) (i32.const 1024)",
        text.len()
    );
    router(&format!("(data (i32.const 2048) \"{text}\")"), &body)
}

/// Returns a router that loops forever if the utterance begins with `s`.
pub fn spinning() -> Fallible<&'static [u8]> {
    let spin = "(if (i32.eq (i32.load8_u (i32.load (local.get $request))) (i32.const 0x73))
                  (then (loop $forever (br $forever))))";
    router("", &format!("{spin} {ECHO}"))
}

/// Returns a router that tries to send HTTP requests before it answers.
pub fn sending(requests: u32) -> Fallible<&'static [u8]> {
    let import = "(import \"codewalk:http/http@0.1.0\" \"send\"
        (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))";
    let data = "(data (i32.const 2048) \"GET\") (data (i32.const 2052) \"https://example.com/\")";
    let send = "(call $send (i32.const 2048) (i32.const 3) (i32.const 2052) (i32.const 20)
        (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 3072))";
    let body = format!(
        "(local $n i32)
         (loop $more {send}
           (local.set $n (i32.add (local.get $n) (i32.const 1)))
           (br_if $more (i32.lt_u (local.get $n) (i32.const {requests}))))
         {ECHO}"
    );
    router(&format!("{import} {data}"), &body)
}

fn router(items: &str, body: &str) -> Fallible<&'static [u8]> {
    let module = format!(
        r#"(module {items}
          (memory (export "memory") 4)
          (global $top (mut i32) (i32.const 4096))
          (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
            (local $at i32)
            (local.set $at (i32.and
              (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
              (i32.sub (i32.const 0) (local.get $align))))
            (global.set $top (i32.add (local.get $at) (local.get $size)))
            (local.get $at))
          (func (export "codewalk:router/router@0.1.0#route") (param $request i32) (result i32) {body}))"#
    );
    let mut module = wat::parse_str(module)?;
    let mut resolve = Resolve::default();
    for package in ["types", "http", "log", "config", "router"] {
        resolve.push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit/").to_owned() + package)?;
    }
    let packages: Vec<_> = resolve.packages.iter().map(|(id, _)| id).collect();
    let world = resolve.select_world(&packages, Some("codewalk:router/router-adapter"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default().module(&module)?.encode()?;
    Ok(component.leak())
}
