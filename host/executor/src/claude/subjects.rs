//! The fields of tool calls that name their subjects.

/// The fields in which known tools name their subjects, the most likely first.
pub(crate) const SUBJECTS: [&str; 10] = [
    "command",
    "file_path",
    "notebook_path",
    "path",
    "pattern",
    "url",
    "query",
    "description",
    "skill",
    "plan",
];
