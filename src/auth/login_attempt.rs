//! One login attempt, which is returned unless its password was wrong.

use super::AuthError;
use crate::background;
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::counters::{AttemptId, Counter};

/// A login attempt and the two counters it belongs to. When it is dropped, because the password was
/// right or was never verified, or because the deadline canceled the request, it is returned to its
/// user's counter if that may contain it.
pub struct LoginAttempt {
    pub id: AttemptId,
    pub by_user: Counter,
    pub by_address: Counter,
    /// Set before the write that reserves the attempt, which may be applied although its response
    /// never arrives.
    pub return_on_drop: bool,
    store: Store,
}

impl LoginAttempt {
    pub fn new(store: Store, by_user: Counter, by_address: Counter) -> Result<Self, AuthError> {
        Ok(Self {
            id: AttemptId::new(Timestamp::now())?,
            by_user,
            by_address,
            return_on_drop: false,
            store,
        })
    }
}

impl Drop for LoginAttempt {
    fn drop(&mut self) {
        if self.return_on_drop {
            let (store, counter, id) = (self.store.clone(), self.by_user.clone(), self.id.clone());
            background::spawn(async move {
                // If this fails, the user has one attempt less until it counts as abandoned.
                let _ = store.return_attempts(&counter, [id]).await;
            });
        }
    }
}
