//! codewalk
fn main() {}
