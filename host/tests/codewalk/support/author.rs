//! The author of an adapter, and a user who tries it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::examples::built;
use super::{Said, User, script};

/// The request of one version.
pub const ONE: &str = "[[http]]\nurl = \"https://api.example.com/v1/\"\nmethods = [\"POST\"]\n\
                       credential = \"example\"\n\
                   why = \"asks a model for the intent\"\n";
/// The request of another version.
pub const OTHER: &str = "[[http]]\nurl = \"https://other.example.com/\"\nmethods = [\"GET\"]\n";
const CREDENTIAL: &str = "[credentials.example]\nfile = \"example.key\"\nfor = \"https://api.example.com\"\n";

/// Creates a user with an agent, and with versions of the documented router that have different requests.
pub struct Author {
    pub user: User,
    router: Vec<u8>,
}

impl Author {
    pub fn new() -> Self {
        let user = User::new();
        script(&user.home().join("agent.sh"), "echo done");
        let router = std::fs::read(built("keyword-router", &user.home())).unwrap();
        let author = Self { user, router };
        author.configure("[router]\nchain = [\"polite\", \"local-router\"]\n");
        let key = author.user.home().join("example.key");
        std::fs::write(&key, "key_do_not_tell").unwrap();
        std::fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        author
    }

    pub fn configure(&self, rest: &str) {
        let program = self.user.home().join("agent.sh");
        self.user.configure(&format!(
            "default_agent = \"tool\"\n{rest}{CREDENTIAL}[agents.tool]\nkind = \"command\"\n\
             command = [{program:?}, \"{{prompt}}\"]\n"
        ));
    }

    /// Writes a version, and returns its file and digest.
    pub fn version(&self, version: &str, asks: &str) -> (PathBuf, String) {
        self.with_manifest(
            version,
            &format!(
                "name = \"polite\"\nworld = \"router\"\nversion = \"{version}\"\n\
             description = \"Wants a please\"\n{asks}"
            ),
        )
    }

    /// Writes the router with any manifest, and returns its file and digest.
    pub fn with_manifest(&self, version: &str, manifest: &str) -> (PathBuf, String) {
        let mut component = self.router.clone();
        component_build::manifest::embed(&mut component, manifest);
        let file = self.user.home().join(format!("polite-{version}.wasm"));
        std::fs::write(&file, component).unwrap();
        let digest = self.json(&["check", &text(&file)])["digest"].as_str().unwrap().to_owned();
        (file, digest)
    }

    pub fn adapters(&self, args: &[&str]) -> Said {
        self.user.run(&[&["adapters"], args].concat())
    }

    pub fn json(&self, args: &[&str]) -> Value {
        let said = self.adapters(&[args, &["--json"]].concat());
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }

    pub fn show(&self) -> Value {
        self.json(&["show", "polite"])["adapter"].clone()
    }

    /// Returns which adapter routes a request, and the digest in use.
    pub fn served_by(&self) -> (Value, Value) {
        let (status, result, stderr) = self.user.request(&["--yes", "please fix the login test"]);
        assert_eq!(status, Some(0), "{result:#} {stderr}");
        (result["router"]["adapter"].clone(), self.show()["serving"].clone())
    }

    /// Returns the output without the parts that differ between machines.
    pub fn steady(&self, said: &str, versions: &[&(PathBuf, String)]) -> String {
        let mut said = said.replace(&text(&self.user.home()), "HOME");
        for (number, (_, digest)) in (1..).zip(versions) {
            said = said.replace(digest, &format!("DIGEST {number}"));
            said = said.replace(&digest[..12], &format!("SHORT {number}"));
        }
        let is_size = |line: &str| line.starts_with("size ") || line.starts_with("figures ");
        let lines = said.lines().map(|line| if is_size(line) { &line[..9] } else { line });
        lines.collect::<Vec<_>>().join("\n")
    }
}

pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
