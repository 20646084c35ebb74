//! Usage of runs: tokens and cost.

/// The usage of a run; always totals, never increments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Usage {
    /// Tokens read by the model, including cache reads and writes.
    pub input_tokens: u64,
    /// Tokens written by the model.
    pub output_tokens: u64,
    /// The cost in US dollars; `None` if the agent does not report it.
    pub cost_usd: Option<f64>,
}

impl Usage {
    /// Returns the sum of two runs' usage. Its cost is known only if both costs are, or if one run used
    /// nothing.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let nothing = |u: Self| u.input_tokens == 0 && u.output_tokens == 0 && u.cost_usd.is_none();
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cost_usd: match (self.cost_usd, other.cost_usd) {
                (Some(a), Some(b)) => Some(a + b),
                (Some(a), None) if nothing(other) => Some(a),
                (None, Some(b)) if nothing(self) => Some(b),
                _ => None,
            },
        }
    }
}
