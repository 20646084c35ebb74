//! Describes tool calls in plain words: `Edit src/login.rs` is "changes src/login.rs".

use speech::quote;

use crate::ToolCall;
use crate::commands;
use speech::prose;
use speech::words;

/// The maximum number of words in a subject that is neither a file nor a command.
const SUBJECT_WORDS: usize = 8;
/// The maximum number of words and bytes in a path, and in any other subject of an approval.
const PATH: (usize, usize) = (8, 100);
const ASKED: (usize, usize) = (16, 160);

/// The kind of a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Writes a file.
    Write,
    /// Changes a file.
    Change,
    /// Runs a command.
    Run,
    /// Reads a file.
    Read,
    /// Searches files.
    Search,
    /// Reads a web page.
    Fetch,
    /// Searches the web.
    SearchWeb,
    /// Delegates a task to a subagent.
    Delegate,
    /// Updates the agent's to-do list.
    Plan,
    /// Presents a plan, and asks to carry it out.
    CarryOut,
    /// Asks the user.
    Ask,
    /// Watches a command in the background.
    Watch,
    /// Stops such a command.
    Stop,
    /// Anything else.
    Other,
}

/// The form of a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As in "may it run", with all the details that matter for consent.
    Asked {
        /// The maximum length of the object, in bytes.
        most_bytes: usize,
    },
    /// As in "it fails to change".
    Bare,
    /// As in "it runs".
    Told,
}

impl Deed {
    /// Returns the kind of a tool by its name.
    pub fn of(tool: &str) -> Self {
        let name: String = words::head(tool)
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|b| b.to_ascii_lowercase() as char)
            .collect();
        match name.as_str() {
            "write" | "writefile" | "createfile" | "create" => Self::Write,
            "edit"
            | "multiedit"
            | "notebookedit"
            | "applypatch"
            | "editfile"
            | "filechange"
            | "patch"
            | "replace"
            | "strreplace"
            | "strreplacebasededittool" => Self::Change,
            "bash" | "shell" | "execcommand" | "localshell" | "commandexecution" | "execute" | "exec"
            | "run" | "runcommand" | "runshellcommand" | "runterminalcmd" | "terminal" | "powershell" => {
                Self::Run
            }
            "read" | "readfile" | "readmanyfiles" | "notebookread" | "view" | "viewimage" => Self::Read,
            "grep" | "glob" | "ls" | "search" | "searchfiles" | "listdirectory" | "listdir"
            | "filesearch" => Self::Search,
            "webfetch" | "fetch" => Self::Fetch,
            "websearch" | "googlewebsearch" => Self::SearchWeb,
            "task" | "agent" => Self::Delegate,
            "todowrite" | "todoread" | "updateplan" | "taskcreate" | "taskupdate" | "tasklist"
            | "enterplanmode" | "think" => Self::Plan,
            "exitplanmode" => Self::CarryOut,
            "askuserquestion" => Self::Ask,
            "bashoutput" | "taskoutput" | "writestdin" => Self::Watch,
            "killshell" | "killbash" | "taskstop" => Self::Stop,
            _ => Self::Other,
        }
    }

    /// Returns whether a tool call of this kind changes nothing, and need not be named together with changes.
    pub const fn is_in_passing(self) -> bool {
        matches!(
            self,
            Self::Read | Self::Search | Self::Fetch | Self::SearchWeb | Self::Plan | Self::Ask | Self::Watch
        )
    }
}

/// Returns a tool call as a verb with its object, in fewer words if several calls are listed.
pub fn phrase(call: &ToolCall, form: Form, is_alone: bool) -> String {
    let deed = Deed::of(&call.tool);
    let subject = call.subject.as_str();
    let verb = |bare: &str, past: &str| if form == Form::Told { past.to_owned() } else { bare.to_owned() };
    let with = |bare: &str, past: &str, object: String| format!("{} {object}", verb(bare, past));
    match deed {
        Deed::Write => with("write", "writes", file(subject)),
        Deed::Change => with("change", "changes", file(subject)),
        Deed::Run => with("run", "runs", command(subject, form, is_alone)),
        Deed::Read => with("read", "reads", file(subject)),
        Deed::Search => match exact(subject, form) {
            Some(pattern) => with("search", "searches", format!("the files for {pattern}")),
            None => with("search", "searches", "the files".to_owned()),
        },
        Deed::Fetch => {
            let page = exact(subject, form).or_else(|| text(subject));
            with("open", "opens", page.unwrap_or_else(|| "a page".to_owned()))
        }
        Deed::SearchWeb => match exact(subject, form).or_else(|| text(subject)) {
            Some(query) => with("search the web for", "searches the web for", query),
            None => with("search", "searches", "the web".to_owned()),
        },
        Deed::Delegate => match text(subject) {
            Some(task) => with("give", "gives", format!("a sub-agent the task {task}")),
            None => with("give", "gives", "a sub-agent a task".to_owned()),
        },
        Deed::Plan => verb("update its plan", "updates its plan"),
        Deed::CarryOut => verb("carry out its plan", "carries out its plan"),
        Deed::Ask => verb("ask you something", "asks you something"),
        Deed::Watch => verb("watch a command", "watches a command"),
        Deed::Stop => verb("stop a command", "stops a command"),
        Deed::Other => {
            let tool = tool_name(&call.tool);
            match exact(subject, form).or_else(|| text(subject)) {
                Some(subject) => with("use", "uses", format!("{tool} on {subject}")),
                None => with("use", "uses", tool),
            }
        }
    }
}

/// Returns a command. In an approval, the words also tell if it was cut.
fn command(line: &str, form: Form, is_alone: bool) -> String {
    match form {
        Form::Asked { most_bytes } => match commands::quoted(line, most_bytes) {
            quoted if quoted.contains(quote::MARK) => format!("a longer command, {quoted}"),
            quoted => quoted,
        },
        _ if is_alone => commands::quoted(line, usize::MAX),
        _ => commands::quoted_beside_others(line),
    }
}

/// Returns a file with its whole path, since its name alone could mean another file.
pub fn file(path: &str) -> String {
    if quote::is_blank(path) { "a file".to_owned() } else { quote::path(path, PATH.0, PATH.1) }
}

/// Returns the exact subject of an approval.
fn exact(subject: &str, form: Form) -> Option<String> {
    match form {
        Form::Asked { most_bytes } if !quote::is_blank(subject) => {
            Some(quote::quoted(subject, ASKED.0, ASKED.1.min(most_bytes)))
        }
        _ => None,
    }
}

fn text(subject: &str) -> Option<String> {
    // Raw arguments are not spoken.
    if subject.trim_start().starts_with(['{', '[']) {
        return None;
    }
    prose::paragraph(subject, SUBJECT_WORDS)
        .map(|text| text.trim_end_matches(['.', '!', '?', ':']).to_owned())
}

/// Returns a tool's name as words: `mcp__linear__create_issue` is "linear create issue".
fn tool_name(tool: &str) -> String {
    let name = words::head(tool);
    let name = name.strip_prefix("mcp__").unwrap_or(name).replace('_', " ");
    prose::paragraph(&name, 4).unwrap_or_else(|| "a tool".to_owned())
}
