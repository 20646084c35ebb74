//! codewalk killed without warning at any moment: everything it reported is stored, and no agent keeps
//! running.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use crate::support::client::with_claude;
use crate::support::{User, script, stores, wait_until};
use codewalk_core::event::{EventKind, StoredEvent};
use codewalk_core::ids::SessionId;
use codewalk_core::session::SessionState;
use codewalk_executor::RunFolder;
use codewalk_loopback_model::{Script, Turn};
use fastrand::Rng;
use serde_json::{Value, json};

/// How many times codewalk is killed, unless `CODEWALK_TEST_KILLS` says otherwise.
const KILLS: u64 = 50;
/// How many times a session with the real client is resumed.
const RESUMED: u32 = 5;
/// The agents: the scripted one, which asks; one that never ends; one that fails; one that cannot be started.
const AGENTS: [&str; 4] = ["demo", "endless", "brief", "missing"];
/// More lines than codewalk prints while an agent runs.
const LINES: usize = 16;

/// When codewalk is killed: some time after it has printed this many lines.
#[derive(Clone, Copy, Debug)]
struct Moment {
    lines: usize,
    pause: Duration,
}

impl Moment {
    /// Picks a moment: between two reports, or at any point within the duration of a whole run.
    fn pick(random: &mut Rng, whole: Duration) -> Self {
        let (lines, longest) =
            if random.bool() { (random.usize(0..LINES), Duration::from_millis(20)) } else { (0, whole) };
        Self { lines, pause: longest.mul_f64(random.f64()) }
    }

    /// Waits for the moment, or for the end of the output.
    fn wait(self, agent: &str, printed: &Receiver<Vec<u8>>, lines: &mut Vec<Vec<u8>>) {
        while lines.len() < self.lines {
            let Ok(line) = printed.recv() else { return };
            lines.push(line);
            // From here on it reports nothing more.
            if agent == "endless" && lines.last().is_some_and(|line| tells_of(line, "started")) {
                break;
            }
        }
        let at = Instant::now() + self.pause;
        loop {
            match printed.recv_timeout(at.saturating_duration_since(Instant::now())) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// Returns whether a line reports an event of this type.
fn tells_of(line: &[u8], event: &str) -> bool {
    serde_json::from_slice::<Value>(line).unwrap()["event"]["type"] == event
}

fn user(store: &str) -> User {
    let user = User::new();
    let agent = |name: &str, body: &str| {
        let program = user.home().join(format!("{name}.sh"));
        script(&program, body);
        format!(
            "[agents.{name}]\nkind = \"command\"\ncommand = [{:?}, \"{{prompt}}\"]\n",
            program.to_string_lossy()
        )
    };
    let endless = agent("endless", "while true; do echo working; sleep 0.05; done");
    let brief = agent("brief", "echo one; echo two >&2; touch made.txt; exit 3");
    let missing = "[agents.missing]\nkind = \"command\"\ncommand = [\"/no/such/program\", \"{prompt}\"]\n";
    user.configure(&format!("store = {store:?}\n{endless}{brief}{missing}"));
    user
}

/// Kills codewalk during a request, and returns the events that it had printed. `wait` waits for the moment,
/// and reads the lines printed until then.
fn killed(
    user: &User,
    agent: &str,
    wait: impl FnOnce(&Receiver<Vec<u8>>, &mut Vec<Vec<u8>>),
) -> Vec<StoredEvent> {
    let args =
        ["run", "--yes", "--agent", agent, "--output-format", "stream-json", "fix the flaky login test"];
    let mut child = user.codewalk(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (told, printed) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut line = Vec::new();
        // A last line without a line end may be incomplete.
        while stdout.read_until(b'\n', &mut line).is_ok() && line.ends_with(b"\n") {
            let _ = told.send(std::mem::take(&mut line));
        }
    });
    let mut lines = Vec::new();
    wait(&printed, &mut lines);
    child.kill().unwrap();
    child.wait().unwrap();
    lines.extend(printed.iter());
    reader.join().unwrap();
    let lines = lines.iter().map(|line| serde_json::from_slice::<Value>(line).unwrap());
    let events = lines.filter(|line| line["type"] == "event");
    events.map(|event| serde_json::from_value(event).unwrap()).collect()
}

/// Returns the sessions that have a running process.
fn alive() -> BTreeSet<String> {
    let mut sessions = BTreeSet::new();
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        // A process that has ended has no environment any more.
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        let variables = environment.split(|byte| *byte == 0);
        let session = variables.filter_map(|variable| variable.strip_prefix(b"CODEWALK_SESSION_ID="));
        sessions.extend(session.map(|id| String::from_utf8_lossy(id).into_owned()));
    }
    sessions
}

/// What codewalk was doing when it was killed, and how many times.
type Tally = BTreeMap<&'static str, u32>;

/// Kills codewalk repeatedly, and checks the result each time.
fn kills(store: &str, mut random: Rng, count: u64) -> Tally {
    let user = user(store);
    user.request(&["what is running?"]);
    let start = Instant::now();
    user.request(&["--yes", "--agent", "demo", "fix the flaky login test"]);
    let whole = start.elapsed();
    let mut tally = Tally::new();
    for _ in 0..count {
        let agent = AGENTS[random.usize(0..AGENTS.len())];
        let moment = Moment::pick(&mut random, whole);
        let printed = killed(&user, agent, |printed, lines| moment.wait(agent, printed, lines));
        let left = stores::store(&user).unfinished().unwrap();
        let running = left.iter().find(|session| session.state != SessionState::Starting);
        *tally.entry(doing(&printed, &left.iter().map(|s| s.state).collect::<Vec<_>>())).or_default() += 1;

        let listed = user.sessions();
        let events = stores::consistent(stores::store(&user).as_ref());
        let by_number: BTreeMap<u64, &StoredEvent> = events.iter().map(|event| (event.seq, event)).collect();
        for event in &printed {
            assert_eq!(
                by_number.get(&event.seq),
                Some(&event),
                "{agent} at {moment:?}: an event was told and lost"
            );
        }
        if let Some(session) = running {
            let folder = RunFolder::of(&user.home().join("sessions"), session.id, 1);
            let now = &listed.iter().find(|now| now["id"] == session.id.to_string()).unwrap()["state"];
            if folder.exit().unwrap().is_none() {
                assert_eq!(*now, "lost", "{agent} at {moment:?}");
            }
        }
        assert_nobody_works_on(&listed);
    }
    settle(&user);
    let (status, result, stderr) = user.request(&["--yes", "--agent", "demo", "fix the flaky login test"]);
    // There is no terminal at which to allow the agent anything.
    assert_eq!(status, Some(1), "the next request is dealt with as ever: {result:#} {stderr}");
    tally
}

fn doing(printed: &[StoredEvent], unfinished: &[SessionState]) -> &'static str {
    match unfinished {
        _ if printed.is_empty() => "before anything was told",
        states if states.contains(&SessionState::Running) => "while the agent ran",
        states if states.contains(&SessionState::Starting) => "while the agent was started",
        _ => "before or after the agent",
    }
}

