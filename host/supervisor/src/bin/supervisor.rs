//! The supervisor without the rest of codewalk.

fn main() {
    codewalk_supervisor::supervise_if_requested();
    eprintln!("usage: codewalk-supervisor supervise FOLDER");
    std::process::exit(2);
}
