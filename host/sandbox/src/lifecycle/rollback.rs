//! Rolls back a generation that fails in its first calls: step 8 of `swap`.

use std::sync::Arc;

use codewalk_policy::short_digest;

use super::adapter::Adapter;
use super::generation::Generation;
use super::swap::settle;
use crate::bindings::Port;
use crate::error::{Problem, RegistryError};

/// Restores the previous generation.
pub(super) fn roll_back<P: Port>(adapter: &Arc<Adapter<P>>, failed: &Arc<Generation<P>>) {
    let (name, digest) = (&adapter.spec.name, failed.digest().to_owned());
    let is_replaced = {
        let is_failed = |generation: &Arc<Generation<P>>| Arc::ptr_eq(generation, failed);
        let mut history = adapter.history();
        // Reject it before the file is read again.
        history.rejected.insert(digest.clone());
        if !adapter.live.load().as_ref().is_some_and(is_failed) {
            // It has already been replaced, and must not be restored either.
            drop(history.previous.take_if(|previous| is_failed(previous)));
            true
        } else if let Some(previous) = history.previous.take() {
            history.draining.add(failed);
            adapter.live.store(Some(previous));
            true
        } else {
            false
        }
    };
    tracing::warn!(
        adapter = name,
        digest = short_digest(&digest),
        is_replaced,
        "too many of its first calls failed"
    );
    let this = Arc::clone(adapter);
    adapter.runtime.threads.handle().spawn(async move { reject(this, digest, is_replaced).await });
}

/// Rejects a component that failed, and restores an earlier one unless another component has already replaced
/// it.
async fn reject<P: Port>(adapter: Arc<Adapter<P>>, failed: String, is_replaced: bool) {
    let mut generations = adapter.generations.lock().await;
    let digest = failed.clone();
    let rejected = adapter.blocking(move |this| match this.registry() {
        Some(registry) => Ok(registry.reject(&this.spec.name, &digest)?),
        None if is_replaced => Ok(()),
        None => Err(RegistryError::NoPrevious { name: this.spec.name.clone() }.into()),
    });
    match rejected.await {
        Ok(()) if adapter.registry().is_some() => drop(adapter.history().rejected.remove(&failed)),
        Ok(()) => {}
        Err(error) => {
            tracing::warn!(adapter = adapter.spec.name, %error, "cannot roll back a failed generation");
            if !is_replaced {
                // A failing component is better than none.
                let mut history = adapter.history();
                history.rejected.remove(&failed);
                history.last_problem = Some(format!("failed in its first calls; {error}"));
                return;
            }
        }
    }
    if !is_replaced {
        settle(&adapter, &mut generations).await.ok();
    }
    adapter.history().last_problem = Some(Problem::RolledBack { digest: failed }.to_string());
}
