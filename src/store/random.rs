//! Random bytes, and what is made of them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::StoreError;

/// Random bytes from the operating system.
pub fn bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Internal(error.into()))?;
    Ok(bytes)
}

/// An id that distinguishes one write from all others: 12 random bytes in base64url.
pub fn write_id() -> Result<String, StoreError> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<12>()?))
}

/// How long to wait after the `attempt`th failed attempt: up to 25 ms, doubled for each further one,
/// with full jitter, so that two requests that collided once do not collide again.
pub fn backoff(attempt: u32) -> Result<Duration, StoreError> {
    let jitter = f64::from(u16::from_be_bytes(bytes()?)) / f64::from(u16::MAX);
    Ok(Duration::from_millis(25).mul_f64(jitter) * 2_u32.saturating_pow(attempt - 1))
}
