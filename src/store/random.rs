//! Random bytes, and what is made of them.

use std::time::Duration;

use super::error::StoreError;

/// Random bytes from the operating system.
pub fn bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Internal(error.into()))?;
    Ok(bytes)
}

/// How long to wait after the `attempt`th failed attempt: up to 25 ms, doubled for each further one
/// up to 800 ms, with full jitter, so that two requests that collided once do not collide again.
pub fn backoff(attempt: u32) -> Result<Duration, StoreError> {
    let jitter = f64::from(u16::from_be_bytes(bytes()?)) / f64::from(u16::MAX);
    Ok(Duration::from_millis(25).mul_f64(jitter) * 2_u32.pow((attempt - 1).min(5)))
}
