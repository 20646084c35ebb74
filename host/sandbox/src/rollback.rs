//! How a generation that fails in its first calls gives way to the one before: step 8 of `swap`.

use std::sync::Arc;

use crate::adapter::Adapter;
use crate::bindings::Port;
use crate::error::{Problem, short};
use crate::generation::Generation;
use crate::registry::RegistryError;

impl<P: Port> Adapter<P> {
    /// Lets the generation before serve again.
    pub(crate) fn roll_back(self: &Arc<Self>, failed: &Arc<Generation<P>>) {
        let (adapter, digest) = (&self.spec.name, failed.digest().to_owned());
        let is_replaced = {
            let is_failed = |generation: &Arc<Generation<P>>| Arc::ptr_eq(generation, failed);
            let mut past = self.past();
            // Before anybody looks at the file again.
            past.rejected.insert(digest.clone());
            if !self.live.load().as_ref().is_some_and(is_failed) {
                // It was replaced meanwhile, and is not to be gone back to either.
                drop(past.previous.take_if(|previous| is_failed(previous)));
                true
            } else if let Some(previous) = past.previous.take() {
                past.draining.add(failed);
                self.live.store(Some(previous));
                true
            } else {
                false
            }
        };
        tracing::warn!(adapter, digest = short(&digest), is_replaced, "too many of its first calls failed");
        let this = Arc::clone(self);
        self.sandbox.threads.handle().spawn(async move { this.reject(digest, is_replaced).await });
    }

    /// Remembers that a component failed, and takes an earlier one where none serves yet.
    async fn reject(self: Arc<Self>, failed: String, is_replaced: bool) {
        let mut generations = self.generations.lock().await;
        let digest = failed.clone();
        let rejected = self.blocking(move |this| match this.registry() {
            Some(registry) => Ok(registry.reject(&this.spec.name, &digest)?),
            None if is_replaced => Ok(()),
            None => Err(RegistryError::NoPrevious { name: this.spec.name.clone() }.into()),
        });
        match rejected.await {
            Ok(()) if self.registry().is_some() => drop(self.past().rejected.remove(&failed)),
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(adapter = self.spec.name, %error, "a generation that failed");
                if !is_replaced {
                    // It failed, and still serves better than nothing.
                    let mut past = self.past();
                    past.rejected.remove(&failed);
                    past.last_problem = Some(format!("failed in its first calls; {error}"));
                    return;
                }
            }
        }
        if !is_replaced {
            self.settle(&mut generations).await.ok();
        }
        self.past().last_problem = Some(Problem::RolledBack { digest: failed }.to_string());
    }
}
