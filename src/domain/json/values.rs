//! How values that are no types of their own are read.

use serde_json::value::RawValue;

use super::{FromJson, Problem, typed};

impl FromJson for bool {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        typed(json, "true or false")
    }

    fn when_absent() -> Option<Self> {
        Some(false)
    }

    fn when_null() -> Option<Self> {
        None
    }
}

impl FromJson for i64 {
    /// However it is written: to JSON Schema and to JavaScript, `600.0` and `6e2` are whole numbers.
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        const EXPECTED: &str = "a whole number";
        typed(json, EXPECTED).or_else(|wrong| {
            let number: f64 = typed(json, EXPECTED)?;
            let whole = number.fract() == 0.0 && number.abs() <= EXACT;
            // The range makes the conversion exact.
            let parsed = whole.then(|| format!("{number:.0}").parse().ok()).flatten();
            parsed.ok_or(wrong)
        })
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        if json.get() == "null" {
            return Ok(None);
        }
        T::from_json(json)
            .map(Some)
            .map_err(|problem| match problem {
                Problem::WrongType(expected) => {
                    Problem::invalid(format_args!("must be {expected} or null"))
                }
                invalid @ Problem::Invalid { .. } => invalid,
            })
    }

    fn when_absent() -> Option<Self> {
        Some(None)
    }
}

impl FromJson for String {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        typed(json, "a string")
    }
}

/// Any value, as it was sent.
impl FromJson for Box<RawValue> {
    fn from_json(json: &RawValue) -> Result<Self, Problem> {
        Ok(json.to_owned())
    }
}
