//! The disk space of a session.

use crate::agent::Role;
use crate::corpus;
use crate::fallible::Fallible;
use crate::table::Row;
use crate::user::{self, User};

const BYTES: usize = 10_000_000;

/// Measures a session with much output.
pub fn rows() -> Fallible<Vec<Row>> {
    let file = tempfile::NamedTempFile::new()?;
    // Without pieces, because codewalk starts Claude Code that way.
    let output = corpus::output(BYTES, corpus::Pieces::Without);
    std::fs::write(file.path(), &output)?;
    let user = User::new(&Role::Printing { file: file.path().to_owned() }.configured("printing")?)?;
    user::run(&mut user.codewalk(&["run", "--yes", "--", "fix the flaky login test"])?)?;
    let sessions = user::size(&user.home().join("sessions"))?;
    // Compiled adapters are not part of the session.
    let store: u64 = user::size(&user.home())? - sessions - user::size(&user.home().join("cache"))?;
    let times = (sessions + store) as f64 / output.len() as f64;
    Ok(vec![
        Row::new("disk space per raw output", format!("{times:.2} times"), "1.3 times", times <= 1.3)
            .reference(format!(
                "raw {:.1} MB, run folder {:.1} MB, store {:.1} MB",
                output.len() as f64 / 1e6,
                sessions as f64 / 1e6,
                store as f64 / 1e6
            )),
    ])
}
