//! The network access of adapters: `[[adapters.NAME.http]]`, `[credentials.NAME]` and the built-in defaults.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codewalk_components::models;
use codewalk_sandbox::{Credential, Grant, Limits, SecretSource};

use super::checks::{check_name, invalid, listed};
use super::file::{AdapterFile, CredentialFile, HttpFile};
use super::limits;
use super::paths::Paths;
use crate::error::CommandError;

/// The built-in adapters that call a model, each with its default model. They have network access only if a
/// chain names them.
const MODEL_ADAPTERS: [(&str, &str); 2] =
    [("groq-router", models::ROUTING), ("groq-summarizer", models::SUMMARIES)];
/// The requests that they send, as method and path below the address of an API. These are granted unless
/// `[[adapters.NAME.http]]` says otherwise.
const COMPLETIONS: (&str, &str) = ("POST", "chat/completions");
const MODELS: (&str, &str) = ("GET", "models");
/// The credential that they use unless `[credentials.groq]` replaces it.
const GROQ_CREDENTIAL: &str = "groq";
const GROQ_SERVER: &str = "https://api.groq.com";
const GROQ_VARIABLE: &str = "GROQ_API_KEY";

/// The configuration of an adapter.
#[derive(Clone, Debug, Default)]
pub struct AdapterConfig {
    /// The component's file, or `None` for an adapter that is built in or installed.
    pub path: Option<String>,
    /// The digest of the only component that is accepted. `None` accepts any.
    pub pin: Option<String>,
    /// The limits for one call.
    pub limits: Limits,
    /// The deadline of one call. If it is `None`, the chain and the limits determine it.
    pub deadline: Option<Duration>,
    /// The configuration that the adapter can read.
    pub config: BTreeMap<String, String>,
    /// The requests it may send.
    pub http: Vec<Grant>,
}

/// A model, and the API that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelEndpoint {
    /// The address of the API, without a trailing slash.
    pub base_url: String,
    /// The name of the model.
    pub model: String,
}

impl ModelEndpoint {
    /// Returns the endpoint of a built-in adapter with this configuration, or `None` if it does not call a
    /// model.
    pub fn of(name: &str, config: &BTreeMap<String, String>) -> Option<Self> {
        let (_, default) = MODEL_ADAPTERS.into_iter().find(|(adapter, _)| *adapter == name)?;
        let setting = |key: &str, default: &str| config.get(key).map_or(default, String::as_str).to_owned();
        let base_url = setting("base_url", models::BASE_URL).trim_end_matches('/').to_owned();
        Some(Self { base_url, model: setting("model", default) })
    }

    /// Returns the built-in adapter that calls a model for a port.
    pub fn usual(port: &str) -> Option<&'static str> {
        MODEL_ADAPTERS.into_iter().map(|(adapter, _)| adapter).find(|adapter| adapter.ends_with(port))
    }

    /// Returns the address at which the API lists its models.
    pub fn list(&self) -> String {
        format!("{}/{}", self.base_url, MODELS.1)
    }

    /// Returns the name of the credential in the grant for completions, or an empty name if that grant has
    /// none.
    fn credential(&self, grants: &[Grant]) -> Option<String> {
        let completions = format!("{}/{}", self.base_url, COMPLETIONS.1);
        let grant = grants.iter().find(|grant| grant.allows(COMPLETIONS.0, &completions))?;
        Some(grant.credential().map_or_else(String::new, |credential| credential.name().to_owned()))
    }
}

/// The configuration of adapters and their network access.
pub(super) struct Network {
    pub(super) adapters: BTreeMap<String, AdapterConfig>,
    /// The credentials of the file, which approved grants may refer to.
    pub(super) credentials: Vec<Arc<Credential>>,
    /// The built-in credential, unless the file defines it.
    pub(super) built_in: Option<Arc<Credential>>,
    /// The environment variables that contain credentials, used or not. Agents must not see them.
    pub(super) secret_variables: Vec<String>,
}

