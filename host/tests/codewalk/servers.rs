//! Servers that speak the chat completions API, each configured by its block in docs/configuration.md.

use codewalk_components::models;
use codewalk_loopback_model::{LoopbackModel, RecordedRequest, Script, Vendor};
use serde_json::{Value, json};

use crate::support::{Said, User, said, script};

const DOCS: &str = include_str!("../../../docs/configuration.md");
const KEY: &str = "sk-loopback-7f3a9c";
const REQUEST: &str = "fix the flaky login test";
const SUMMARY: &str = "It fixes the login test.";

/// A documented vendor.
struct Documented {
    vendor: Vendor,
    heading: &'static str,
    /// The address of the real server.
    origin: &'static str,
    /// The models in the block, the routing model first.
    models: &'static [&'static str],
    /// The variable that contains its key, if it needs one.
    variable: Option<&'static str>,
}

const GROQ: Documented = Documented {
    vendor: Vendor::Groq,
    heading: "",
    origin: "https://api.groq.com",
    models: &[models::ROUTING, models::SUMMARIES],
    variable: Some("GROQ_API_KEY"),
};

const OPENAI: Documented = Documented {
    vendor: Vendor::OpenAi,
    heading: "#### OpenAI\n",
    origin: "https://api.openai.com",
    models: &["gpt-5-mini"],
    variable: Some("OPENAI_API_KEY"),
};

const OPENROUTER: Documented = Documented {
    vendor: Vendor::OpenRouter,
    heading: "#### OpenRouter\n",
    origin: "https://openrouter.ai",
    models: &["openai/gpt-oss-20b", "openai/gpt-oss-120b"],
    variable: Some("OPENROUTER_API_KEY"),
};

const OLLAMA: Documented = Documented {
    vendor: Vendor::Ollama,
    heading: "#### Ollama\n",
    origin: "http://localhost:11434",
    models: &["gpt-oss:20b"],
    variable: None,
};

const LM_STUDIO: Documented = Documented {
    vendor: Vendor::LmStudio,
    heading: "#### LM Studio\n",
    origin: "http://localhost:1234",
    models: &["openai/gpt-oss-20b"],
    variable: None,
};

const VLLM: Documented = Documented {
    vendor: Vendor::Vllm,
    heading: "#### vLLM\n",
    origin: "http://localhost:8000",
    models: &["openai/gpt-oss-20b"],
    variable: None,
};

impl Documented {
    /// Returns the documented block. Groq needs none, so its equivalent is written here.
    fn block(&self) -> String {
        if self.heading.is_empty() {
            let adapter = |name: &str| {
                let url = "https://api.groq.com/openai/v1";
                format!(
                    "[adapters.{name}]\nconfig = {{ base_url = \"{url}\" }}\n\
                     http = [{{ url = \"{url}/\", methods = [\"GET\", \"POST\"], credential = \"groq\" }}]\n"
                )
            };
            return format!(
                "[router]\nchain = [\"groq-router\", \"local-router\"]\n\
                 [summarizer]\nchain = [\"groq-summarizer\", \"local-summarizer\"]\n{}{}\
                 [credentials.groq]\nenv = \"GROQ_API_KEY\"\nfor = \"https://api.groq.com\"\n",
                adapter("groq-router"),
                adapter("groq-summarizer")
            );
        }
        let (_, section) = DOCS.split_once(self.heading).unwrap_or_else(|| panic!("no {}", self.heading));
        let (_, block) = section.split_once("```toml\n").unwrap();
        block.split_once("```").unwrap().0.to_owned()
    }
}

/// A user whose agent writes a file, and who uses a loopback server instead of the documented one.
struct Asker {
    user: User,
    model: LoopbackModel,
    documented: Documented,
}

impl Asker {
    fn new(documented: Documented) -> Self {
        let intent = json!({"type": "launch", "agent": "tool", "project": null, "prompt": null});
        let query = json!({"type": "query", "session": null, "question": null});
        let route =
            json!({"intent": intent, "confidence": 91, "candidates": [], "reason": "It asks for a fix."});
        let script = Script::new()
            .served_by(documented.vendor, documented.models)
            .says(
                "is anything running?",
                &json!({"intent": query, "confidence": 90, "candidates": [], "reason": ""}),
            )
            .says("the router of codewalk", &route)
            .says("what a session of an agent is doing", &json!({ "summary": SUMMARY }));
        let model = LoopbackModel::start(script).unwrap();
        let asker = Self { user: User::new(), model, documented };
        asker.configure(|block| block);
        // Compiles the adapters, so that the measured time is the model's.
        let listed = asker.user.run(&["adapters", "list"]);
        assert_eq!(listed.status, Some(0), "{listed:?}");
        asker
    }

