//! Reads JSON in place and in a single pass, and skips what is not needed.
//!
//! Accepts everything that `serde_json` accepts. In a skipped text, it only looks for the end, and an error
//! within a text costs one character: models do produce unpaired surrogates, and a request with one wrong
//! character is better than one that is never shown.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

/// A text as it is written, without its quotation marks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Str<'a> {
    raw: &'a [u8],
}

impl<'a> Str<'a> {
    /// Returns the text.
    pub(crate) fn decode(self) -> Cow<'a, str> {
        self.beginning(usize::MAX)
    }

    /// Returns at least this many bytes of the text, if it is long enough.
    pub(crate) fn beginning(self, length: usize) -> Cow<'a, str> {
        match self.first_bytes(length) {
            Cow::Borrowed(bytes) => match str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => String::from_utf8_lossy(bytes),
            },
            Cow::Owned(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Cow::Owned(text),
                Err(error) => Cow::Owned(String::from_utf8_lossy(error.as_bytes()).into_owned()),
            },
        }
    }

    /// Returns whether it equals a text.
    pub(crate) fn is(self, text: &str) -> bool {
        *self.bytes() == *text.as_bytes()
    }

    /// Returns the bytes of the text, which may be invalid UTF-8.
    pub(crate) fn bytes(self) -> Cow<'a, [u8]> {
        self.first_bytes(usize::MAX)
    }

    fn first_bytes(self, length: usize) -> Cow<'a, [u8]> {
        /// Must not miss a character that is cut off.
        const CHARACTER: usize = 4;
        let length = length.saturating_add(CHARACTER);
        let beginning = &self.raw[..length.min(self.raw.len())];
        let Some(at) = memchr::memchr(b'\\', beginning) else { return Cow::Borrowed(beginning) };
        let (plain, mut rest) = self.raw.split_at(at);
        let mut bytes = Vec::with_capacity(beginning.len());
        bytes.extend_from_slice(plain);
        while bytes.len() < length && !rest.is_empty() {
            if rest[0] == b'\\' {
                rest = unescape(rest, &mut bytes);
                continue;
            }
            let Some(word) = rest.first_chunk() else {
                bytes.push(rest[0]);
                rest = &rest[1..];
                continue;
            };
            let at = first(word, b'\\').unwrap_or(word.len());
            bytes.extend_from_slice(word);
            bytes.truncate(bytes.len() - (word.len() - at));
            rest = &rest[at..];
        }
        Cow::Owned(bytes)
    }
}

/// The number of bytes inspected at once. Texts, and the pieces between escapes, are short, so a call to
/// `memchr` would take as long.
type Word = [u8; 16];

/// Returns the first position of a byte.
fn first(word: &Word, byte: u8) -> Option<usize> {
    const ONES: u128 = u128::MAX / 0xff;
    // Equal bytes become zero. The highest bit of each zero byte, and of some after it, is set.
    let differing = u128::from_le_bytes(*word) ^ (ONES * u128::from(byte));
    let zeros = differing.wrapping_sub(ONES) & !differing & (ONES << 7);
    (zeros != 0).then(|| zeros.trailing_zeros() as usize / 8)
}

/// Appends the character of an escape, and returns the rest.
fn unescape<'a>(escape: &'a [u8], bytes: &mut Vec<u8>) -> &'a [u8] {
    let (byte, rest) = match escape {
        [_, b'u', ..] => return unescape_units(escape, bytes),
        [_, b'b', rest @ ..] => (0x08, rest),
        [_, b'f', rest @ ..] => (0x0c, rest),
        [_, b'n', rest @ ..] => (b'\n', rest),
        [_, b'r', rest @ ..] => (b'\r', rest),
        [_, b't', rest @ ..] => (b'\t', rest),
        [_, byte, rest @ ..] => (*byte, rest),
        _ => return &[],
    };
    bytes.push(byte);
    rest
}

/// Appends the character of an escape like `\u00e4`, or of a surrogate pair.
fn unescape_units<'a>(escape: &'a [u8], bytes: &mut Vec<u8>) -> &'a [u8] {
    const LENGTH: usize = 6;
    let units = escape.chunks(LENGTH).take(2).map_while(unit);
    let (c, count) = match char::decode_utf16(units).next() {
        Some(Ok(c)) => (c, c.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, 1),
    };
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    escape.get(LENGTH * count..).unwrap_or_default()
}

fn unit(escape: &[u8]) -> Option<u16> {
    let digits = str::from_utf8(escape.strip_prefix(br"\u")?).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

/// A position in JSON. Methods return `None` if the JSON is broken.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    json: &'a [u8],
    at: usize,
    /// The closing brackets of the skipped values, the innermost last.
    ends: Vec<u8>,
}

impl<'a> Cursor<'a> {
    /// Starts at the beginning.
    pub(crate) fn new(json: &'a [u8]) -> Self {
        Self { json, at: 0, ends: Vec::new() }
    }

