//! How much of the disk a session takes.

use crate::Measured;
use crate::agent::Role;
use crate::corpus;
use crate::table::Row;
use crate::user::{self, User};

const BYTES: usize = 10_000_000;

/// Measures a session whose agent prints much.
pub fn rows() -> Measured<Vec<Row>> {
    let file = tempfile::NamedTempFile::new()?;
    // As codewalk starts Claude Code, which then tells of messages once they are whole.
    let output = corpus::output(BYTES, corpus::Pieces::Untold);
    std::fs::write(file.path(), &output)?;
    let user = User::new(&Role::Printing { file: file.path().to_owned() }.configured("printing")?)?;
    user::run(&mut user.codewalk(&["run", "--yes", "--", "fix the flaky login test"])?)?;
    let sessions = user::size(&user.home().join("sessions"))?;
    // What is compiled can be made again, and is no part of the session.
    let store: u64 = user::size(&user.home())? - sessions - user::size(&user.home().join("cache"))?;
    let times = (sessions + store) as f64 / output.len() as f64;
    Ok(vec![
        Row::new("disk used, of the raw output", format!("{times:.2} times"), "1.3 times", times <= 1.3)
            .beside(format!(
                "raw {:.1} MB, run folder {:.1} MB, store {:.1} MB",
                output.len() as f64 / 1e6,
                sessions as f64 / 1e6,
                store as f64 / 1e6
            )),
    ])
}
