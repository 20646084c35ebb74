//! Writes the table into bench/README.md, with the machine and the date.

use std::path::Path;

use crate::fallible::Fallible;

/// The lines around the generated part of the file.
const BEGIN: &str = "<!-- written by `cargo xtask bench --save` -->\n";
const END: &str = "<!-- end -->\n";

/// Replaces the generated part of a file.
pub fn save(file: &Path, table: &str) -> Fallible<()> {
    let date = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let cores = std::thread::available_parallelism()?.get();
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let machine = format!("{cores} cores of {}", model(&info).unwrap_or("an unknown processor"));
    let text = std::fs::read_to_string(file)?;
    let replaced = replaced(&text, &format!("Measured on {date} with {machine}.\n\n{table}"));
    let replaced = replaced.ok_or_else(|| format!("{} has no generated part", file.display()))?;
    Ok(std::fs::write(file, replaced)?)
}

/// Returns the model of the processor in `/proc/cpuinfo`.
fn model(info: &str) -> Option<&str> {
    let (_, model) = info.lines().find(|line| line.starts_with("model name"))?.split_once(':')?;
    Some(model.trim())
}

/// Returns a text in which the generated part is replaced.
fn replaced(text: &str, part: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{part}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_generated_part_is_replaced() {
        let text = format!("before\n{BEGIN}old\n{END}after\n");
        let once = replaced(&text, "new\n").unwrap();
        assert_eq!(once, format!("before\n{BEGIN}\nnew\n\n{END}after\n"));
        assert_eq!(replaced(&once, "new\n"), Some(once));
        assert_eq!(replaced("nothing", "new"), None);
    }

    #[test]
    fn the_file_has_a_generated_part() {
        assert!(replaced(include_str!("../README.md"), "new").is_some());
    }

    #[test]
    fn the_model_of_the_processor_is_read() {
        assert_eq!(model("processor\t: 0\nmodel name\t: Some CPU 9\n"), Some("Some CPU 9"));
        assert_eq!(model(""), None);
    }
}
