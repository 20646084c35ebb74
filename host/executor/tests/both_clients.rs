//! Claude Code at its edges, in each tested version.
//!
//! `CODEWALK_TEST_CLAUDE` and `CODEWALK_TEST_CLAUDE_NEWEST` name their native programs;
//! `cargo xtask test` installs them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test may fail like the test")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use codewalk_core::command::Decision;
use codewalk_core::ports::Launch;
use codewalk_core::session::{Exit, FailedSubagent, Observation, RequestKind, Stall};
use codewalk_core::time::Timestamp;
use codewalk_executor::AgentSpec;
use codewalk_loopback_model::{LoopbackModel, Script, Turn};
use serde_json::json;
use support::{Host, script};

const VARIABLES: [&str; 2] = ["CODEWALK_TEST_CLAUDE", "CODEWALK_TEST_CLAUDE_NEWEST"];
const SUCCESS: Exit = Exit { code: Some(0), signal: None };

/// Returns the clients.
fn programs() -> [String; 2] {
    VARIABLES.map(|variable| {
        std::env::var(variable).unwrap_or_else(|error| panic!("needs Claude Code: {variable}: {error}"))
    })
}

/// A client, its model and a host.
struct Client {
    host: Host,
    _model: LoopbackModel,
    home: tempfile::TempDir,
}

impl Client {
    fn new(
        program: &str,
        script: Script,
        is_subscriber: bool,
        extra_args: &dyn Fn(&Path) -> Vec<String>,
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let model = LoopbackModel::start(script).unwrap();
        let env =
            if is_subscriber { model.subscriber_env(home.path()) } else { model.claude_env(home.path()) };
        let env: BTreeMap<_, _> = env.into_iter().collect();
        let (program, extra_args) = (program.to_owned(), extra_args(home.path()));
        let host = Host::with(AgentSpec::Claude { program, extra_args, env }, |settings| {
            // The credentials and proxies of the user who runs the tests are not for the client.
            settings.removed_env =
                std::env::vars().map(|(name, _)| name).filter(|name| name != "PATH").collect();
        });
        Self { host, _model: model, home }
    }

    fn plain(program: &str, script: Script) -> Self {
        Self::new(program, script, false, &|_| Vec::new())
    }

    async fn start(&self, prompt: &str) -> Launch {
        let launch = self.host.launch(prompt);
        self.host.start(&launch).await;
        launch
    }
}

fn bash(command: &str) -> Turn {
    Turn::tool("Bash", json!({"command": command, "description": "A command"}))
}

#[tokio::test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
async fn allowed_calls_run_and_denied_ones_do_not() {
    for program in programs() {
        let turns = Script::new().turn(bash("touch allowed.txt")).turn(bash("touch denied.txt"));
        let mut client = Client::plain(&program, turns);
        let launch = client.start("try both").await;
        for decision in [Decision::allow(), Decision::deny("No.")] {
            let (request, kind) = client.host.asked().await;
            assert!(matches!(&kind, RequestKind::Approval { tool, .. } if tool == "Bash"), "{kind:?}");
            client.host.answer(launch.session, &request, &decision).await.unwrap();
        }
        assert_eq!(client.host.exited().await, SUCCESS);
        let made = |name: &str| client.host.project.join(name).exists();
        assert!(made("allowed.txt") && !made("denied.txt"), "{program}");
        let denied = client.host.observations().any(|o| matches!(o, Observation::ToolCallDenied(_)));
        assert!(!denied, "a person denied it, not the agent");
        let model = client.host.observations().find_map(|o| match o {
            Observation::ModelReported { name } => Some(name.clone()),
            _ => None,
        });
        assert!(model.is_some_and(|name| name.starts_with("claude-")));
    }
}

#[tokio::test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
async fn a_usage_limit_is_reported_with_its_end() {
    const UNTIL: u64 = 4_102_444_800;
    for program in programs() {
        let script = Script::new().turn(bash("echo hi")).turn(Turn::usage_limit(UNTIL));
        let mut client = Client::new(&program, script, true, &|_| Vec::new());
        client.start("work").await;
        assert_ne!(client.host.exited().await, SUCCESS);
        let limits: Vec<_> = client
            .host
            .observations()
            .filter_map(|o| match o {
                Observation::UsageLimitReached { until, reason } => Some((*until, reason.as_str())),
                _ => None,
            })
            .collect();
        let [(until, reason)] = limits[..] else { panic!("{program}: {limits:?}") };
        assert_eq!(until, Some(Timestamp(UNTIL * 1000)), "{program}");
        assert!(reason.contains("limit"), "{reason}");
        assert_eq!(client.host.failures(), [Some(reason)]);
    }
}

#[tokio::test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
async fn retries_of_the_model_are_reported_while_they_last() {
    for program in programs() {
        let mut client =
            Client::plain(&program, Script::new().turn(Turn::text("At last.").after_errors(429, 1)));
        client.start("work").await;
        assert_eq!(client.host.exited().await, SUCCESS);
        let stalls: Vec<_> = client
            .host
            .observations()
            .filter(|o| matches!(o, Observation::AgentStalled(_) | Observation::StallEnded))
            .collect();
        let [Observation::AgentStalled(Stall::Retrying { reason, .. }), Observation::StallEnded] = stalls[..]
        else {
            panic!("{program}: {stalls:?}")
        };
        assert!(reason.starts_with("The model's API failed with 429 (rate_limit); retry 1 of 2"), "{reason}");
        assert_eq!(client.host.lines(), ["At last."]);
    }
}

