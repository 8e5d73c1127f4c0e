//! Password hashes: argon2id, computed on the blocking thread pool.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::AuthError;
use crate::domain::password::Password;

/// Computes as many hashes at once as there are processors. More would only take more memory: 19
/// MiB each.
pub struct PasswordHasher {
    permits: Arc<Semaphore>,
}

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Verified in place of the hash of a user who does not exist, so that the response takes as long
/// as for one who does. No password is known to match.
const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzIQ$\
    TnsTtXwdTQ3mt1m0Tn6sSvYMYWbTzsgFuWb1BMRTbps";

impl PasswordHasher {
    pub fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            permits: Arc::new(Semaphore::new(processors)),
        }
    }

    /// Whether `password` matches `hash`, a PHC string. Without a hash it does not, after the same
    /// work.
    pub async fn verify(
        &self,
        password: Password,
        hash: Option<String>,
    ) -> Result<bool, AuthError> {
        self.run(move || {
            let user_exists = hash.is_some();
            let hash = hash.as_deref().unwrap_or(DUMMY_HASH);
            let hash =
                PasswordHash::new(hash).map_err(|error| AuthError::Internal(error.into()))?;
            let params =
                Params::try_from(&hash).map_err(|error| AuthError::Internal(error.into()))?;
            if params.m_cost() > 4 * MEMORY_KIB || params.t_cost() > 16 || params.p_cost() > 4 {
                return Err(AuthError::Internal(
                    "a stored hash has too high a cost".into(),
                ));
            }
            let matches = argon2()?
                .verify_password(password.as_bytes(), &hash)
                .is_ok();
            Ok(matches && user_exists)
        })
        .await
    }

    /// A new hash of `password`, as a PHC string.
    pub async fn hash(&self, password: Password) -> Result<String, AuthError> {
        self.run(move || {
            let hash = argon2()?.hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string())
                .map_err(|error| AuthError::Internal(error.into()))
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
    ) -> Result<T, AuthError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let work = spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        work.await
            .map_err(|error| AuthError::Internal(error.into()))?
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new()
    }
}

fn argon2() -> Result<Argon2<'static>, AuthError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let params = params.map_err(|error| AuthError::Internal(error.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
