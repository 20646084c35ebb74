//! What the operator approved, and for which component.

use serde::{Deserialize, Serialize};

use crate::manifest::{GrantRequest, Manifest};
use crate::world::World;

/// A request that the operator approved. It covers one component or, if that component is signed, all
/// components from its signer. The world and the name in the manifest must match too. An approval without a
/// digest or key covers no component, because a name alone proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The world of the adapter.
    pub world: World,
    /// The name in its manifest.
    pub name: String,
    /// The approved request.
    pub request: GrantRequest,
    /// The digest of the approved component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The public key of its signer, if that key was trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// The component that makes a request. Approvals are bound to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Its digest.
    pub digest: String,
    /// The public key of its signer, if that key is trusted.
    pub key: Option<String>,
}

impl Approval {
    /// Returns whether the approval covers the component with this manifest.
    #[must_use]
    pub fn is_for(&self, manifest: &Manifest, asker: &Asker) -> bool {
        let is_its = self.digest.as_ref() == Some(&asker.digest);
        let is_its_signers = self.key.is_some() && self.key == asker.key;
        self.is_for_name(manifest) && (is_its || is_its_signers)
    }

    /// Returns whether the approval was given to a component with this world and name, whatever its digest.
    #[must_use]
    pub fn is_for_name(&self, manifest: &Manifest) -> bool {
        self.world == manifest.world && self.name == manifest.name
    }
}
