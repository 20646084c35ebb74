//! The adapters that ship with codewalk, as components.
//!
//! The build script compiles each adapter's folder into a component; here they are embedded.

/// The default models.
#[path = "../chat-completions/src/models.rs"]
pub mod models;

/// An adapter that ships with codewalk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedded {
    /// Its name in the configuration.
    pub name: &'static str,
    /// Its world, as named in `wit/`.
    pub world: &'static str,
    /// The component.
    pub bytes: &'static [u8],
}

/// The digest of the adapters' sources, which prebuilt components must match.
pub const SOURCES_DIGEST: &str = include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// Returns all adapters that ship with codewalk.
pub fn all() -> &'static [Embedded] {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"))
}

/// Returns the adapter with that name.
pub fn find(name: &str) -> Option<&'static Embedded> {
    all().iter().find(|adapter| adapter.name == name)
}

#[cfg(test)]
mod tests {
    use wit_component::DecodedWasm;

    use super::*;

    /// Returns the exports of a component, as `package:name/interface` without the version.
    fn exports(bytes: &[u8]) -> Vec<String> {
        let decoded = wit_component::decode(bytes).unwrap();
        assert!(matches!(decoded, DecodedWasm::Component(..)));
        let resolve = decoded.resolve();
        let world = resolve.worlds.iter().next().unwrap().1;
        let names = world.exports.keys().map(|key| resolve.name_world_key(key));
        names.map(|name| name.split('@').next().unwrap().to_string()).collect()
    }

    #[test]
    fn every_adapter_exports_the_port_of_its_world() {
        for adapter in all() {
            let port = adapter.world.strip_suffix("-adapter").unwrap();
            assert_eq!(exports(adapter.bytes), [format!("codewalk:{port}/{port}")], "{}", adapter.name);
        }
    }

    #[test]
    fn every_adapter_carries_a_manifest_with_its_name_and_world() {
        for adapter in all() {
            let port = adapter.world.strip_suffix("-adapter").unwrap();
            let begins =
                format!("codewalk:manifestname = \"{}\"\nworld = \"{port}\"\n", adapter.name).into_bytes();
            assert!(adapter.bytes.windows(begins.len()).any(|bytes| bytes == begins), "{}", adapter.name);
        }
    }

    /// Each request gets a fresh instance. The component's data is mapped for every instance; its code is
    /// compiled once per machine.
    #[test]
    fn the_local_router_takes_at_most_350_kilobytes() {
        let size = find("local-router").unwrap().bytes.len();
        assert!(size <= 350_000, "{size} bytes");
    }

    #[test]
    fn an_adapter_is_found_by_its_exact_name() {
        assert_eq!(find("local-router"), all().first());
        assert_eq!(find("local"), None);
    }
}