impl Network {
    /// Merges the file and the built-in defaults. `chained` are the adapters named by chains, and `of_proxy`
    /// is the credential for the proxy.
    pub(super) fn configured(
        paths: &Paths,
        adapters: BTreeMap<String, AdapterFile>,
        credentials: BTreeMap<String, CredentialFile>,
        chained: &[&str],
        of_proxy: Option<&str>,
    ) -> Result<Self, CommandError> {
        let at = &paths.config_file;
        let mut known = BTreeMap::new();
        for (name, file) in credentials {
            check_name(at, "a credential", &name)?;
            let is_of_proxy = of_proxy == Some(name.as_str());
            known.insert(name.clone(), Arc::new(credential(paths, &name, file, is_of_proxy)?));
        }
        let credentials: Vec<Arc<Credential>> = known.values().cloned().collect();
        let mut built_in = None;
        if !known.contains_key(GROQ_CREDENTIAL) {
            let groq = Arc::new(groq_credential(paths)?);
            known.insert(GROQ_CREDENTIAL.to_owned(), Arc::clone(&groq));
            built_in = Some(groq);
        }
        let mut configured = BTreeMap::new();
        for (name, AdapterFile { path, digest, limits, mut config, http }) in adapters {
            check_name(at, "an adapter", &name)?;
            let ships = path.is_none();
            let http: Vec<Grant> = match http {
                Some(http) => http.into_iter().map(|file| grant(at, &name, file, &known)).collect(),
                None => built_in_grants(at, &name, ships, &known),
            }?;
            // The grant determines which credential it uses.
            if let Some(endpoint) = ModelEndpoint::of(&name, &config).filter(|_| ships)
                && let Some(credential) = endpoint.credential(&http)
            {
                config.entry("credential".to_owned()).or_insert(credential);
            }
            let pin = digest.map(|digest| limits::pin(at, &name, digest)).transpose()?;
            let deadline = limits.wall_clock_ms.map(Duration::from_millis);
            let limits = limits::limits(at, &name, &limits)?;
            configured.insert(name, AdapterConfig { path, pin, limits, deadline, config, http });
        }
        for name in chained {
            if !configured.contains_key(*name) {
                let http = built_in_grants(at, name, true, &known)?;
                configured.insert((*name).to_owned(), AdapterConfig { http, ..AdapterConfig::default() });
            }
        }
        let variables = known.values().filter_map(|credential| match credential.source() {
            SecretSource::Env(variable) => Some(variable.clone()),
            SecretSource::File(_) => None,
        });
        let mut secret_variables: Vec<String> = variables.collect();
        // The variable may be set even if the key is in a file.
        secret_variables.extend(built_in.is_some().then(|| GROQ_VARIABLE.to_owned()));
        secret_variables.sort();
        secret_variables.dedup();
        Ok(Self { adapters: configured, credentials, built_in, secret_variables })
    }
}

fn built_in_grants(
    at: &Path,
    name: &str,
    is_embedded: bool,
    credentials: &BTreeMap<String, Arc<Credential>>,
) -> Result<Vec<Grant>, CommandError> {
    if !is_embedded || !MODEL_ADAPTERS.iter().any(|(adapter, _)| *adapter == name) {
        return Ok(Vec::new());
    }
    let granted = |(method, path): (&str, &str)| {
        let file = HttpFile {
            url: format!("{}/{path}", models::BASE_URL),
            methods: vec![method.to_owned()],
            credential: Some(GROQ_CREDENTIAL.to_owned()),
        };
        grant(at, name, file, credentials)
    };
    [COMPLETIONS, MODELS].into_iter().map(granted).collect()
}

/// Returns the key that `codewalk login` stored, or else the one in the environment.
fn groq_credential(paths: &Paths) -> Result<Credential, CommandError> {
    let file = paths.key(GROQ_CREDENTIAL);
    let source = match file.symlink_metadata() {
        Ok(_) => SecretSource::File(file),
        Err(_) => SecretSource::Env(GROQ_VARIABLE.to_owned()),
    };
    Credential::new(GROQ_CREDENTIAL, source, GROQ_SERVER)
        .map(Credential::built_in)
        .map_err(|error| invalid(&paths.config_file, &error).with_source(error))
}

fn grant(
    at: &Path,
    adapter: &str,
    file: HttpFile,
    credentials: &BTreeMap<String, Arc<Credential>>,
) -> Result<Grant, CommandError> {
    let HttpFile { url, methods, credential } = file;
    let place = format!("[[adapters.{adapter}.http]]");
    let credential = match credential {
        None => None,
        Some(name) => Some(credentials.get(&name).cloned().ok_or_else(|| {
            let known = listed(credentials.keys());
            invalid(at, format!("{place}: unknown credential {name:?}"))
                .with_hint(format!("known credentials: {known}"))
        })?),
    };
    Grant::new(&url, &methods, credential).map_err(|error| {
        invalid(at, format!("{place}: url = {url:?}: {error}"))
            .with_hint("for example: url = \"https://api.example.com/v1/\", methods = [\"POST\"]")
            .with_source(error)
    })
}

