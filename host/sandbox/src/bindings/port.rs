//! A port that guests serve.

use codewalk_policy::World;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::answers::UnusableAnswer;
use super::state::CallState;
use crate::recording::Subject;
use crate::wit::types;

/// What a guest returned: an answer or an error.
pub(crate) type GuestReply<P> = Result<<P as Port>::Returned, types::PortError>;

/// A port that a guest can serve.
pub(crate) trait Port: Sized + Send + Sync + 'static {
    /// The world of its adapters.
    const WORLD: World;
    /// The core's question.
    type Question;
    /// The answer for the core.
    type Answer: Send + 'static;
    /// The request for a guest.
    type Request: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// The guest's answer.
    type Returned: Serialize + Send + 'static;
    /// A component with checked exports.
    type Ready: Send + Sync + 'static;

    fn request(question: &Self::Question) -> Self::Request;
    /// Returns the time of a request, in milliseconds since 1970.
    fn now(request: &Self::Request) -> u64;
    /// Returns the subject of a question: its utterance or session.
    fn subject(question: &Self::Question) -> Subject;
    /// Returns an empty request, to be filled in.
    fn blank() -> Self::Request;
    /// Converts a guest's answer for the core.
    fn answer(returned: Self::Returned, request: &Self::Request) -> Result<Self::Answer, UnusableAnswer>;
    /// Finds the exports of a component and checks their types.
    fn ready(pre: InstancePre<CallState>) -> wasmtime::Result<Self::Ready>;
    fn call(
        ready: &Self::Ready,
        store: &mut Store<CallState>,
        request: &Self::Request,
    ) -> impl Future<Output = wasmtime::Result<GuestReply<Self>>> + Send;
}
