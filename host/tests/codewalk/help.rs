//! The help texts, word for word.

use crate::support::User;

#[test]
fn the_help_lists_the_commands() {
    let user = User::new();
    for command in [
        &["--help"][..],
        &["run", "--help"],
        &["ask", "--help"],
        &["sessions", "--help"],
        &["adapters", "--help"],
        &["doctor", "--help"],
    ] {
        let said = user.run(command);
        assert_eq!(said.status, Some(0), "{said:?}");
        insta::assert_snapshot!(command.join("_").replace("--", ""), said.stdout);
    }
}
