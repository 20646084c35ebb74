//! `codewalk doctor` and the completions.

use crate::support::{Said, User, script};
use serde_json::Value;

fn json(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

fn row<'a>(rows: &'a Value, name: &str) -> &'a Value {
    rows.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()
}

#[test]
fn if_everything_works_doctor_says_so_and_that_nothing_leaves_the_machine() {
    let user = User::new();
    let claude = user.home().join("claude");
    script(&claude, "echo '2.1.330 (Claude Code)'");
    user.configure(&format!(
        "[agents.claude]\nkind = \"claude\"\nprogram = {:?}\n",
        claude.to_string_lossy()
    ));
    let said = user.run(&["doctor"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    for part in
        ["2.1.330 (Claude Code)", "local-router", "leaves this machine\n  nothing", "sqlite in", ": ok"]
    {
        assert!(said.stdout.contains(part), "{part}: {said:?}");
    }
    let found = json(&user.run(&["doctor", "--json"]));
    assert_eq!((&found["schema"], &found["type"]), (&1.into(), &"doctor".into()));
    let agent = row(&found["agents"], "claude");
    assert_eq!((&agent["default"], &agent["version"]), (&true.into(), &"2.1.330 (Claude Code)".into()));
    assert_eq!(row(&found["adapters"], "local-router")["digest"].as_str().unwrap().len(), 64);
    assert_eq!(found["problems"], Value::Array(vec![]));
}

#[test]
fn a_program_that_is_not_claude_code_is_a_problem_of_its_agent() {
    let user = User::new();
    let claude = user.home().join("claude");
    let program = format!("{:?}", claude.to_string_lossy());
    for (body, why) in [
        ("echo '2.1.330 (Claude Code)'; exit 3", "exit status: 3"),
        ("exit 0", "said nothing"),
        ("printf 'false (GNU \\033[31mcoreutils) 9.1\\n'", "coreutils) 9.1"),
    ] {
        script(&claude, body);
        user.configure(&format!(
            "[agents.claude]\nkind = \"claude\"\nprogram = {program}\n\
             [agents.other]\nkind = \"claude\"\nprogram = {program}\n"
        ));
        let said = user.run(&["doctor", "--json"]);
        assert_eq!(said.status, Some(4), "{body}: {said:?}");
        let found = json(&said);
        for agent in ["claude", "other"] {
            let agent = row(&found["agents"], agent);
            assert_eq!(agent["version"], Value::Null, "{body}: {agent:#}");
            assert!(agent["problem"].as_str().is_some_and(|said| said.contains(why)), "{body}: {agent:#}");
        }
        // Only the default agent needs to work.
        let problems = found["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        assert!(problems[0]["what"].as_str().unwrap().contains(why), "{problems:#?}");
        assert!(problems[0]["remedy"].as_str().unwrap().contains("agents.claude"), "{problems:#?}");
        let text = user.run(&["doctor"]).stdout;
        assert!(
            text.matches("is not a usable Claude Code").count() == 3 && !text.contains('\u{1b}'),
            "{text}"
        );
    }
}

#[test]
fn an_old_claude_code_is_noted_and_a_too_old_one_is_a_problem() {
    let user = User::new();
    let claude = user.home().join("claude");
    user.configure(&format!("[agents.claude]\nkind = \"claude\"\nprogram = {claude:?}\n"));
    script(&claude, "echo '2.1.150 (Claude Code)'");
    let said = user.run(&["doctor"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    let note =
        "2.1.150 does not know --permission-mode manual yet; it is started with default, which asks the same";
    assert!(said.stdout.contains(note), "{said:?}");
    script(&claude, "echo '1.0.100 (Claude Code)'");
    let said = user.run(&["doctor"]);
    assert_eq!(said.status, Some(4), "{said:?}");
    let problem =
        "is 1.0.100 (Claude Code); codewalk needs 2.0.30 or newer\n      update it with `claude update`";
    assert!(said.stdout.contains(problem), "{said:?}");
}

#[test]
fn an_agent_that_cannot_be_started_is_not_listed_as_working() {
    let user = User::new();
    let claude = user.home().join("claude");
    script(&claude, "echo '2.1.330 (Claude Code)'");
    user.configure(&format!(
        "[agents.claude]\nkind = \"claude\"\nprogram = {claude:?}\n\
         [agents.other]\nkind = \"command\"\ncommand = [\"no-such-program-of-codewalk\", \"{{prompt}}\"]\n"
    ));
    let said = user.run(&["doctor"]);
    assert_eq!(said.status, Some(0), "nobody has to use it: {said:?}");
    assert!(said.stdout.ends_with("\nEverything configured works, except the agent other.\n"), "{said:?}");
}

#[test]
fn an_unreadable_configuration_is_reported_with_a_remedy() {
    let user = User::new();
    let file = user.home().join("config.toml");
    std::fs::write(&file, b"default_agent = \"\xe4\"\n").unwrap();
    let said = user.run(&["doctor"]);
    assert_eq!(said.status, Some(4), "{said:?}");
    assert!(said.stderr.contains("\n hint: save it as UTF-8"), "{said:?}");

    let said = crate::support::said(user.codewalk(&["doctor"]).env("CODEWALK_HOME", &file).output().unwrap());
    assert_eq!(said.status, Some(4), "{said:?}");
    assert!(said.stderr.contains("\n hint: part of this path is a file, not a folder"), "{said:?}");

    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let said = user.run(&["doctor"]);
    assert!(said.stderr.contains("\n hint: this is a folder, not a file"), "{said:?}");
}

#[test]
fn each_problem_comes_with_its_remedy() {
    let user = User::new();
    user.configure(
        "default_agent = \"tool\"\nstore = \"files:store\"\n[agents.tool]\nkind = \"command\"\n\
         command = [\"no-such-program-of-codewalk\", \"{prompt}\"]\n[router]\n\
         chain = [\"groq-router\", \"missing.wasm\"]\n",
    );
    std::fs::write(user.home().join("store"), "a file where a folder should be").unwrap();
    let said = user.run(&["doctor", "--json"]);
    assert_eq!(said.status, Some(4), "{said:?}");
    let found = json(&said);
    let problems = found["problems"].as_array().unwrap();
    for what in ["no-such-program-of-codewalk", "missing.wasm", "GROQ_API_KEY", "store"] {
        let problem = problems.iter().find(|problem| problem["what"].as_str().unwrap().contains(what));
        let problem = problem.unwrap_or_else(|| panic!("{what} is not said: {problems:#?}"));
        assert!(!problem["remedy"].as_str().unwrap().is_empty());
    }
    let leaving = found["leaves_the_machine"].as_array().unwrap();
    assert!(leaving[0].as_str().unwrap().contains("https://api.groq.com/"), "{leaving:?}");
    let text = user.run(&["doctor"]);
    assert!(text.stdout.contains("problems\n"), "{text:?}");
    let why = found["store"]["problem"].as_str().unwrap();
    assert_eq!(text.stdout.matches(why).count(), 1, "the reason is said once: {text:?}");
}

#[test]
fn configured_certificates_that_are_missing_are_a_problem() {
    let user = User::new();
    user.configure("default_agent = \"demo\"\n");
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let none = user.home().join("none");
        let said = crate::support::said(user.codewalk(&["doctor"]).env(variable, &none).output().unwrap());
        assert_eq!(said.status, Some(4), "{said:?}");
        let what = format!("cannot read {}, named by {variable}: ", none.display());
        assert!(said.stdout.contains(&what) && !said.stdout.contains("Everything"), "{said:?}");
    }
}

#[test]
fn a_missing_key_is_reported_once_with_a_remedy() {
    let user = User::new();
    let chains = "default_agent = \"demo\"\n[router]\nchain = [\"groq-router\", \"local-router\"]\n\
                  [summarizer]\nchain = [\"groq-summarizer\", \"local-summarizer\"]\n";
    let needed = "  groq-router and groq-summarizer need the key groq: the environment variable \
                  GROQ_API_KEY is not set";
    let table = "[credentials.groq]\nenv = \"GROQ_API_KEY\"\nfor = \"https://api.groq.com\"\n";
    let in_place = "set it, or write file = \"groq.key\" in place of env = \"GROQ_API_KEY\" in \
                    [credentials.groq] and store the key there with `codewalk login groq`";
    for (table, remedy) in
        [("", "store the key with `codewalk login groq`, or set GROQ_API_KEY"), (table, in_place)]
    {
        user.configure(&format!("{chains}{table}"));
        for args in [&["doctor"][..], &["doctor", "--online"]] {
            let said = user.run(args);
            assert_eq!(said.status, Some(4), "{said:?}");
            let lines: Vec<&str> = said.stdout.lines().filter(|line| line.contains("is not set")).collect();
            assert_eq!(lines, [needed], "{said:?}");
            assert!(said.stdout.contains(&format!("{needed}\n      {remedy}\n")), "{said:?}");
            assert_eq!(said.stdout.matches("codewalk login").count(), 1, "{said:?}");
        }
    }
}

#[test]
fn doctor_online_says_whether_an_adapter_answers() {
    let user = User::new();
    // No server listens there.
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    user.configure(&format!(
        "default_agent = \"demo\"\n[router]\nchain = [\"groq-router\", \"local-router\"]\n\
         [adapters.groq-router]\nconfig = {{ base_url = \"http://127.0.0.1:{unused}/v1\" }}\n\
         [[adapters.groq-router.http]]\nurl = \"http://127.0.0.1:{unused}/v1/\"\nmethods = [\"POST\"]\n\
         credential = \"groq\"\n\
         [credentials.groq]\nenv = \"GROQ_API_KEY\"\nfor = \"http://127.0.0.1:{unused}\"\n"
    ));
    let mut doctor = user.codewalk(&["doctor", "--online", "--json"]);
    let said = crate::support::said(doctor.env("GROQ_API_KEY", "a-very-secret-key").output().unwrap());
    assert_eq!(said.status, Some(4), "{said:?}");
    let found = json(&said);
    assert_eq!(found["online"][0]["adapter"], "groq-router");
    assert!(found["online"][0]["problem"].is_string(), "{found:#}");
    assert!(!said.stdout.contains("a-very-secret-key") && !said.stderr.contains("a-very-secret-key"));
}

#[test]
fn completions_exist_for_the_usual_shells() {
    let user = User::new();
    for shell in ["bash", "zsh", "fish"] {
        let said = user.run(&["completions", shell]);
        assert_eq!(said.status, Some(0), "{said:?}");
        assert!(said.stdout.contains("sessions") && said.stdout.contains("doctor"), "{said:?}");
    }
    assert_eq!(user.run(&["completions", "abacus"]).status, Some(2));
}
