//! Names of adapters and credentials, and which names can be mistaken for each other.

/// The maximum length of a name, in bytes.
const MAX_NAME: usize = 64;

/// Returns which of the names `shipped` a name can be mistaken for: one that is the same, or differs only in
/// hyphens, case, similar characters or a single typing mistake.
#[must_use]
pub fn looks_like<'a>(name: &str, shipped: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = skeleton(name);
    shipped.into_iter().find(|known| skeleton(known) == alike || is_one_slip_away(name, known))
}

/// Returns whether two texts differ only by one letter that was added, removed or changed, or by two swapped
/// neighbours.
fn is_one_slip_away(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    match (&one[same..], &other[same..]) {
        ([_, left @ ..], [_, right @ ..]) if left == right => true,
        ([_, left @ ..], right) | (right, [_, left @ ..]) if left == right => true,
        ([a, b, left @ ..], [c, d, right @ ..]) => (a, b) == (d, c) && left == right,
        (left, right) => left.is_empty() && right.is_empty(),
    }
}

/// Returns a name in which each group of similar characters is replaced by one of them.
fn skeleton(name: &str) -> String {
    let plain = name.to_ascii_lowercase().replace(['-', '_', '.'], "").replace("rn", "m").replace("vv", "w");
    let like = |c| match c {
        '0' => 'o',
        '1' | 'i' => 'l',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '6' | '9' => 'g',
        '8' => 'b',
        c => c,
    };
    plain.chars().map(like).collect()
}

/// Returns whether a name is valid for an adapter. It becomes part of file names, so it is checked first.
#[must_use]
pub fn is_adapter_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Returns whether a name is valid for a credential.
#[must_use]
pub fn is_credential_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_can_be_mistaken_for_another_is_found() {
        let shipped = ["local-router", "groq-summarizer"];
        for name in [
            "local-router",
            "local-router-",
            "localrouter",
            "local--router",
            "Local-Router",
            "l0cal-router",
            "1ocal-router",
            "loca1-r0uter",
            "iocal-router",
            "locall-router",
            "loca-router",
            "lcoal-router",
            "local-rovter",
            "local-routers",
        ] {
            assert_eq!(looks_like(name, shipped), Some("local-router"), "{name}");
        }
        assert_eq!(looks_like("gr0q-surnrnarizer", shipped), Some("groq-summarizer"));
        for name in ["groq-summariser", "grok-summarizer", "goq-summarizer", "Groq-Summarizers"] {
            assert_eq!(looks_like(name, shipped), Some("groq-summarizer"), "{name}");
        }
        for name in ["mine", "router", "local-router-2", "grok-router", "my-local-router", "lcal-ruoter", ""]
        {
            assert_eq!(looks_like(name, shipped), None, "{name}");
        }
    }
}