/// Asserts that no session that has ended has a running process.
fn assert_nobody_works_on(sessions: &[Value]) {
    let alive = alive();
    for session in sessions.iter().filter(|session| has_ended(session)) {
        assert!(!alive.contains(session["id"].as_str().unwrap()), "works on for nobody: {session:#}");
    }
}

fn has_ended(session: &Value) -> bool {
    !["starting", "running", "waiting"].iter().any(|state| session["state"] == *state)
}

/// Waits until every session has ended. A session whose owner may be about to take its lock is given some
/// time. It has the recorded outcome, or is lost if none was recorded.
fn settle(user: &User) {
    wait_until(
        || format!("the end of {:#?}", user.sessions().iter().filter(|s| !has_ended(s)).collect::<Vec<_>>()),
        || user.sessions().iter().all(has_ended),
    );
    let sessions = user.sessions();
    assert_nobody_works_on(&sessions);
    for session in &sessions {
        let id: SessionId = session["id"].as_str().unwrap().parse().unwrap();
        let exit = RunFolder::of(&user.home().join("sessions"), id, 1).exit().unwrap();
        assert!(exit.is_some() || session["state"] == "lost" || session["agent"] == "missing", "{session:#}");
    }
}

/// Picks a seed for the random numbers, and prints it.
fn seed() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = number("CODEWALK_TEST_SEED").unwrap_or(u64::from(since.subsec_nanos()));
    println!("CODEWALK_TEST_SEED={seed} picks these moments again");
    seed
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().expect(variable))
}

#[test]
#[cfg(target_os = "linux")]
fn a_kill_at_any_moment_loses_nothing_reported_and_leaves_no_agent() {
    let (seed, count) = (seed(), number("CODEWALK_TEST_KILLS").unwrap_or(KILLS));
    let mut tally = Tally::new();
    std::thread::scope(|scope| {
        // Each store has a separate user.
        let each = count.div_ceil(stores::STORES.len() as u64);
        let users: Vec<_> = (seed..)
            .zip(stores::STORES)
            .map(|(seed, store)| scope.spawn(move || kills(store, Rng::with_seed(seed), each)))
            .collect();
        for user in users {
            for (when, times) in user.join().unwrap() {
                *tally.entry(when).or_default() += times;
            }
        }
    });
    for (when, times) in &tally {
        println!("killed {times:4} times {when}");
    }
    assert!(tally.contains_key("while the agent ran"), "the moments are no good: {tally:?}");
}

#[test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
fn a_session_whose_owner_was_killed_resumes_with_its_whole_conversation() {
    let script = Script::new()
        .turn(Turn::tool("Bash", json!({"command": "touch one.txt", "description": "begin"})))
        .turn(Turn::text("I have begun, and now I think about it for a long time.").hanging())
        .when("go on")
        .turn(Turn::text("I went on."));
    let (user, model) = with_claude(script);
    let mut random = Rng::with_seed(seed());
    for _ in 0..RESUMED {
        let before = model.requests().len();
        let printed = killed(&user, "claude", |printed, lines| {
            while !lines.last().is_some_and(|line| tells_of(line, "identified")) {
                lines.push(printed.recv().expect("it goes on until it is killed"));
            }
            // The client stores a conversation once it has called the model.
            wait_until(|| "the prompt".to_owned(), || model.requests().len() > before);
            let _ = printed.recv_timeout(Duration::from_millis(random.u64(0..1500)));
        });
        assert!(printed.iter().any(|recorded| matches!(recorded.event.kind, EventKind::Session { .. })));
        let lost = &user.sessions()[0];
        assert_eq!(lost["state"], "lost", "{lost:#}");
        assert_nobody_works_on(std::slice::from_ref(lost));
        let id = lost["id"].as_str().unwrap();
        let resumed = user.run(&["sessions", "resume", id, "go on", "--output-format", "json"]);
        assert_eq!(resumed.status, Some(0), "{resumed:?}");
        let session = &user.sessions()[0];
        assert_eq!((&session["id"], &session["state"]), (&lost["id"], &json!("completed")));
        assert_eq!(session["runs"].as_array().unwrap().len(), 2);
        let asked = model
            .requests()
            .into_iter()
            .rfind(|request| request.prompt().is_some_and(|p| p.contains("go on")));
        assert!(
            asked.unwrap().body.to_string().contains("fix the flaky login test"),
            "it was told what was said before"
        );
    }
}
