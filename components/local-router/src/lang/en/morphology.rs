//! English endings and contractions.

/// The ending of a possessive.
pub const POSSESSIVE: &str = "'s";

/// The ending of a gerund: "parsing".
pub const GERUND: &str = "ing";

/// The ending of a past participle: "parsed".
pub const PARTICIPLE: &str = "ed";

/// The ending of an adverb: "quickly".
pub const ADVERB: &str = "ly";

/// The ending of a plural, or of a verb in the third person.
pub const S: char = 's';

/// Endings that an imperative verb does not have.
pub const INFLECTIONS: [&str; 4] = ["s", PARTICIPLE, GERUND, ADVERB];

/// Endings of the plural, and the endings of the singular that they replace.
pub const PLURALS: [(&str, &str); 3] = [("s", ""), ("es", ""), ("ies", "y")];

/// The plural ending of nouns in "y".
pub const PLURAL_OF_Y: &str = "ies";

/// The plural ending of nouns in a sibilant.
pub const PLURAL_OF_HISS: &str = "es";

/// Endings that are ignored when words of a topic are compared, the longest first.
pub const TOPIC_ENDINGS: [&str; 10] = ["ings", "ing", "ions", "ion", "ers", "er", "ed", "es", "s", "e"];

/// Final letters that mark another form of a verb rather than a slip: "removed", "changes".
pub const NO_SLIPS: [u8; 3] = [b'd', b's', b'r'];

/// Endings of a time of day: "5pm".
pub const TIMES_OF_DAY: [&str; 2] = ["pm", "am"];

/// Contractions without a common ending, in alphabetical order.
pub static CONTRACTIONS: [(&str, &str, &str); 44] = [
    ("arent", "are", "not"),
    ("can't", "can", "not"),
    ("cannot", "can", "not"),
    ("cant", "can", "not"),
    ("couldnt", "could", "not"),
    ("didnt", "did", "not"),
    ("doesnt", "does", "not"),
    ("dont", "do", "not"),
    ("gimme", "give", "me"),
    ("gonna", "going", "to"),
    ("gotta", "need", "to"),
    ("hasnt", "has", "not"),
    ("havent", "have", "not"),
    ("he's", "he", "is"),
    ("here's", "here", "is"),
    ("how's", "how", "is"),
    ("hows", "how", "is"),
    ("im", "i", "am"),
    ("isnt", "is", "not"),
    ("it's", "it", "is"),
    ("ive", "i", "have"),
    ("lemme", "let", "me"),
    ("let's", "let", "us"),
    ("lets", "let", "us"),
    ("shan't", "shall", "not"),
    ("she's", "she", "is"),
    ("shouldnt", "should", "not"),
    ("that's", "that", "is"),
    ("thats", "that", "is"),
    ("there's", "there", "is"),
    ("theres", "there", "is"),
    ("wanna", "want", "to"),
    ("wasnt", "was", "not"),
    ("what's", "what", "is"),
    ("whats", "what", "is"),
    ("when's", "when", "is"),
    ("where's", "where", "is"),
    ("wheres", "where", "is"),
    ("who's", "who", "is"),
    ("whos", "who", "is"),
    ("why's", "why", "is"),
    ("won't", "will", "not"),
    ("wont", "will", "not"),
    ("wouldnt", "would", "not"),
];

/// Endings of other contractions, and the words that they stand for.
pub const CONTRACTED: [(&str, &str); 6] =
    [("n't", "not"), ("'re", "are"), ("'ve", "have"), ("'ll", "will"), ("'m", "am"), ("'d", "would")];
