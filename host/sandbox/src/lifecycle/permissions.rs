//! The grants of an adapter that is not loaded.

use codewalk_policy::{Asker, Grant, TrustedKeys, digest, is_adapter_name, permissions};

use super::spec::AdapterSpec;
use crate::engine::outline;
use crate::registry::{AdapterState, Registry};
use crate::source::Source;

impl Registry {
    /// Returns an adapter's grants, based on its present component or, if that cannot serve, on the last good
    /// one. Compiles nothing.
    #[must_use]
    pub fn grants(&self, spec: &AdapterSpec, keys: &TrustedKeys) -> Vec<Grant> {
        let ships = spec.source.ships();
        let is_known = !ships && is_adapter_name(&spec.name);
        let state = if is_known { self.state(&spec.name) } else { Ok(AdapterState::default()) };
        // Without a readable state, nothing is loaded.
        let Ok(state) = state else { return Vec::new() };
        if spec.http.is_empty() && state.approved.is_empty() {
            return Vec::new();
        }
        let given = |component: &[u8]| {
            let manifest = outline(component).ok()?.manifest().ok()?;
            let asker = asker(spec, component, digest(component), &state, keys);
            let given =
                permissions(manifest.as_ref(), &asker, &spec.http, &state.approved, &spec.credentials)
                    .ok()?;
            let is_taken = !state.rejected.contains(&asker.digest)
                && spec.pin.as_ref().is_none_or(|pin| *pin == asker.digest)
                && (ships || given.missing.is_empty());
            is_taken.then_some(given.grants)
        };
        let present = || given(&spec.source.read().ok()?);
        let last_good = || given(&self.good(&spec.name, state.current.as_deref()?).ok()?);
        present().or_else(last_good).unwrap_or_default()
    }
}

/// Returns the digest of a component and the trusted key that signed it, if any. They come from the state for
/// a stored component, and from the signature next to its file otherwise.
pub(crate) fn asker(
    spec: &AdapterSpec,
    component: &[u8],
    digest: String,
    state: &AdapterState,
    keys: &TrustedKeys,
) -> Asker {
    let known = state.signed.get(&digest).filter(|key| keys.find(key).is_some()).cloned();
    let beside = || match &spec.source {
        // The signer matters only for approvals that are bound to a signer.
        Source::File(file) if state.approved.iter().any(|approval| approval.key.is_some()) => {
            keys.verify_file(file, component).ok().flatten().map(|signer| signer.key)
        }
        _ => None,
    };
    Asker { key: known.or_else(beside), digest }
}