    /// Visits the members of an object by their keys. Other values have no members. The callback reads or
    /// skips each value.
    pub(crate) fn object(&mut self, member: impl FnMut(&mut Self, &[u8]) -> Option<()>) -> Option<()> {
        if self.peek()? != b'{' {
            return self.skip();
        }
        if self.enter(b'}')? { self.members(member) } else { Some(()) }
    }

    /// Visits the members from the next key on.
    pub(crate) fn members(&mut self, mut member: impl FnMut(&mut Self, &[u8]) -> Option<()>) -> Option<()> {
        loop {
            let key = self.key()?;
            member(self, &key.bytes())?;
            if !self.more(b'}')? {
                return Some(());
            }
        }
    }

    /// Visits the elements of a list. Other values have no elements. The callback reads or skips each
    /// element.
    pub(crate) fn list(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.peek()? != b'[' {
            return self.skip();
        }
        let mut more = self.enter(b']')?;
        while more {
            element(self)?;
            more = self.more(b']')?;
        }
        Some(())
    }

    /// Reads a text. The inner value is `None` if the value has another type.
    pub(crate) fn text(&mut self) -> Option<Option<Str<'a>>> {
        match self.peek()? {
            b'"' => self.string().map(Some),
            _ => self.skip().map(|()| None),
        }
    }

    /// Reads a value. Returns whether it is `true`.
    pub(crate) fn is_true(&mut self) -> Option<bool> {
        Some(self.written(Self::skip)? == b"true")
    }

    /// Reads a value and returns its raw JSON.
    pub(crate) fn written(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<&'a [u8]> {
        self.peek()?;
        let begin = self.at;
        read(self)?;
        Some(&self.json[begin..self.at])
    }

    /// Returns the first byte of the next value.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.json.get(self.at)? {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Skips a value.
    pub(crate) fn skip(&mut self) -> Option<()> {
        self.ends.clear();
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' => {
                    if self.enter(b'}')? {
                        self.ends.push(b'}');
                        self.key()?;
                        continue;
                    }
                }
                b'[' => {
                    if self.enter(b']')? {
                        self.ends.push(b']');
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            loop {
                let Some(end) = self.ends.last().copied() else { return Some(()) };
                if self.more(end)? {
                    if end == b'}' {
                        self.key()?;
                    }
                    break;
                }
                self.ends.pop();
            }
        }
    }

    /// Checks that nothing follows.
    pub(crate) fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// Enters an object or a list. Returns whether it has content.
    fn enter(&mut self, end: u8) -> Option<bool> {
        self.at += 1;
        let is_empty = self.peek()? == end;
        self.at += usize::from(is_empty);
        Some(!is_empty)
    }

    /// Reads the separator after a member or an element. Returns whether another follows.
    fn more(&mut self, end: u8) -> Option<bool> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b',' => Some(true),
            byte if byte == end => Some(false),
            _ => None,
        }
    }

    fn key(&mut self) -> Option<Str<'a>> {
        let key = (self.peek()? == b'"').then(|| self.string())??;
        let colon = self.peek()? == b':';
        self.at += 1;
        colon.then_some(key)
    }

    /// Reads a text that starts here.
    fn string(&mut self) -> Option<Str<'a>> {
        let text = &self.json[self.at + 1..];
        let mut begin = 0;
        loop {
            let mark = begin + quotation_mark(&text[begin..])?;
            let backslashes = text[begin..mark].iter().rev().take_while(|byte| **byte == b'\\').count();
            begin = mark + 1;
            // This quotation mark is not escaped.
            if backslashes % 2 == 0 {
                self.at += begin + 1;
                return Some(Str { raw: &text[..mark] });
            }
        }
    }

    /// Skips a number or a literal.
    fn scalar(&mut self) -> Option<()> {
        let rest = &self.json[self.at..];
        self.at += match rest {
            [b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..] => 4,
            [b'f', b'a', b'l', b's', b'e', ..] => 5,
            _ => number(rest)?,
        };
        Some(())
    }
}

/// Returns the position of the first quotation mark. Keys and most identifiers are short enough to be scanned
/// in one step.
fn quotation_mark(text: &[u8]) -> Option<usize> {
    match text.split_first_chunk() {
        Some((word, rest)) => first(word, b'"').or_else(|| Some(word.len() + memchr::memchr(b'"', rest)?)),
        None => text.iter().position(|byte| *byte == b'"'),
    }
}

/// Returns the length of the number at the beginning.
pub(crate) fn number(text: &[u8]) -> Option<usize> {
    let digits = |at: usize| text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let some = |at: usize| Some(digits(at)).filter(|count| *count > 0).map(|count| at + count);
    let begin = usize::from(text.first() == Some(&b'-'));
    let mut at = some(begin)?;
    if text[begin] == b'0' && at > begin + 1 {
        return None;
    }
    if text.get(at) == Some(&b'.') {
        at = some(at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        at = some(at + usize::from(matches!(text.get(at), Some(b'+' | b'-'))))?;
    }
    Some(at)
}
