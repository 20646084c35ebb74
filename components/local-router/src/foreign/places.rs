//! Finds unknown places: "im Projekt lager", "en el proyecto almacén", "在 foo 项目里".

use super::speech::Speech;
use crate::guess::Guess;
use crate::pattern::any_at;
use crate::places;
use crate::segment::is_han;
use crate::vocabulary;
use crate::word::{Mark, is_letter};

/// A place with an unknown name.
pub(super) enum Place {
    /// An unknown place, named as a project. Holds the hint about it.
    Unknown(String),
    /// A name that may be a place, or sounds like a known one.
    Guess(Guess),
}

impl Speech<'_> {
    /// Returns the unknown place, if the utterance names one.
    pub(super) fn place(&self) -> Option<Place> {
        let request = self.reading.request;
        if request.constraints.project.is_some() || !self.reading.names.projects.is_empty() {
            return None;
        }
        let (at, is_clear) = self.named_place()?;
        let word = self.words[at].text.to_string();
        let name = self.without_noun(&word).map_or(word.clone(), str::to_string);
        let alike = places::alike(&request.projects, name.clone(), at, 1);
        Some(match alike {
            Some(alike) => Place::Guess(alike),
            None if is_clear => Place::Unknown(places::unknown_hint(&request.projects, &name)),
            None => Place::Guess(Guess::Unknown(name)),
        })
    }

    /// Returns the position of a place's name, and whether it is almost certainly a place.
    fn named_place(&self) -> Option<(usize, bool)> {
        (0..self.words.len()).find_map(|at| {
            let here = &self.words[at..];
            // "Im Projekt lager".
            if let Some(taken) = any_at(here, self.language.places)
                && here[taken - 1].mark == Mark::None
                && self.may_be_name(at + taken)
            {
                let name = at + taken;
                let ends = self.words[name].mark != Mark::None
                    || (name + 1 == self.words.len() || !self.language.is_content(&self.words[name + 1]));
                return Some((name, ends));
            }
            // "Im lager-Projekt", "在 foo 项目".
            let taken = any_at(here, self.language.leads)?;
            let (name, noun) = (at + taken, at + taken + 1);
            let is_before_noun = self.words.get(noun).is_some_and(|word| word.is(self.language.places_after))
                && self.words[name].mark == Mark::None;
            let has_noun = self.words.get(name).is_some_and(|word| self.without_noun(&word.text).is_some());
            ((is_before_noun && self.may_be_name(name)) || has_noun).then_some((name, true))
        })
    }

    /// Returns the name in "lager-projekt".
    fn without_noun<'t>(&self, text: &'t str) -> Option<&'t str> {
        let (name, noun) = text.rsplit_once('-')?;
        (!name.is_empty() && self.language.places_after.contains(noun)).then_some(name)
    }

    fn may_be_name(&self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else { return false };
        let is_part = |c: char| is_letter(c) || c.is_ascii_digit() || matches!(c, '-' | '_');
        let is_ordinary = (vocabulary::is_technical(word) && !word.code)
            || self.language.nouns.contains(&word.text)
            || word.is(self.language.whole)
            || (self.language.spaceless && word.text.contains(is_han))
            || self.language.is_verb(word)
            || self.language.is_loose(word)
            || any_at(&self.words[at..], self.language.problems).is_some();
        self.is_content(at) && !word.quoted && word.text.chars().all(is_part) && !is_ordinary
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{idle, intent};
    use crate::{Constraints, Intent, Request, route};

    #[test]
    fn an_unknown_project_is_named_in_the_hint() {
        for (utterance, name) in [
            ("im Projekt lager das Passwortfeld verstecken", "lager"),
            ("behebe den Fehler im Projekt lager", "lager"),
            ("füge im lager-Projekt einen Test hinzu", "lager"),
            ("arregla el error en el proyecto tienda", "tienda"),
            ("en el proyecto tienda, añade un test", "tienda"),
            ("corrige l'erreur dans le projet boutique", "boutique"),
            ("dans le projet boutique, ajoute un test", "boutique"),
            ("在 foo 项目里修复登录错误", "foo"),
            ("修复 foo 项目的登录错误", "foo"),
        ] {
            let proposal = route(&Request { utterance: utterance.into(), ..idle() });
            let expected = format!("No project \"{name}\" is known. Known: shop, api, web.");
            assert!(
                matches!(&proposal.intent, Intent::CannotParse(hint) if *hint == expected),
                "{utterance}: {proposal:?}"
            );
        }
    }

    #[test]
    fn a_place_that_sounds_like_a_project_needs_a_confirmation() {
        for utterance in [
            "behebe den Fehler im Projekt schop",
            "arregla el error en el proyecto shopp",
            "corrige l'erreur dans le projet shopp",
            "在 shopp 项目里修复登录错误",
        ] {
            assert_eq!(intent(utterance, &idle()), "offer claude shop", "{utterance}");
        }
    }

    #[test]
    fn the_word_after_project_need_not_be_a_name() {
        for utterance in [
            "im Projekt fehlen Tests für die Anmeldung, schreib welche",
            "räum im Projekt alle Tests auf",
            "behebe den Fehler im ganzen Projekt",
            "在整个项目里修复登录错误",
            "en el proyecto hay un error, corrígelo en la página de pago",
            "dans le projet, corrige les erreurs de la page",
        ] {
            assert_ne!(intent(utterance, &idle()), "cannot-parse", "{utterance}");
        }
        let constraints = Constraints { agent: None, project: Some("shop".into()) };
        let fixed = Request { constraints, ..idle() };
        assert_eq!(intent("behebe den Fehler im Projekt lager", &fixed), "launch claude shop");
    }
}
