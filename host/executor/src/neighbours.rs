//! Other runs in the same repository or folder. A change there may be the work of any of them.
//!
//! Run folders tell where each run works and when it ended, whichever process owns it.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::process::leader;
use crate::run_folder::RunFolder;

/// The largest lag of file times behind the clock.
const FILE_TIMES: Duration = Duration::from_secs(1);

/// Looks for other runs since a moment.
#[derive(Clone, Debug)]
pub(crate) struct Neighbours {
    sessions: PathBuf,
    own: PathBuf,
    /// In milliseconds since 1970.
    since: u64,
}

impl Neighbours {
    /// Looks for runs since a moment, in milliseconds since 1970.
    pub(crate) fn since(sessions: &Path, own: &RunFolder, since: u64) -> Self {
        Self { sessions: sessions.to_owned(), own: own.path().to_owned(), since }
    }

    /// Returns the moment.
    pub(crate) const fn moment(&self) -> u64 {
        self.since
    }

    /// Returns whether another run has worked in a repository, or in a folder around it, since then.
    pub(crate) async fn were_at_work(&self, repository: &Path) -> bool {
        let (this, repository) = (self.clone(), repository.to_owned());
        let looked = tokio::task::spawn_blocking(move || this.look(&repository)).await;
        // If that is unknown, nothing is claimed.
        looked.unwrap_or(true)
    }

    fn look(&self, repository: &Path) -> bool {
        let sessions = entries(&self.sessions);
        let runs = sessions.flat_map(|session| entries(&session.path().join("runs")));
        runs.map(|run| run.path())
            .filter(|run| *run != self.own)
            .any(|run| self.was_at_work(&RunFolder::at(run), repository))
    }

    fn was_at_work(&self, run: &RunFolder, repository: &Path) -> bool {
        // Most runs ended long ago. Their records need not be read.
        let ended = run.path().join("exit").metadata().and_then(|exit| exit.modified());
        if ended.is_ok_and(|at| at + FILE_TIMES < self.time()) {
            return false;
        }
        // A run that is starting does not report its folder yet.
        let Ok(Some(meta)) = run.meta() else { return self.is_newer(run.path()) };
        if !meta.cwd.starts_with(repository) && !repository.starts_with(&meta.cwd) {
            return false;
        }
        match run.exit() {
            Ok(Some(exit)) => exit.ended_at >= self.since,
            Ok(None) => {
                // The agent is gone without a recorded end. It lived at least until its last output.
                leader::is_running(meta.started())
                    || meta.started_at >= self.since
                    || [run.stdout(), run.stderr()].iter().any(|file| self.is_newer(file))
            }
            Err(_) => true,
        }
    }

    fn is_newer(&self, path: &Path) -> bool {
        let modified = path.metadata().and_then(|meta| meta.modified());
        modified.is_ok_and(|at| at + FILE_TIMES >= self.time())
    }

    fn time(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.since)
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = DirEntry> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().flatten()
}

#[cfg(test)]
mod tests {
    use codewalk_core::ids::{Id, SessionId};

    use super::*;
    use crate::testing;

    const REPOSITORY: &str = "/home/me/shop";
    /// A process that cannot exist.
    const GONE: (u32, u64) = (u32::MAX, 1);

    struct Sessions {
        folder: tempfile::TempDir,
        own: Neighbours,
    }

    impl Sessions {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mine = RunFolder::of(folder.path(), session(1), 1);
            mine.create(&testing::launch(REPOSITORY), "").unwrap();
            let own = Neighbours::since(folder.path(), &mine, crate::clock::now());
            started(&mine, GONE);
            Self { folder, own }
        }

        fn run(&self, n: u128, cwd: &str, process: (u32, u64), ended_at: Option<u64>) -> RunFolder {
            let run = RunFolder::of(self.folder.path(), session(n), 1);
            run.create(&testing::launch(cwd), "").unwrap();
            started(&run, process);
            if let Some(ended_at) = ended_at {
                write(&run, "exit", &testing::exit(ended_at));
            }
            run
        }

        fn is_seen(&self) -> bool {
            self.own.look(Path::new(REPOSITORY))
        }
    }

    fn session(n: u128) -> SessionId {
        SessionId(Id::from_u128(n))
    }

    fn started(run: &RunFolder, (pid, started_at): (u32, u64)) {
        write(run, "meta.json", &testing::meta(pid, started_at));
    }

    fn write(run: &RunFolder, name: &str, record: &impl serde::Serialize) {
        std::fs::write(run.path().join(name), serde_json::to_vec(record).unwrap()).unwrap();
    }

    fn set_back(files: &[PathBuf]) {
        for file in files {
            let file = std::fs::File::open(file).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
        }
    }

    #[test]
    fn the_own_run_does_not_count() {
        assert!(!Sessions::new().is_seen());
    }

    #[test]
    fn only_runs_that_ended_later_or_not_at_all_count() {
        let own_process = std::process::id();
        let alive = (own_process, leader::start_time(own_process).unwrap().0);
        let sessions = Sessions::new();
        let since = sessions.own.since;
        for (process, ended_at, is_seen) in
            [(GONE, Some(since - 1), false), (GONE, Some(since), true), (alive, None, true)]
        {
            let run = sessions.run(2, REPOSITORY, process, ended_at);
            assert_eq!(sessions.is_seen(), is_seen, "{process:?} {ended_at:?}");
            std::fs::remove_dir_all(run.path().ancestors().nth(2).unwrap()).unwrap();
        }
    }

    #[test]
    fn a_run_without_a_recorded_end_lived_until_its_last_output() {
        let sessions = Sessions::new();
        let run = sessions.run(2, REPOSITORY, GONE, None);
        assert!(sessions.is_seen());
        set_back(&[run.stdout(), run.stderr()]);
        assert!(!sessions.is_seen());
    }

    #[test]
    fn only_runs_count_that_work_in_the_same_folders() {
        for (cwd, is_seen) in [
            ("/home/me/shop/api", true),
            ("/home/me", true),
            ("/home/me/shopping", false),
            ("/home/me/other", false),
        ] {
            let sessions = Sessions::new();
            sessions.run(2, cwd, GONE, Some(u64::MAX));
            assert_eq!(sessions.is_seen(), is_seen, "{cwd}");
        }
    }

    #[test]
    fn unreadable_records_claim_nothing() {
        let sessions = Sessions::new();
        let run = sessions.run(2, REPOSITORY, GONE, None);
        std::fs::write(run.path().join("exit"), "nonsense").unwrap();
        assert!(sessions.is_seen());
        std::fs::write(run.path().join("meta.json"), "nonsense").unwrap();
        assert!(sessions.is_seen(), "nobody knows where it works");
    }

    #[test]
    fn a_run_being_started_may_work_anywhere_and_a_failed_start_nowhere() {
        let sessions = Sessions::new();
        let run = RunFolder::of(sessions.folder.path(), session(2), 1);
        run.create(&testing::launch("/"), "").unwrap();
        assert!(sessions.is_seen());
        set_back(&[run.path().to_owned()]);
        assert!(!sessions.is_seen());
    }
}
