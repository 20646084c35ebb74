//! Tests of `prose`.

use super::*;

#[test]
fn markup_is_removed_and_code_left_out() {
    let text = "## Result\n\nI fixed **both** tests, e.g. *this* one. See [the docs](https://x.example/y) \
        v1.2 now!\n\
                ```rust\nfn main() {}\n```\n| a | b |\n- [x] first point\n2. second point\n> \
                quoted\n---\nLast?";
    let expected = [
        "Result:",
        "I fixed both tests, e.g. this one.",
        "See the docs v1.2 now!",
        "first point",
        "second point",
        "quoted",
        "Last?",
    ];
    assert_eq!(sentences(text), expected);
}

#[test]
fn text_between_backquotes_stays_exact() {
    for (text, expected) in [
        ("I ran `rm -rf /home/me/x. Y *` twice.", "I ran `rm -rf /home/me/x. Y *` twice."),
        ("The command `a⏎b  c` succeeds.", "The command `a⏎b  c` succeeds."),
        ("Run `` echo `id` ``, then **`make`**!", "Run `` echo `id` ``, then `make`!"),
        ("A stray ` and `` here", "A stray and here"),
        ("`a` `` b `c` ```", "`a` b `c`"),
        ("Look at `x\u{1b}[2J\u{202e}y`", "Look at `x␛[2J\u{fffd}y`"),
        ("I removed *.log, /tmp/a/b/*.tmp and 2*3*4.", "I removed *.log, /tmp/a/b/*.tmp and 2*3*4."),
    ] {
        assert_eq!(paragraph(text, 50).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(
        paragraph(&"`0123456789 0123456789`x".repeat(10), 50),
        Some(format!("{}{}", "`0123456789 0123456789`x".repeat(7), "…x".repeat(3)))
    );
    let hostile = "x` `` ``` ".repeat(400);
    assert!(paragraph(&hostile, 10).is_some());
}

#[test]
fn names_keep_their_underscores_and_emphasis_loses_them() {
    assert_eq!(
        unmarked("_so_ __init__.py snake_case <b> Vec<u8> arr[0]"),
        "so __init__.py snake_case Vec<u8> arr[0]"
    );
}

#[test]
fn elapsed_time_is_left_out() {
    for (text, expected) in [
        ("All tests pass in 3.2s.", "All tests pass."),
        ("It builds (12 seconds) and runs", "It builds and runs"),
        ("Stopped after 30 seconds, again", "Stopped again"),
        ("The timeout is 30 seconds.", "The timeout is 30 seconds."),
        ("in the .env file", "in the .env file"),
        ("`sleep 5  in 3 s` ends in 3 s.", "`sleep 5  in 3 s` ends."),
    ] {
        assert_eq!(without_elapsed_time(text), expected, "{text}");
    }
}
