//! Everything that `codewalk doctor` finds.

use serde::Serialize;

use super::agents::AgentRow;
use super::machine::{AuthorsRow, FolderRow, ProjectRow, StoreRow};
use super::online::OnlineRow;
use crate::cli::adapters::AdapterRow;

#[derive(Serialize)]
pub(super) struct Findings {
    pub(super) schema: u32,
    pub(super) r#type: &'static str,
    pub(super) agents: Vec<AgentRow>,
    pub(super) adapters: Vec<AdapterRow>,
    /// What adapters may send, and what the requests contain.
    pub(super) leaves_the_machine: Vec<String>,
    /// Why no server can be verified, if one needs to be.
    pub(super) trusts_nobody: Option<String>,
    /// The replies of adapters that use the network; only with `--online`.
    pub(super) online: Vec<OnlineRow>,
    pub(super) projects: Vec<ProjectRow>,
    pub(super) store: StoreRow,
    pub(super) folders: Vec<FolderRow>,
    pub(super) authors: AuthorsRow,
    pub(super) problems: Vec<ProblemRow>,
}

/// A problem, and its remedy.
#[derive(Clone, Serialize)]
pub(super) struct ProblemRow {
    pub(super) what: String,
    pub(super) remedy: String,
}
