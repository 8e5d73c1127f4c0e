//! Where a task or a list stands among the others.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use thiserror::Error;

use super::json::{self, FromJson, Problem};
use super::macros::json_schema;

use super::list::ListId;
use super::task::TaskId;

/// A number of at most 2^53 either way: what has a smaller one comes first. There is one zero, so -0 is 0.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Order(f64);

/// Not finite, or too large.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be a number from -9007199254740992 to 9007199254740992")]
pub struct OrderError;

impl Order {
    pub const ZERO: Self = Self(0.0);

    /// 2^53: up to here, every whole number has a value of its own.
    const MAX: f64 = 9_007_199_254_740_992.0;

    pub fn number(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Order {
    type Error = OrderError;

    fn try_from(number: f64) -> Result<Self, OrderError> {
        // The sum of -0 and 0 is 0.
        (number.abs() <= Self::MAX)
            .then_some(Self(number + 0.0))
            .ok_or(OrderError)
    }
}

impl From<ListId> for Order {
    fn from(id: ListId) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "12 digits fit into 53 bits")]
        Self(id.number() as f64)
    }
}

/// New tasks come last, in the order of their creation.
impl From<TaskId> for Order {
    fn from(id: TaskId) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "12 digits fit into 53 bits")]
        Self(id.number() as f64)
    }
}

impl Serialize for Order {
    /// A whole number without a fraction.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 {
            #[expect(clippy::cast_possible_truncation, reason = "the limit makes it exact")]
            return serializer.serialize_i64(self.0 as i64);
        }
        serializer.serialize_f64(self.0)
    }
}

/// The order that an owner has chosen; the id until then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct OrderChoice(pub Option<Order>);

impl OrderChoice {
    /// The number: the chosen one, or that of the id.
    pub fn or(self, id: impl Into<Order>) -> Order {
        self.0.unwrap_or_else(|| id.into())
    }
}

impl FromJson for OrderChoice {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        let number: f64 = json::typed(json, "a number")?;
        let order = Order::try_from(number).map_err(Problem::invalid)?;
        Ok(Self(Some(order)))
    }

    fn when_absent() -> Option<Self> {
        Some(Self(None))
    }
}

json_schema! {
    OrderChoice; "number",
    "The place among the others: a smaller number comes first. The id by default.",
    2.5,
    {"minimum": -Order::MAX, "maximum": Order::MAX}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_finite_and_has_one_zero() {
        for number in [f64::NAN, f64::INFINITY, -1e16, 9_007_199_254_740_994.0] {
            assert_eq!(Order::try_from(number), Err(OrderError));
        }
        let zero = Order::try_from(-0.0).expect("a number");
        assert!(zero.number().is_sign_positive());
        let last = TaskId::new(999_999_999_999).expect("an id");
        assert_eq!(Order::from(last).number(), 999_999_999_999.0);
    }
}
