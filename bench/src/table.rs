//! The table of what was measured.

/// One line of the table.
#[derive(Debug)]
pub struct Row {
    what: &'static str,
    measured: String,
    goal: String,
    met: bool,
    /// What the same costs elsewhere, and the ratio.
    beside: String,
}

impl Row {
    /// Says what was measured, what it should be, and whether it is. What has no goal is only told.
    pub fn new(what: &'static str, measured: String, goal: &str, met: bool) -> Self {
        Self { what, measured, goal: goal.to_owned(), met, beside: String::new() }
    }

    /// Adds what it was measured beside.
    pub fn beside(self, beside: String) -> Self {
        Self { beside, ..self }
    }

    fn cells(&self) -> [&str; 5] {
        let verdict = match self.met {
            _ if self.goal.is_empty() => "",
            true => "ok",
            false => "missed",
        };
        [self.what, &self.measured, &self.goal, verdict, &self.beside]
    }
}

/// Prints the table, as Markdown that is aligned.
pub fn print(rows: &[Row]) {
    let head = ["what", "measured", "goal", "", "beside"];
    let lines: Vec<[&str; 5]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let print = |cells: [&str; 5]| {
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
    };
    print(head);
    println!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|"));
    lines.into_iter().skip(1).for_each(print);
}
