//! The names of tools, which an agent may choose freely.

use super::{shortened, visible_line};

/// The longest name that is shown without quotes, in bytes.
const LONGEST: usize = 80;

/// Returns the name of a tool. A name that does not look like one is quoted.
pub fn tool_name(tool: &str) -> String {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
    let is_name = !tool.is_empty() && tool.len() <= LONGEST && tool.chars().all(is_of_name);
    if is_name {
        return tool.to_owned();
    }
    format!("the tool \"{}\"", visible_line(&shortened(tool, 128)).replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_name_that_is_not_a_name_is_quoted() {
        for (tool, shown) in [
            ("Bash", "Bash"),
            ("mcp__shop-2__buy.it", "mcp__shop-2__buy.it"),
            ("Bash on ls? [yes / no]", "the tool \"Bash on ls? [yes / no]\""),
            ("Bash\" on \"ls", "the tool \"Bash\\\" on \\\"ls\""),
            ("", "the tool \"\""),
            ("B\u{430}sh", "the tool \"B\u{430}<U+0430>sh\""),
        ] {
            assert_eq!(tool_name(tool), shown);
        }
    }
}
