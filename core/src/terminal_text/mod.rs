//! Foreign texts, made safe to show in a terminal.
//!
//! No function lets an unprintable character through ([`is_unprintable()`]). They serve different kinds of
//! text:
//!
//! | function | for | line breaks | length |
//! |---|---|---|---|
//! | [`single_line()`] | prose | white space collapses to one space | unbounded |
//! | [`shortened()`] | prose | as above | characters, cut at the end |
//! | [`elided()`] | commands, paths | as above | characters, cut in the middle |
//! | [`line()`] | names and errors of adapters | one space | bytes |
//! | [`block()`] | prompts of adapters | kept | bytes |
//! | [`one_line()`] | subjects of an agent's tool calls | `⏎`, so that a second command shows | bytes |
//! | [`tool_name()`] | names of tools, quoted if unusual | one space | characters, cut at the end |
//! | [`clean()`] | entries of an agent | kept; fast | unbounded |
//! | [`visible()`] | texts that a person consents to | kept | unbounded |
//! | [`visible_line()`] | the same, on one line | `⏎` | unbounded |
//! | [`visible_json()`] | the same, as JSON | escaped | unbounded |
//!
//! [`visible()`] also marks characters that are printable but invisible, and lookalikes.
//! [`cut()`] and [`middle_cut()`] only bound a text that is safe already.

mod bounded;
mod characters;
mod clean;
mod cut;
mod lines;
mod one_line;
mod tool_name;
mod visible;

pub use bounded::{block, line};
pub use characters::is_unprintable;
pub use clean::clean;
pub use cut::{cut, elided, middle_cut, shortened};
pub use lines::single_line;
pub use one_line::one_line;
pub use tool_name::tool_name;
pub use visible::{has_unseen, visible, visible_json, visible_line};
