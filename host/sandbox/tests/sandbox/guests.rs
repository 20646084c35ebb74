//! Guests for tests: handwritten core modules that are turned into components as `cargo xtask component`
//! does.

use std::path::Path;

use codewalk_sandbox::MANIFEST_SECTION;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub const PACKAGES: [&str; 6] = ["types", "http", "log", "config", "router", "summarizer"];

/// The address of a guest's own texts.
pub const DATA: u32 = 4096;

/// A guest under construction.
pub struct Guest {
    world: &'static str,
    export: &'static str,
    imports: String,
    items: String,
    realloc: String,
    body: String,
}

/// The start of every guest: imports, memory, an allocator that never frees, and functions that build
/// answers.
const MODULE: &str = r#"(module
  (import "codewalk:http/http@0.1.0" "send"
    (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "codewalk:log/log@0.1.0" "write" (func $log (param i32 i32 i32)))
  (import "codewalk:config/config@0.1.0" "get" (func $config (param i32 i32 i32)))
  {imports}
  (memory $memory (export "memory") 4)
  (global $top (mut i32) (i32.const 131072))
  (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32)
    (result i32) (local $at i32)
    {realloc}
    (local.set $at (i32.and
      (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (block $fits (loop $grow
      (br_if $fits (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
      (unreachable)))
    (local.get $at))
  ;; a router's answer: cannot-parse with this text
  (func $hint (param $at i32) (param $len i32) (result i32)
    (i32.store8 (i32.const 1032) (i32.const 4))
    (i32.store (i32.const 1036) (local.get $at))
    (i32.store (i32.const 1040) (local.get $len))
    (i32.const 1024))
  ;; a summarizer's answer: this text, covering so many entries
  (func $summary (param $at i32) (param $len i32) (param $covers i64) (result i32)
    (i32.store (i32.const 1032) (local.get $at))
    (i32.store (i32.const 1036) (local.get $len))
    (i64.store (i32.const 1040) (local.get $covers))
    (i32.const 1024))
  ;; any adapter's refusal: the number of the case in port-error, and a text
  (func $refuse (param $case i32) (param $at i32) (param $len i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 1))
    (i32.store8 (i32.const 1032) (local.get $case))
    (i32.store (i32.const 1040) (local.get $at))
    (i32.store (i32.const 1044) (local.get $len))
    (i32.const 1024))
  {items}
  (func (export "{export}") (param $request i32) (result i32)
    {body}))
"#;

/// A router whose `route` has this body. `$request` is the address of the request.
pub fn router(body: &str) -> Guest {
    Guest {
        world: "codewalk:router/router-adapter",
        export: "codewalk:router/router@0.1.0#route",
        imports: String::new(),
        items: String::new(),
        realloc: String::new(),
        body: body.to_owned(),
    }
}

/// A summarizer whose `summarize` has this body.
pub fn summarizer(body: &str) -> Guest {
    Guest {
        world: "codewalk:summarizer/summarizer-adapter",
        export: "codewalk:summarizer/summarizer@0.1.0#summarize",
        ..router(body)
    }
}

impl Guest {
    /// Turns it into a router that also imports these WASI functions.
    pub fn with_wasi(mut self, imports: &str) -> Self {
        self.world = "codewalk:test/router-with-wasi";
        self.imports = imports.to_owned();
        self
    }

    /// Adds items to the module.
    pub fn with(mut self, items: &str) -> Self {
        self.items.push_str(items);
        self
    }

    /// Adds bytes at [`DATA`].
    pub fn data(self, bytes: &[u8]) -> Self {
        let bytes: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        self.with(&format!("(data (i32.const {DATA}) \"{bytes}\")"))
    }

    /// Runs this code at the start of each allocation.
    pub fn realloc(mut self, body: &str) -> Self {
        self.realloc = body.to_owned();
        self
    }

    pub fn build(&self) -> Vec<u8> {
        let text = MODULE
            .replace("{imports}", &self.imports)
            .replace("{items}", &self.items)
            .replace("{realloc}", &self.realloc)
            .replace("{export}", self.export)
            .replace("{body}", &self.body);
        component(wat::parse_str(text).unwrap(), self.world)
    }

    /// Returns it as an embedded component.
    pub fn embedded(&self) -> &'static [u8] {
        self.build().leak()
    }
}

/// A router with a constant answer.
pub fn saying(text: &str) -> Guest {
    router(&format!("(call $hint (i32.const {DATA}) (i32.const {}))", text.len())).data(text.as_bytes())
}

/// A component with this manifest.
pub fn with_manifest(mut component: Vec<u8>, manifest: &[u8]) -> Vec<u8> {
    let name = MANIFEST_SECTION.as_bytes();
    let mut section = leb(name.len());
    section.extend_from_slice(name);
    section.extend_from_slice(manifest);
    component.push(0);
    component.extend(leb(section.len()));
    component.extend(section);
    component
}

fn leb(mut n: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while n >= 0x80 {
        bytes.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
    bytes
}

/// Turns a core module into a component of this world.
pub fn component(mut module: Vec<u8>, world: &str) -> Vec<u8> {
    let mut resolve = wit();
    if world.starts_with("codewalk:test/") {
        resolve.push_str("wasi.wit", include_str!("wasi.wit")).unwrap();
    }
    let packages: Vec<_> = resolve.packages.iter().map(|(id, _)| id).collect();
    let world = resolve.select_world(&packages, Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

/// The packages of `wit/` that adapters see.
pub fn wit() -> Resolve {
    let mut resolve = Resolve::default();
    for package in PACKAGES {
        resolve.push_dir(Path::new("../../wit").join(package)).unwrap();
    }
    resolve
}

/// A request from a guest, and what the guest reports about the response.
pub struct Request<'a> {
    pub method: &'a str,
    pub url: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
    pub credential: Option<&'a str>,
    /// How many times it is sent.
    pub times: u32,
    pub say: Say,
}

/// What a guest reports about a response.
#[derive(Clone, Copy)]
pub enum Say {
    Body,
    /// All header names and values, one after the other.
    Headers,
}

impl<'a> Request<'a> {
    pub fn post(url: &'a str) -> Self {
        let (headers, body, credential) = (&[] as &[_], &[] as &[_], None);
        Self { method: "POST", url, headers, body, credential, times: 1, say: Say::Body }
    }

    /// A router that sends it and reports the response, or returns the text of the error.
    pub fn guest(&self) -> Guest {
        let table = 16 * self.headers.len();
        let mut texts: Vec<u8> = Vec::new();
        let mut place = |text: &[u8]| {
            let at = DATA + u32::try_from(table + texts.len()).unwrap();
            texts.extend_from_slice(text);
            (at, u32::try_from(text.len()).unwrap())
        };
        let mut data = Vec::new();
        for (name, value) in self.headers {
            for (at, len) in [place(name.as_bytes()), place(value.as_bytes())] {
                data.extend_from_slice(&at.to_le_bytes());
                data.extend_from_slice(&len.to_le_bytes());
            }
        }
        let numbers = [
            place(self.method.as_bytes()),
            place(self.url.as_bytes()),
            (DATA, u32::try_from(self.headers.len()).unwrap()),
            place(&self.body[..self.body.len().min(1024)]),
        ];
        let mut arguments: Vec<u32> = numbers.into_iter().flat_map(|(at, len)| [at, len]).collect();
        // A large body is whatever is in memory.
        arguments[7] = u32::try_from(self.body.len()).unwrap();
        let (at, len) = place(self.credential.unwrap_or_default().as_bytes());
        arguments.extend([u32::from(self.credential.is_some()), at, len]);
        let arguments: String = arguments.iter().map(|n| format!("(i32.const {n})")).collect();
        data.extend_from_slice(&texts);
        let said = match self.say {
            Say::Body => "(i32.load (i32.const 2068)) (i32.load (i32.const 2072))",
            // The host writes the texts after the table of headers, and the body after them.
            Say::Headers => {
                "(local.tee $texts (i32.add (i32.load (i32.const 2060))
                   (i32.mul (i32.load (i32.const 2064)) (i32.const 16))))
                 (i32.sub (i32.load (i32.const 2068)) (local.get $texts))"
            }
        };
        // The case of `port-error` for each of `error`: denied, invalid, unreachable, timeout, too large,
        // rate limited.
        let body = format!(
            "(local $n i32) (local $texts i32)
             (drop (memory.grow (i32.const 32)))
             (loop $more
               (call $send {arguments} (i32.const 2048))
               (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1)))
                                      (i32.const {times}))))
             (if (result i32) (i32.load8_u (i32.const 2048))
               (then (call $refuse
                 (i32.load8_u (i32.add (i32.const 3000) (i32.load8_u (i32.const 2056))))
                 (i32.load (i32.const 2064)) (i32.load (i32.const 2068))))
               (else (call $hint {said})))",
            times = self.times,
        );
        router(&body).data(&data).with("(data (i32.const 3000) \"\\02\\04\\00\\00\\03\\01\")")
    }
}
