//! The table of measurements.

/// A row of the table.
#[derive(Debug)]
pub struct Row {
    name: &'static str,
    result: String,
    goal: String,
    is_met: bool,
    /// A reference measured in the same run, or details.
    reference: String,
}

impl Row {
    /// Creates a row. A measurement without a goal never misses it.
    pub fn new(name: &'static str, result: String, goal: &str, is_met: bool) -> Self {
        Self { name, result, goal: goal.to_owned(), is_met, reference: String::new() }
    }

    /// Adds a reference or details.
    pub fn reference(self, reference: String) -> Self {
        Self { reference, ..self }
    }

    fn cells(&self) -> [&str; 5] {
        let verdict = match self.is_met {
            _ if self.goal.is_empty() => "",
            true => "ok",
            false => "missed",
        };
        [self.name, &self.result, &self.goal, verdict, &self.reference]
    }
}

/// Returns the table as aligned Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let head = ["measurement", "result", "goal", "", "reference"];
    let lines: Vec<[&str; 5]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let mut text = String::new();
    for (index, cells) in lines.into_iter().enumerate() {
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(&format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
        if index == 0 {
            text.push_str(&format!("|{}|\n", widths.map(|width| "-".repeat(width + 2)).join("|")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_missed_goals_are_marked() {
        let rows = [
            Row::new("fast", "1 us".to_owned(), "2 us", true).reference("bare 1 us".to_owned()),
            Row::new("slower", "30 us".to_owned(), "2 us", false),
            Row::new("other", "4".to_owned(), "", false),
        ];
        assert_eq!(
            markdown(&rows),
            "\
| measurement | result | goal |        | reference |
|-------------|--------|------|--------|-----------|
| fast        | 1 us   | 2 us | ok     | bare 1 us |
| slower      | 30 us  | 2 us | missed |           |
| other       | 4      |      |        |           |
"
        );
    }
}
