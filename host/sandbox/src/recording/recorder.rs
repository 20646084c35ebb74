//! Stores recorded calls, each as a line of JSON.
//!
//! The calls of a session are stored in its folder. A router's calls are stored with the utterance, and are
//! moved to the session if the utterance starts one. Several processes can append to one file. Incomplete
//! lines are skipped when the file is read.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use codewalk_core::ids::{SessionId, UtteranceId};
use codewalk_policy::{open_regular, regular};

use super::record::{MAX_FILE, MAX_LINE, RecordedCall, Recording, Subject, read};

/// Stores the calls to adapters.
#[derive(Clone, Debug)]
pub struct Recorder {
    sessions: PathBuf,
    utterances: PathBuf,
}

impl Recorder {
    /// Stores calls in these folders, in one subfolder for each session and each utterance.
    #[must_use]
    pub const fn new(sessions: PathBuf, utterances: PathBuf) -> Self {
        Self { sessions, utterances }
    }

    /// Returns the file of the calls of `subject`.
    #[must_use]
    pub fn file(&self, subject: Subject) -> PathBuf {
        let folder = match subject {
            Subject::Utterance(id) => self.utterances.join(id.to_string()),
            Subject::Session(id) => self.sessions.join(id.to_string()),
        };
        folder.join("calls.jsonl")
    }

    /// Returns the calls of `subject`, if any were recorded.
    ///
    /// # Errors
    /// If the file exists and cannot be read.
    pub fn read(&self, subject: Subject) -> io::Result<Recording> {
        match open_regular(&self.file(subject)) {
            Ok(file) => read(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Recording::default()),
            Err(error) => Err(error),
        }
    }

    /// Moves the calls of an utterance to the session that it started.
    ///
    /// # Errors
    /// If they cannot be written. No call is lost.
    pub fn led_to(&self, utterance: UtteranceId, session: SessionId) -> io::Result<()> {
        let from = self.file(Subject::Utterance(utterance));
        let file = match open_regular(&from) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        let mut lines = Vec::new();
        file.take(MAX_FILE).read_to_end(&mut lines)?;
        append(&self.file(Subject::Session(session)), &lines)?;
        fs::remove_file(&from)?;
        from.parent().map_or(Ok(()), fs::remove_dir)
    }

    /// Stores a call.
    pub(crate) fn keep(&self, subject: Subject, call: &RecordedCall) -> io::Result<()> {
        let mut line = serde_json::to_vec(call)?;
        line.push(b'\n');
        if line.len() as u64 > MAX_LINE {
            return Err(io::Error::other(format!(
                "it has {} bytes; at most {MAX_LINE} are recorded",
                line.len()
            )));
        }
        append(&self.file(subject), &line)
    }
}

/// Appends whole lines to a file, after any incomplete line of another process.
fn append(path: &Path, lines: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = regular(OpenOptions::new().read(true).append(true).create(true).mode(0o600), path)?;
    file.lock()?;
    let size = file.metadata()?.len();
    if size + lines.len() as u64 > MAX_FILE {
        return Err(io::Error::other(format!("{} would be larger than {MAX_FILE} bytes", path.display())));
    }
    if size > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    file.write_all(lines)
}

/// Returns the present time in milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use codewalk_core::ids::Id;
    use proptest::prelude::*;

    use super::*;

    const UTTERANCE: UtteranceId = UtteranceId(Id::from_u128(1));
    const SESSION: SessionId = SessionId(Id::from_u128(2));

    fn call(adapter: &str) -> RecordedCall {
        RecordedCall::read(&format!(r#"{{"adapter":"{adapter}","request":{{}},"answer":{{}}}}"#)).unwrap()
    }

    fn recorder(folder: &Path) -> Recorder {
        Recorder::new(folder.join("sessions"), folder.join("utterances"))
    }

    fn names(recording: &Recording) -> Vec<&str> {
        recording.calls.iter().map(|call| call.adapter.as_str()).collect()
    }

    #[test]
    fn calls_are_stored_in_order_and_only_for_the_user() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = recorder(&folder.path().join("state"));
        let session = Subject::Session(SESSION);
        assert!(recorder.read(session).unwrap().calls.is_empty());
        recorder.keep(session, &call("a")).unwrap();
        recorder.keep(session, &call("b")).unwrap();
        let read = recorder.read(session).unwrap();
        assert_eq!((names(&read), read.unreadable.is_none()), (vec!["a", "b"], true));
        let file = recorder.file(session);
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn the_calls_of_an_utterance_move_to_its_session() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = recorder(folder.path());
        recorder.led_to(UTTERANCE, SESSION).unwrap();
        assert!(recorder.read(Subject::Session(SESSION)).unwrap().calls.is_empty());
        recorder.keep(Subject::Session(SESSION), &call("before")).unwrap();
        recorder.keep(Subject::Utterance(UTTERANCE), &call("router")).unwrap();
        recorder.led_to(UTTERANCE, SESSION).unwrap();
        assert_eq!(names(&recorder.read(Subject::Session(SESSION)).unwrap()), ["before", "router"]);
        assert!(!recorder.file(Subject::Utterance(UTTERANCE)).parent().unwrap().exists());
    }

    proptest! {
        #[test]
        fn complete_calls_are_read_from_any_file(mut bytes: Vec<u8>) {
            bytes.push(b'\n');
            serde_json::to_writer(&mut bytes, &call("a")).unwrap();
            let read = read(&*bytes).unwrap();
            prop_assert_eq!(names(&read), ["a"]);
        }
    }

    #[test]
    fn an_incomplete_line_is_skipped_without_any_other() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = recorder(folder.path());
        let session = Subject::Session(SESSION);
        recorder.keep(session, &call("a")).unwrap();
        let whole = fs::read(recorder.file(session)).unwrap();
        for cut in 1..whole.len() {
            let torn = [&whole[..], &whole[..cut]].concat();
            fs::write(recorder.file(session), torn).unwrap();
            recorder.keep(session, &call("b")).unwrap();
            let read = recorder.read(session).unwrap();
            // A line that lacks only its last byte is complete.
            let expected = if cut == whole.len() - 1 { vec!["a", "a", "b"] } else { vec!["a", "b"] };
            assert_eq!(names(&read), expected, "{cut}");
            assert_eq!(read.unreadable.is_some(), cut < whole.len() - 1);
        }
    }
}
