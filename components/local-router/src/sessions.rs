//! Finds the session that a reference means.

use crate::reference::{Order, Reference};
use crate::{Agent, ControlAction, Project, Session, SessionState};

/// The purpose of a search for a session. It determines the order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To control the session.
    Control(ControlAction),
    /// To send the session a message.
    Tell,
    /// To answer a question about the session; one in this state is preferred.
    Ask(Option<SessionState>),
}

/// The result of a search.
#[derive(Debug, PartialEq, Eq)]
pub enum SessionMatch<'r> {
    /// No session fits.
    None,
    /// One session fits, but its state does not allow the purpose.
    Unfit(&'r Session),
    /// One session fits.
    One(&'r Session),
    /// Several sessions fit equally well.
    Several(Vec<&'r Session>),
}

/// Returns whether a session is live.
pub fn is_live(session: &Session) -> bool {
    matches!(session.state, SessionState::Starting | SessionState::Running | SessionState::Waiting)
}

/// The sessions to search, with the names of the request.
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'r> {
    /// The sessions that the words may refer to.
    pub all: &'r [&'r Session],
    /// The names of the known agents.
    pub agents: &'r [Agent],
    /// The names of the known projects.
    pub projects: &'r [Project],
    /// The time of the request.
    pub now: u64,
}

impl<'r> Sessions<'r> {
    /// Finds the session that a reference means.
    pub fn find(&self, reference: &Reference, purpose: Purpose) -> SessionMatch<'r> {
        let mut pool = self.named(reference);
        if !reference.topic.is_empty() {
            let best = pool.iter().map(|session| reference.overlap(session)).max().unwrap_or(0);
            if best == 0 && !reference.names_any() {
                return SessionMatch::None;
            }
            pool.retain(|session| reference.overlap(session) == best);
        }
        let Some(first) = pool.first().copied() else { return SessionMatch::None };
        if let Some(order) = reference.order {
            return self.in_order(pool, order).map_or(SessionMatch::None, |session| fit(session, purpose));
        }
        let preferred: Vec<_> = pool.iter().copied().filter(|session| prefers(purpose, session)).collect();
        let fitting: Vec<_> = pool.iter().copied().filter(|session| fits(purpose, session)).collect();
        let pool = if preferred.is_empty() || reference.group { fitting } else { preferred };
        match pool[..] {
            [] => SessionMatch::Unfit(first),
            [one] => SessionMatch::One(one),
            _ => self.choose(pool, reference, purpose),
        }
    }

    fn named(&self, reference: &Reference) -> Vec<&'r Session> {
        let agent = reference.agent.map(|index| self.agents[index].name.as_str());
        let project = reference.project.map(|index| self.projects[index].name.as_str());
        let fits = |session: &&Session| {
            agent.is_none_or(|agent| session.agent == agent)
                && project.is_none_or(|project| session.project == project)
                && reference.state.is_none_or(|state| {
                    session.state == state || (state == SessionState::Running && is_live(session))
                })
        };
        self.all.iter().copied().filter(fits).collect()
    }

    /// Chooses the newest of several sessions, if it is clearly newer than the next. An agent is never
    /// stopped on such a guess.
    fn choose(&self, pool: Vec<&'r Session>, reference: &Reference, purpose: Purpose) -> SessionMatch<'r> {
        let may_guess = match purpose {
            Purpose::Control(ControlAction::Resume) => reference.is_bare(),
            Purpose::Control(_) => false,
            Purpose::Tell => reference.is_bare() || !pool.iter().any(|session| is_live(session)),
            Purpose::Ask(_) => true,
        };
        let age = |session: &Session| self.now.saturating_sub(session.changed_at);
        let is_clear = |newest: &Session| {
            let mut others = pool.iter().filter(|other| !std::ptr::eq(**other, newest));
            others.all(|other| age(newest).saturating_mul(2) <= age(other) && age(newest) < age(other))
        };
        match self.in_order(pool.clone(), Order::Newest) {
            Some(newest) if may_guess && is_clear(newest) => SessionMatch::One(newest),
            _ => SessionMatch::Several(pool),
        }
    }

    fn in_order(&self, pool: Vec<&'r Session>, order: Order) -> Option<&'r Session> {
        // The request lists the newest session first, so of two with the same time, the first is newer.
        match order {
            Order::Newest => pool.into_iter().rev().max_by_key(|session| session.changed_at),
            Order::Oldest => pool.into_iter().rev().min_by_key(|session| session.changed_at),
        }
    }
}

fn fit(session: &Session, purpose: Purpose) -> SessionMatch<'_> {
    if fits(purpose, session) { SessionMatch::One(session) } else { SessionMatch::Unfit(session) }
}

