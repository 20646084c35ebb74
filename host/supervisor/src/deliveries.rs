//! The format of the file `delivered`: one line per message, `CALL RESULT`.
//!
//! The supervisor writes a line after the last byte of the message is in the agent's pipe. If a line is
//! missing, the message was not delivered, or the supervisor was killed in that moment, and the agent with
//! it.

use crate::messages::Call;

/// The fate of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The supervisor did what it asks for.
    Delivered,
    /// The agent or the host had closed the agent's standard input.
    InputClosed,
}

const DELIVERED: &str = "delivered";
const INPUT_CLOSED: &str = "input-closed";

pub(crate) fn encode(call: &Call, delivery: Delivery) -> String {
    let result = match delivery {
        Delivery::Delivered => DELIVERED,
        Delivery::InputClosed => INPUT_CLOSED,
    };
    format!("{call} {result}\n")
}

/// Parses the complete lines. Others are skipped.
pub(crate) fn decode(bytes: &[u8]) -> Vec<(Call, Delivery)> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    let parse = |line: &str| {
        let (call, result) = line.split_once(' ')?;
        let delivery = match result {
            DELIVERED => Delivery::Delivered,
            INPUT_CLOSED => Delivery::InputClosed,
            _ => return None,
        };
        Some((Call::new(call).ok()?, delivery))
    };
    lines.filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_the_supervisor_did_not_finish_counts_for_nothing() {
        let (one, two) = (Call::new("one").unwrap(), Call::new("two").unwrap());
        let mut file = encode(&one, Delivery::Delivered);
        let first = file.len();
        file += &encode(&two, Delivery::InputClosed);
        for length in first..file.len() {
            assert_eq!(decode(&file.as_bytes()[..length]), [(one.clone(), Delivery::Delivered)]);
        }
        let both = [(one, Delivery::Delivered), (two, Delivery::InputClosed)];
        assert_eq!(decode(file.as_bytes()), both);
        assert_eq!(decode(b"one\n\xff delivered\none other\n"), []);
    }
}