fn credential(
    paths: &Paths,
    name: &str,
    file: CredentialFile,
    is_of_proxy: bool,
) -> Result<Credential, CommandError> {
    let CredentialFile { env, file, bound_to, header, prefix } = file;
    let at = &paths.config_file;
    let place = format!("[credentials.{name}]");
    let source = match (env, file) {
        (Some(variable), None) => SecretSource::Env(variable),
        (None, Some(path)) => SecretSource::File(paths.config_folder().join(paths.expanded(&path))),
        _ => {
            return Err(invalid(at, format!("{place}: set either env or file"))
                .with_hint("name one: env = \"NAME\" or file = \"~/.config/codewalk/NAME.key\""));
        }
    };
    if is_of_proxy {
        return Credential::of_proxy(name, source, &bound_to).map_err(|error| {
            invalid(at, format!("{place}: for: {error}"))
                .with_hint("name the proxy, for example: for = \"http://proxy.example:3128\"")
                .with_source(error)
        });
    }
    let credential = Credential::new(name, source, &bound_to).and_then(|credential| {
        if header.is_none() && prefix.is_none() {
            return Ok(credential);
        }
        credential
            .sent_as(header.as_deref().unwrap_or("authorization"), prefix.as_deref().unwrap_or("Bearer "))
    });
    credential.map_err(|error| {
        invalid(at, format!("{place}: {error}"))
            .with_hint("name the server, for example: for = \"https://api.example.com\"")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::resolved::tests::load;
    use crate::error::ErrorKind;

    fn grants(text: &str, adapter: &str) -> Vec<String> {
        let config = load(text, &[]).unwrap();
        config
            .adapters
            .get(adapter)
            .map_or_else(Vec::new, |adapter| adapter.http.iter().map(ToString::to_string).collect())
    }

    const BUILT_IN: [&str; 2] = [
        "POST https://api.groq.com/openai/v1/chat/completions with the credential \"groq\"",
        "GET https://api.groq.com/openai/v1/models with the credential \"groq\"",
    ];

    #[test]
    fn a_built_in_adapter_has_network_access_only_in_a_chain() {
        let config = load("", &[("GROQ_API_KEY", "gsk_1")]).unwrap();
        assert!(config.adapters.values().all(|adapter| adapter.http.is_empty()));
        assert_eq!(config.secret_variables, ["GROQ_API_KEY"], "in any chain");

        let text = "[router]\nchain = [\"groq-router\", \"local-router\"]";
        assert_eq!(grants(text, "groq-router"), BUILT_IN);
        assert!(grants(text, "groq-summarizer").is_empty());
        assert!(grants(text, "local-router").is_empty());
        assert_eq!(load(text, &[]).unwrap().secret_variables, ["GROQ_API_KEY"]);
        let text = "[router]\nchain = [\"groq-router\"]\n[adapters.groq-router.config]\nmodel = \"small\"";
        assert_eq!(grants(text, "groq-router"), BUILT_IN);
    }

    #[test]
    fn built_in_grants_yield_to_configured_ones_and_to_other_files() {
        let named = "[router]\nchain = [\"groq-router\"]\n";
        let foreign = format!("{named}[adapters.groq-router]\npath = \"mine.wasm\"");
        assert!(grants(&foreign, "groq-router").is_empty());
        let none = format!("{named}[adapters.groq-router]\nhttp = []");
        assert!(grants(&none, "groq-router").is_empty());
        let own = format!(
            "{named}[[adapters.groq-router.http]]\nurl = \"http://127.0.0.1:9/v1/\"\nmethods = [\"POST\"]\n\
             credential = \"groq\"\n[credentials.groq]\nenv = \"MY_KEY\"\nfor = \"http://127.0.0.1:9\""
        );
        assert_eq!(grants(&own, "groq-router"), ["POST http://127.0.0.1:9/v1/ with the credential \"groq\""]);
        assert_eq!(load(&own, &[]).unwrap().secret_variables, ["MY_KEY"]);
    }

    #[test]
    fn an_adapter_that_calls_a_model_learns_the_credential_of_its_grant() {
        let credential = |rest: &str| {
            let config = load(&format!("[router]\nchain = [\"groq-router\"]\n{rest}"), &[]).unwrap();
            config.adapters["groq-router"].config.get("credential").cloned()
        };
        let configured = |grant: &str, more: &str| {
            credential(&format!(
                "[adapters.groq-router]\nconfig = {{ base_url = \"http://127.0.0.1:9/v1/\"{more} }}\n\
                 http = [{{ url = \"http://127.0.0.1:9/v1/\", methods = [\"POST\"]{grant} }}]\n\
                 [credentials.mine]\nenv = \"MINE\"\nfor = \"http://127.0.0.1:9\""
            ))
        };
        assert_eq!(configured(", credential = \"mine\"", "").as_deref(), Some("mine"));
        assert_eq!(configured("", "").as_deref(), Some(""), "no key is needed");
        assert_eq!(configured("", ", credential = \"mine\"").as_deref(), Some("mine"));
        let no_grant = "[adapters.groq-router]\nconfig = { base_url = \"http://127.0.0.1:9/v1/\" }";
        assert_eq!(credential(no_grant), None);
        assert_eq!(credential("[adapters.groq-router]\nconfig = { model = \"m\" }").as_deref(), Some("groq"));
    }

    #[test]
    fn the_endpoint_of_a_model_has_defaults_and_can_be_set() {
        let config = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let endpoint = |name, pairs: &[(&str, &str)]| ModelEndpoint::of(name, &config(pairs));
        let router = endpoint("groq-router", &[]).unwrap();
        assert_eq!((&*router.base_url, &*router.model), (models::BASE_URL, models::ROUTING));
        assert_eq!(endpoint("groq-summarizer", &[]).unwrap().model, models::SUMMARIES);
        assert_eq!(endpoint("local-router", &[]), None);
        let other = endpoint("groq-router", &[("base_url", "http://[::1]:9/v1/"), ("model", "m")]).unwrap();
        assert_eq!((other.list().as_str(), other.model.as_str()), ("http://[::1]:9/v1/models", "m"));
    }

    #[test]
    fn an_invalid_grant_or_credential_comes_with_a_hint() {
        let http = |rest: &str| format!("[[adapters.a.http]]\n{rest}");
        let credential = |rest: &str| format!("[credentials.c]\n{rest}");
        for (text, expected) in [
            (http("url = \"http://api.example.com/\"\nmethods = [\"GET\"]"), "use https://"),
            (http("url = \"https://api.example.com/\"\nmethods = [\"get\"]"), "there is no method \"get\""),
            (http("url = \"https://a.example/\"\nmethods = []"), "methods is empty"),
            (
                http("url = \"https://a.example/\"\nmethods = [\"GET\"]\ncredential = \"grok\""),
                "unknown credential \"grok\"",
            ),
            (credential("for = \"https://a.example\""), "set either env or file"),
            (credential("env = \"A\"\nfile = \"b\"\nfor = \"https://a.example\""), "set either env or file"),
            (credential("env = \"A\"\nfor = \"https://a.example/v1\""), "not just a scheme"),
            (
                credential("env = \"A\"\nfor = \"https://a.example\"\nheader = \"a b\""),
                "no header can have the name",
            ),
            ("[router]\ndeadline_ms = 0".to_owned(), "must be greater than zero"),
        ] {
            let error = load(&text, &[]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Configuration);
            assert!(error.message.contains(expected), "{text}: {error}");
            assert!(error.hint.is_some(), "{text}: {error}");
        }
    }

    #[test]
    fn an_unknown_key_of_a_grant_or_credential_comes_with_a_suggestion() {
        let error =
            load("\n[[adapters.a.http]]\nurl = \"https://a.example/\"\nmethod = [\"GET\"]", &[]).unwrap_err();
        assert!(error.message.contains("line 4"), "{error}");
        assert_eq!(error.hint.as_deref(), Some("did you mean `methods`?"));
        let error = load("[credentials.c]\nenv = \"A\"\nprefx = \"Key \"", &[]).unwrap_err();
        assert!(error.message.contains("line 3"), "{error}");
        assert_eq!(error.hint.as_deref(), Some("did you mean `prefix`?"));
    }

    #[test]
    fn a_stored_key_is_used_instead_of_the_variable() {
        use codewalk_sandbox::SecretSource;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_string_lossy().into_owned();
        let load = || Config::load(&|name| (name == "CODEWALK_HOME").then(|| path.clone())).unwrap();
        let source = |config: &Config| config.built_in_credential.as_ref().unwrap().source().clone();
        assert_eq!(source(&load()), SecretSource::Env("GROQ_API_KEY".to_owned()));
        let file = home.path().join("groq.key");
        std::fs::write(&file, "gsk_1").unwrap();
        let config = load();
        assert_eq!(source(&config), SecretSource::File(file));
        assert_eq!(config.secret_variables, ["GROQ_API_KEY"], "agents do not get it either way");
    }

    #[test]
    fn deadlines_have_defaults_and_can_be_set() {
        let config = load("[summarizer]\ndeadline_ms = 3000", &[]).unwrap();
        assert_eq!(
            (config.router_deadline.as_millis(), config.summarizer_deadline.as_millis()),
            (1500, 3000)
        );
    }
}