fn fits(purpose: Purpose, session: &Session) -> bool {
    match purpose {
        Purpose::Control(ControlAction::Resume) => !is_live(session),
        Purpose::Control(_) => is_live(session),
        Purpose::Tell | Purpose::Ask(_) => true,
    }
}

fn prefers(purpose: Purpose, session: &Session) -> bool {
    match purpose {
        Purpose::Control(ControlAction::Interrupt) => session.state == SessionState::Running,
        Purpose::Control(_) => fits(purpose, session),
        Purpose::Ask(Some(state)) => session.state == state,
        Purpose::Tell | Purpose::Ask(None) => is_live(session),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Names;
    use crate::words::split;

    fn session(
        id: &str,
        utterance: &str,
        agent: &str,
        project: &str,
        state: SessionState,
        changed_at: u64,
    ) -> Session {
        Session {
            id: id.into(),
            utterance: utterance.into(),
            agent: agent.into(),
            project: project.into(),
            state,
            changed_at,
        }
    }

    fn find(words: &str, purpose: Purpose) -> String {
        let agents = ["claude", "codex"].map(|name| Agent { name: name.into(), default: false });
        let projects = ["shop", "api"].map(|name| Project { name: name.into(), path: String::new() });
        let sessions = [
            session(
                "login",
                "fix the flaky login test in shop",
                "claude",
                "shop",
                SessionState::Running,
                990,
            ),
            session("upload", "add rate limiting to uploads", "codex", "api", SessionState::Waiting, 960),
            session("badges", "update the README badges", "claude", "shop", SessionState::Completed, 900),
            session("orders", "migrate the orders table", "codex", "api", SessionState::Failed, 100),
        ];
        let all: Vec<&Session> = sessions.iter().collect();
        let words = split(words);
        let reference = Reference::read(&words, 0, &Names::find(&words, &projects, &agents));
        let sessions = Sessions { all: &all, agents: &agents, projects: &projects, now: 1000 };
        match sessions.find(&reference, purpose) {
            SessionMatch::None => "none".into(),
            SessionMatch::Unfit(session) => format!("unfit {}", session.id),
            SessionMatch::One(session) => session.id.clone(),
            SessionMatch::Several(several) => {
                several.iter().map(|session| session.id.as_str()).collect::<Vec<_>>().join("+")
            }
        }
    }

    const STOP: Purpose = Purpose::Control(ControlAction::Stop);
    const RESUME: Purpose = Purpose::Control(ControlAction::Resume);

    #[test]
    fn agents_projects_states_and_topics_find_a_session() {
        assert_eq!(find("the shop session", Purpose::Tell), "login");
        assert_eq!(find("codex", STOP), "upload");
        assert_eq!(find("the rate limiting one", STOP), "upload");
        assert_eq!(find("the failed session", Purpose::Ask(None)), "orders");
        assert_eq!(find("the order migration", Purpose::Ask(None)), "orders");
        assert_eq!(find("the billing session", STOP), "none");
    }

    #[test]
    fn a_session_must_be_in_a_state_for_the_purpose() {
        assert_eq!(find("the badge one", STOP), "unfit badges");
        assert_eq!(find("the api one", RESUME), "orders");
        assert_eq!(find("the login one", RESUME), "unfit login");
    }

    #[test]
    fn a_pronoun_means_the_clearly_newest_unless_it_would_be_stopped() {
        assert_eq!(find("it", Purpose::Tell), "login");
        assert_eq!(find("it", RESUME), "badges");
        assert_eq!(find("it", STOP), "login+upload");
        assert_eq!(find("the oldest session", Purpose::Ask(None)), "orders");
    }
}