#[tokio::test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
async fn a_failed_sub_agent_is_reported_although_the_turn_succeeds() {
    for program in programs() {
        let task = json!({
            "description": "Count the files",
            "prompt": "count all",
            "subagent_type": "general-purpose",
        });
        let script = Script::new()
            .turn(Turn::tool("Task", task))
            .turn(Turn::text("I wait."))
            .when("count all")
            .turn(Turn::error(400));
        let mut client = Client::plain(&program, script);
        client.start("delegate").await;
        assert_eq!(client.host.exited().await, SUCCESS);
        let failed: Vec<_> = client
            .host
            .observations()
            .filter_map(|o| match o {
                Observation::SubagentFailed(FailedSubagent { description, stopped, .. }) => {
                    Some((description.as_str(), *stopped))
                }
                _ => None,
            })
            .collect();
        assert_eq!(failed, [("Count the files", false)], "{program}");
    }
}

#[tokio::test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
async fn two_sub_agents_wait_for_a_person_at_the_same_moment() {
    let task = |name: &str| {
        json!({"description": format!("Make {name}"), "prompt": format!("Please make {name}.txt"),
            "subagent_type": "general-purpose"})
    };
    for program in programs() {
        let script = Script::new()
            .turn(Turn::tool("Task", task("left")).and_tool("Task", task("right")))
            .turn(Turn::text("Both are back."))
            .when("make left.txt")
            .turn(bash("touch left.txt"))
            .when("make right.txt")
            .turn(bash("touch right.txt"));
        let mut client = Client::plain(&program, script);
        let launch = client.start("delegate both").await;
        // Neither is answered before the other one has asked.
        let both = [client.host.asked().await, client.host.asked().await];
        assert_ne!(both[0].0, both[1].0, "{program}");
        let withdrawn = client.host.observations().any(|o| matches!(o, Observation::RequestWithdrawn { .. }));
        assert!(!withdrawn, "{program}: both are open");
        for (request, kind) in &both {
            let RequestKind::Approval { subject, .. } = kind else { panic!("{program}: {kind:?}") };
            let decision =
                if subject == "touch left.txt" { Decision::allow() } else { Decision::deny("No.") };
            client.host.answer(launch.session, request, &decision).await.unwrap();
        }
        assert_eq!(client.host.exited().await, SUCCESS, "{program}");
        let made = |name: &str| client.host.project.join(name).exists();
        assert!(made("left.txt") && !made("right.txt"), "{program}");
    }
}

/// A tool server that asks how to deliver something, and records the answers.
const SHOP: &str = r#"while read -r line; do
id=$(printf '%s' "$line" | sed -n 's/.*"id":\("[^"]*"\|[0-9][0-9]*\).*/\1/p')
say() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
case $line in
*'"initialize"'*) say '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},'\
'"serverInfo":{"name":"shop","version":"1"}}';;
*'"tools/list"'*) say '{"tools":[{"name":"buy","description":"Buys",'\
'"inputSchema":{"type":"object","properties":{}}}]}';;
*'"tools/call"'*) call=$id; printf '{"jsonrpc":"2.0","id":"e1","method":"elicitation/create",'\
'"params":{"message":"How?","requestedSchema":{"type":"object","properties":{'\
'"speed":{"type":"string","enum":["fast","slow"]},"gift":{"type":"boolean","title":"Gift"}},'\
'"required":["speed","gift"]}}}\n';;
*'"e1"'*) printf '%s' "$line" > "$0.answer"; id=$call; say '{"content":[{"type":"text","text":"bought"}]}';;
*) [ -z "$id" ] || say '{}';;
esac
done
"#;

#[tokio::test]
#[ignore = "needs Claude Code: run `cargo xtask test`"]
async fn a_tool_server_gets_the_answers_to_its_form() {
    let fast = Decision::Answers { answers: vec!["FAST".to_owned(), "yes".to_owned()] };
    let deny = Decision::deny("No.");
    for program in programs() {
        for (decision, answered) in [
            (&fast, r#""action":"accept","content":{"gift":true,"speed":"fast"}"#),
            (&deny, r#""action":"decline""#),
        ] {
            let turns = Script::new().turn(Turn::tool("mcp__shop__buy", json!({})));
            let mut client = Client::new(&program, turns, false, &|home| {
                let server = script(&home.join("shop"), SHOP);
                let config = home.join("servers.json");
                std::fs::write(&config, json!({"mcpServers": {"shop": {"command": server}}}).to_string())
                    .unwrap();
                let allowed = "mcp__shop__buy".to_owned();
                vec![
                    "--mcp-config".to_owned(),
                    config.display().to_string(),
                    "--allowedTools".to_owned(),
                    allowed,
                ]
            });
            let launch = client.start("buy it").await;
            let (request, kind) = client.host.asked().await;
            let RequestKind::Questions { questions } = kind else { panic!("{program}: {kind:?}") };
            let texts: Vec<_> = questions.iter().map(|question| question.text.as_str()).collect();
            assert_eq!(texts, ["shop asks: How? speed", "gift"]);
            client.host.answer(launch.session, &request, decision).await.unwrap();
            assert_eq!(client.host.exited().await, SUCCESS);
            let answer = std::fs::read_to_string(client.home.path().join("shop.answer")).unwrap();
            let keys_sorted =
                serde_json::from_str::<serde_json::Value>(&answer).unwrap()["result"].to_string();
            assert!(keys_sorted.contains(answered), "{program}: {answer}");
        }
    }
}