    /// Writes the documented configuration with changes.
    fn configure(&self, change: impl FnOnce(String) -> String) {
        let program = self.user.home().join("agent.sh");
        script(&program, "echo \"$1\" >> ran; echo done");
        let block = self.documented.block();
        assert!(block.contains(self.documented.origin), "{block}");
        let block = change(block.replace(self.documented.origin, &self.model.base_url()));
        // A machine that is busy with tests needs more time.
        let block = if block.contains("deadline_ms") {
            block
        } else {
            block.replace("[router]\n", "[router]\ndeadline_ms = 10000\n")
        };
        self.user.configure(&format!(
            "default_agent = \"tool\"\n{block}\n\
             [agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n"
        ));
    }

    fn codewalk(&self, args: &[&str]) -> Said {
        let mut command = self.user.codewalk(args);
        command.envs(self.documented.variable.map(|variable| (variable, KEY)));
        said(command.output().unwrap())
    }

    /// Runs the request. Returns its result and the requests to the server.
    fn request(&self) -> (Value, Vec<RecordedRequest>) {
        let before = self.model.requests().len();
        let said = self.codewalk(&["run", "--yes", "--output-format", "json", REQUEST]);
        assert_eq!(said.status, Some(0), "{said:?}");
        let result = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        (result, self.model.requests().split_off(before))
    }

    fn doctor(&self) -> Value {
        let said = self.codewalk(&["doctor", "--online", "--json"]);
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }
}

/// Checks that the model routes and summarises, and that codewalk says which models exist and which one to
/// try.
fn asks_as_documented(documented: Documented) {
    let asker = Asker::new(documented);
    let Documented { models, variable, .. } = asker.documented;
    let (result, requests) = asker.request();
    assert_eq!(result["router"]["adapter"], "groq-router", "{result:#}");
    assert_eq!(result["router"]["confidence"], 91, "{result:#}");
    assert_eq!(result["session"]["summary"], SUMMARY, "{result:#}");
    assert!(requests.len() >= 2, "{requests:#?}");
    for request in &requests {
        let authorization = request.header("authorization").map(str::to_owned);
        assert_eq!(authorization, variable.map(|_| format!("Bearer {KEY}")), "{request:#?}");
    }
    assert_eq!(requests[0].body["model"], models[0]);
    assert_eq!(requests[0].body["response_format"]["json_schema"]["name"], "proposal");

    // A rejected field is not sent again.
    let (result, again) = asker.request();
    assert_eq!(result["router"]["adapter"], "groq-router", "{result:#}");
    assert_eq!(again.len(), 2, "{again:#?}");

    let found = asker.doctor();
    for row in found["online"].as_array().unwrap() {
        assert_eq!((&row["problem"], &row["model"]["listed"]), (&json!(null), &json!(true)), "{found:#}");
        assert_eq!(row["model"]["available"], json!(models), "{found:#}");
    }
    assert_eq!(found["online"].as_array().unwrap().len(), 2, "{found:#}");

    asker.configure(|block| {
        if block.contains("model = ") {
            block.replace(&format!("model = \"{}\"", models[0]), "model = \"gone\"")
        } else {
            block.replacen("config = { ", "config = { model = \"gone\", ", 1)
        }
    });
    let (result, _) = asker.request();
    assert_eq!(result["router"]["adapter"], "local-router", "{result:#}");
    let failed = result["router"]["fallback_from"][0]["error"]["message"].as_str().unwrap();
    assert!(failed.contains("has no model \"gone\"; try config.model = "), "{failed}");
    assert!(failed.contains(&format!("\"{}\"", models[0])), "{failed}");
    let found = asker.doctor();
    let row = &found["online"][0];
    assert_eq!(
        (&row["model"]["name"], &row["model"]["listed"]),
        (&json!("gone"), &json!(false)),
        "{found:#}"
    );
    let problem = row["problem"].as_str().unwrap();
    assert!(problem.contains("has no model \"gone\"; try") && !problem.contains("answered"), "{problem}");
    let text = asker.codewalk(&["doctor", "--online"]).stdout;
    let line = format!("not listed; available models: {}", models.join(", "));
    assert!(text.contains("model \"gone\" at ") && text.contains(&line), "{text}");
}

#[test]
fn the_documentation_names_the_default_models_and_server() {
    let model = format!("| `{}` for routing, `{}` for summaries |", models::ROUTING, models::SUMMARIES);
    let (effort, family) = (models::REASONING_EFFORT, models::REASONING_FAMILY);
    let effort = format!("| `{effort}` if the model's name contains `{family}`,");
    for part in [&*model, &*effort, &format!("| `{}` |", models::BASE_URL)] {
        assert!(DOCS.contains(part), "{part}");
    }
}

