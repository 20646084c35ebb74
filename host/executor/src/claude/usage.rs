//! Counts the usage of a run, without counting anything twice.

use codewalk_core::session::Usage;
use serde_json::Value;

use super::wire::text;

/// The highest plausible cost, in dollars. Higher and negative costs are ignored.
const MAX_COST: f64 = 1e9;

/// Sums up the results of a run.
///
/// The totals in a result include earlier runs of the conversation, and messages contain only preliminary
/// figures. The usage of the run is the sum of the increments between results.
#[derive(Debug)]
pub(crate) struct Meter {
    resumed: bool,
    total: Usage,
    /// The identifier of the last result.
    last: String,
}

impl Meter {
    /// Starts counting for a run, which may continue a conversation.
    pub(crate) fn new(resumed: bool) -> Self {
        Self { resumed, total: Usage::default(), last: String::new() }
    }

    /// Adds a `result` line. Returns the usage of the run so far.
    pub(crate) fn add(&mut self, result: &Value) -> Usage {
        let id = text(result, "uuid");
        if !id.is_empty() && id == self.last {
            return self.total;
        }
        id.clone_into(&mut self.last);
        let increment = match result.get("model_usage_since_last_result").and_then(Value::as_object) {
            Some(models) => models
                .values()
                .map(of_model)
                .fold(Usage { cost_usd: Some(0.0), ..Usage::default() }, Usage::plus),
            None => Usage { cost_usd: self.cost_without_increment(result), ..of_turn(result) },
        };
        self.total = self.total.plus(increment);
        self.total
    }

    /// Older agents report only the cost of the whole conversation.
    fn cost_without_increment(&self, result: &Value) -> Option<f64> {
        let total = price(result, "total_cost_usd")?;
        let increment = (total - self.total.cost_usd.unwrap_or(0.0)).max(0.0);
        (!self.resumed).then_some(increment)
    }
}

fn of_model(model: &Value) -> Usage {
    let tokens = |key| model.get(key).and_then(Value::as_u64).unwrap_or(0);
    Usage {
        input_tokens: tokens("inputTokens")
            .saturating_add(tokens("cacheReadInputTokens"))
            .saturating_add(tokens("cacheCreationInputTokens")),
        output_tokens: tokens("outputTokens"),
        cost_usd: price(model, "costUSD"),
    }
}

fn price(value: &Value, key: &str) -> Option<f64> {
    value.get(key)?.as_f64().filter(|cost| (0.0..=MAX_COST).contains(cost))
}

fn of_turn(result: &Value) -> Usage {
    let tokens = |key| result.pointer(key).and_then(Value::as_u64).unwrap_or(0);
    Usage {
        input_tokens: tokens("/usage/input_tokens")
            .saturating_add(tokens("/usage/cache_read_input_tokens"))
            .saturating_add(tokens("/usage/cache_creation_input_tokens")),
        output_tokens: tokens("/usage/output_tokens"),
        cost_usd: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn increment(tokens: u64, cost: f64) -> Value {
        json!({
            "total_cost_usd": 99.0, "usage": {"input_tokens": 99},
            "model_usage_since_last_result": {
                "a": {"inputTokens": tokens, "cacheReadInputTokens": 1, "cacheCreationInputTokens": 1,
                    "outputTokens": 2, "costUSD": cost},
                "b": {"inputTokens": tokens, "costUSD": cost},
            },
        })
    }

    #[test]
    fn increments_of_all_models_add_up_and_totals_are_not_added() {
        let mut meter = Meter::new(true);
        meter.add(&increment(10, 0.25));
        let usage = meter.add(&increment(1, 0.5));
        assert_eq!(usage, Usage { input_tokens: 26, output_tokens: 4, cost_usd: Some(1.5) });
    }

    #[test]
    fn a_repeated_result_counts_once() {
        let mut meter = Meter::new(false);
        let identified = |id: &str| {
            let mut result = increment(10, 0.25);
            result["uuid"] = id.into();
            result
        };
        let once = meter.add(&identified("a"));
        assert_eq!(meter.add(&identified("a")), once);
        assert_eq!(meter.add(&identified("b")).output_tokens, 2 * once.output_tokens);
    }

    #[test]
    fn an_implausible_cost_is_ignored() {
        for cost in [-1.0, 1e308] {
            assert_eq!(Meter::new(false).add(&increment(1, cost)).cost_usd, None, "{cost}");
            let total = json!({"total_cost_usd": cost, "usage": {"input_tokens": 1}});
            assert_eq!(Meter::new(false).add(&total).cost_usd, None, "{cost}");
        }
    }

    #[test]
    fn a_turn_that_failed_immediately_costs_nothing() {
        let usage = Meter::new(false).add(&json!({"model_usage_since_last_result": {}, "usage": {}}));
        assert_eq!(usage, Usage { cost_usd: Some(0.0), ..Usage::default() });
    }

    #[test]
    fn without_increments_turns_add_up_and_only_a_new_total_is_the_cost() {
        let turn = |total: f64| {
            let usage = json!({"input_tokens": 1, "cache_read_input_tokens": 2, "output_tokens": 3});
            json!({"total_cost_usd": total, "usage": usage})
        };
        let mut new = Meter::new(false);
        new.add(&turn(0.25));
        assert_eq!(new.add(&turn(0.75)), Usage { input_tokens: 6, output_tokens: 6, cost_usd: Some(0.75) });
        assert_eq!(Meter::new(true).add(&turn(0.75)).cost_usd, None);
    }
}
