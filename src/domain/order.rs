//! Where a task or a list stands among the others.

use thiserror::Error;

use super::task::TaskId;

/// A finite number: what has a smaller one comes first. There is one zero, so -0 is 0.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Order(f64);

/// Not finite.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be a finite number")]
pub struct OrderError;

impl Order {
    pub const ZERO: Self = Self(0.0);

    pub fn number(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Order {
    type Error = OrderError;

    fn try_from(number: f64) -> Result<Self, OrderError> {
        // The sum of -0 and 0 is 0.
        number
            .is_finite()
            .then_some(Self(number + 0.0))
            .ok_or(OrderError)
    }
}

/// New tasks come last, in the order of their creation.
impl From<TaskId> for Order {
    fn from(id: TaskId) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "12 digits fit into 53 bits")]
        Self(id.number() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_finite_and_has_one_zero() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Order::try_from(number), Err(OrderError));
        }
        let zero = Order::try_from(-0.0).expect("a number");
        assert!(zero.number().is_sign_positive());
        let last = TaskId::new(999_999_999_999).expect("an id");
        assert_eq!(Order::from(last).number(), 999_999_999_999.0);
    }
}
