//! Tool calls in plain words: `Edit src/login.rs` is "changes login.rs".

use crate::ToolCall;
use crate::commands::{self, Command};
use crate::prose;
use crate::words::{self, plain, spoken_word};

/// The most words of a subject that is neither a file nor a command.
const SUBJECT_WORDS: usize = 8;

/// What kind of thing a tool does.
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
    /// Reads a page of the web.
    Fetch,
    /// Searches the web.
    SearchWeb,
    /// Gives a helper a task.
    Delegate,
    /// Keeps its own list of what to do.
    Plan,
    /// Presents a plan and wants to carry it out.
    CarryOut,
    /// Asks the user.
    Ask,
    /// Looks after a command that runs in the background.
    Watch,
    /// Something else.
    Other,
}

/// The form of a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As in "may it run", where all that matters for consent is said.
    Asked,
    /// As in "it fails to change".
    Bare,
    /// As in "it runs".
    Told,
}

impl Deed {
    /// Returns what a tool does, by its name.
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
            | "strreplacebasededittool"
            | "delete"
            | "move" => Self::Change,
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
            "bashoutput" | "killshell" | "killbash" | "taskoutput" | "taskstop" | "writestdin" => Self::Watch,
            _ => Self::Other,
        }
    }

    /// Returns whether it changes nothing and is not worth naming beside what does.
    pub const fn is_in_passing(self) -> bool {
        matches!(
            self,
            Self::Read | Self::Search | Self::Fetch | Self::SearchWeb | Self::Plan | Self::Ask | Self::Watch
        )
    }
}

/// Returns a tool call as a verb with its object.
pub fn phrase(call: &ToolCall, form: Form) -> String {
    let deed = Deed::of(&call.tool);
    let subject = call.subject.as_str();
    let verb = |bare: &str, told: &str| if form == Form::Told { told.to_owned() } else { bare.to_owned() };
    let with = |bare: &str, told: &str, object: String| format!("{} {object}", verb(bare, told));
    match deed {
        Deed::Write => with("write", "writes", file(subject, form)),
        Deed::Change => with("change", "changes", file(subject, form)),
        Deed::Run if form == Form::Asked => format!("run {}", commands::asked(subject)),
        Deed::Run => with("run", "runs", Command::read(subject).spoken()),
        Deed::Read => with("read", "reads", file(subject, form)),
        Deed::Search => with("search", "searches", "the files".to_owned()),
        Deed::Fetch => with("open", "opens", text(subject).unwrap_or_else(|| "a page".to_owned())),
        Deed::SearchWeb => match text(subject) {
            Some(query) => with("search the web for", "searches the web for", query),
            None => with("search", "searches", "the web".to_owned()),
        },
        Deed::Delegate => match text(subject) {
            Some(task) => with("give", "gives", format!("a helper the task {task}")),
            None => with("give", "gives", "a helper a task".to_owned()),
        },
        Deed::Plan => verb("update its plan", "updates its plan"),
        Deed::CarryOut => verb("carry out its plan", "carries out its plan"),
        Deed::Ask => verb("ask you something", "asks you something"),
        Deed::Watch => verb("watch a command", "watches a command"),
        Deed::Other => {
            let tool = tool_name(&call.tool);
            match text(subject) {
                Some(subject) => with("use", "uses", format!("{tool} on {subject}")),
                None => with("use", "uses", tool),
            }
        }
    }
}

/// Returns a file's name as it is said; where the user is asked, with the folder that holds it.
fn file(path: &str, form: Form) -> String {
    let folders = usize::from(form == Form::Asked);
    file_in(path, folders)
}

/// Returns a file's name as it is said, after so many of the folders that hold it (none or one).
pub fn file_in(path: &str, folders: usize) -> String {
    let path = plain(words::tail(path));
    let name = unmarked(words::file_name(&path));
    // A patch, say, instead of a path.
    if path.contains('\n') || name.is_empty() || words::count(&name) > 4 || words::is_identifier(&name) {
        return "a file".to_owned();
    }
    if folders > 0 && path.contains('/') {
        return commands::place(&unmarked(&path));
    }
    name.split(' ').map(spoken_word).collect::<Vec<_>>().join(" ")
}

fn unmarked(path: &str) -> String {
    path.replace(['*', '`'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(subject: &str) -> Option<String> {
    // The arguments as they are: nobody wants to hear them.
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