#[test]
fn groq_is_called_as_documented() {
    asks_as_documented(GROQ);
}

#[test]
fn openai_is_called_as_documented() {
    asks_as_documented(OPENAI);
}

#[test]
fn openrouter_is_called_as_documented() {
    asks_as_documented(OPENROUTER);
}

#[test]
fn ollama_is_called_as_documented() {
    asks_as_documented(OLLAMA);
}

#[test]
fn lm_studio_is_called_as_documented() {
    asks_as_documented(LM_STUDIO);
}

#[test]
fn vllm_is_called_as_documented() {
    asks_as_documented(VLLM);
}

#[test]
fn unsupported_fields_are_omitted_until_doctor_tests_them_again() {
    let models = &["qwen/qwen3-32b"];
    let asker = Asker::new(Documented { models, ..GROQ });
    let model = |block: String| block.replace("config = { ", "config = { model = \"qwen/qwen3-32b\", ");
    asker.configure(model);
    let formats = |requests: &[RecordedRequest]| -> Vec<Value> {
        let routed = requests.iter().filter(|request| {
            request.body["messages"][0]["content"].as_str().is_some_and(|said| said.contains("the router of"))
        });
        routed.map(|request| request.body["response_format"]["type"].clone()).collect()
    };
    let (result, requests) = asker.request();
    assert_eq!(result["router"]["adapter"], "groq-router", "{result:#}");
    assert_eq!(formats(&requests), ["json_schema", "json_object"]);
    let (result, requests) = asker.request();
    assert_eq!(result["router"]["adapter"], "groq-router", "{result:#}");
    assert_eq!(formats(&requests), ["json_object"]);

    // The configuration takes precedence.
    asker.configure(|block| model(block).replace("config = { ", "config = { response_format = \"\", "));
    let (result, requests) = asker.request();
    assert_eq!(result["router"]["adapter"], "groq-router", "{result:#}");
    assert_eq!(formats(&requests), [Value::Null], "and an answer is found behind a thought");

    asker.configure(model);
    let before = asker.model.requests().len();
    asker.doctor();
    let asked = asker.model.requests().split_off(before);
    assert_eq!(formats(&asked), ["json_schema", "json_object"]);
}

#[test]
fn without_certificates_only_servers_on_this_machine_are_called() {
    let asker = Asker::new(OLLAMA);
    let none = asker.user.home().join("no-certificates.pem");
    std::fs::write(&none, "").unwrap();
    let run = || {
        let mut command = asker.user.codewalk(&["ask", "what is it doing?", "--output-format", "json"]);
        command.env("SSL_CERT_FILE", &none).env("GROQ_API_KEY", KEY);
        let said = said(command.output().unwrap());
        serde_json::from_str::<Value>(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    };
    let result = run();
    assert_eq!(result["router"]["adapter"], "groq-router", "{result:#}");
    asker.user.configure("[router]\nchain = [\"groq-router\", \"local-router\"]\n");
    let result = run();
    assert_eq!(result["router"]["adapter"], "local-router", "{result:#}");
    let why = result["router"]["fallback_from"][0]["error"]["message"].as_str().unwrap();
    assert!(why.contains("https://api.groq.com cannot be trusted: "), "{why}");
    assert!(why.contains("No CA certificates were loaded"), "{why}");
}

#[test]
fn doctor_reports_missing_certificates_once() {
    let asker = Asker::new(OLLAMA);
    let none = asker.user.home().join("no-certificates.pem");
    std::fs::write(&none, "").unwrap();
    let doctor = |args: &[&str]| {
        let mut command = asker.user.codewalk(&[&["doctor", "--json"], args].concat());
        let said = said(command.env("SSL_CERT_FILE", &none).env("GROQ_API_KEY", KEY).output().unwrap());
        let found: Value =
            serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        let problems = found["problems"].as_array().unwrap();
        let all = problems.iter().map(|problem| problem["what"].as_str().unwrap().to_owned());
        (found["online"].clone(), all.collect::<Vec<_>>())
    };
    let (online, problems) = doctor(&["--online"]);
    assert_eq!((&online[0]["problem"], &online[1]["problem"]), (&json!(null), &json!(null)), "{online:#}");
    assert!(problems.is_empty(), "nothing here needs a certificate: {problems:?}");

    asker.user.configure(
        "default_agent = \"demo\"\n[router]\nchain = [\"groq-router\"]\n[summarizer]\n\
         chain = [\"groq-summarizer\"]\n",
    );
    for args in [&[][..], &["--online"]] {
        let (_, problems) = doctor(args);
        let said = problems.join("\n");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            said.starts_with("cannot verify any server: ") && said.contains("No CA certificates"),
            "{said}"
        );
    }
}
