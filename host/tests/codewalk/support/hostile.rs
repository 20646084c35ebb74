//! Handwritten adapters that give whatever answer a test wants.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::examples::root;

/// The address of the answer in the adapter's memory, and the address of its texts.
const ANSWER: u32 = 1024;
const TEXTS: u32 = 4096;

/// A router's answer.
pub enum Answer<'a> {
    Launch { agent: &'a str, project: Option<&'a str>, prompt: &'a str },
    FollowUp { session: &'a str, prompt: &'a str },
    Hint(&'a str),
}

/// An adapter's memory, as the canonical ABI lays it out.
#[derive(Default)]
struct Memory {
    answer: Vec<u8>,
    texts: Vec<u8>,
}

impl Memory {
    fn number(&mut self, number: u32) {
        self.answer.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(TEXTS + u32::try_from(self.texts.len()).unwrap());
        self.number(u32::try_from(text.len()).unwrap());
        self.texts.extend(text.as_bytes());
    }
}

/// Makes a router that gives this answer to everything, with full confidence.
pub fn router(answer: &Answer) -> Vec<u8> {
    let mut memory = Memory::default();
    // Not an error; the rest is aligned to 8 bytes.
    memory.number(0);
    memory.number(0);
    let intent = memory.answer.len();
    match answer {
        Answer::Launch { agent, project, prompt } => {
            memory.number(0);
            memory.text(agent);
            memory.number(u32::from(project.is_some()));
            memory.text(project.unwrap_or_default());
            memory.text(prompt);
        }
        Answer::FollowUp { session, prompt } => {
            memory.number(1);
            memory.text(session);
            memory.text(prompt);
        }
        Answer::Hint(hint) => {
            memory.number(4);
            memory.text(hint);
        }
    }
    // The largest intent is a launch.
    memory.answer.resize(intent + 32, 0);
    memory.number(100);
    // No alternatives.
    memory.number(0);
    memory.number(0);
    memory.text("it is what you want");
    component(&memory, "router", "route")
}

/// Makes a summarizer that returns this text for everything.
pub fn summarizer(text: &str) -> Vec<u8> {
    let mut memory = Memory::default();
    memory.number(0);
    memory.number(0);
    memory.text(text);
    // It covers one entry.
    memory.number(1);
    memory.number(0);
    component(&memory, "summarizer", "summarize")
}

fn component(memory: &Memory, port: &str, function: &str) -> Vec<u8> {
    let bytes = |data: &[u8]| data.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let module = format!(
        r#"(module
  (memory (export "memory") 64)
  (global $top (mut i32) (i32.const 65536))
  (data (i32.const {ANSWER}) "{}")
  (data (i32.const {TEXTS}) "{}")
  (func (export "cabi_realloc")
    (param i32 i32) (param $align i32) (param $size i32) (result i32) (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "codewalk:{port}/{port}@0.1.0#{function}") (param i32) (result i32) (i32.const {ANSWER})))"#,
        bytes(&memory.answer),
        bytes(&memory.texts),
    );
    let mut module = wat::parse_str(module).unwrap();
    let mut resolve = Resolve::default();
    for package in ["types", "http", "log", "config", port] {
        resolve.push_dir(root().join("wit").join(Path::new(package))).unwrap();
    }
    let packages: Vec<_> = resolve.packages.iter().map(|(id, _)| id).collect();
    let world = resolve.select_world(&packages, Some(&format!("codewalk:{port}/{port}-adapter"))).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}
