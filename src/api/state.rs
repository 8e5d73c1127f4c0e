//! What every handler may use.

use std::sync::Arc;

use crate::auth::Authenticator;
use crate::config::Config;
use crate::store::Store;

/// Made once at start, cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub config: Arc<Config>,
    pub store: Store,
    pub auth: Arc<Authenticator>,
}

impl AppState {
    pub fn new(config: Config, store: Store) -> Self {
        let auth = Arc::new(Authenticator::new(&config, store.clone()));
        Self {
            config: Arc::new(config),
            store,
            auth,
        }
    }
}
