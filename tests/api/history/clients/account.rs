//! What the clients do to their account: its email address and its tokens.

use std::time::Instant;

use serde_json::json;

use super::super::events::Action;
use super::Client;
use crate::client::{TOKENS, USERS};

impl Client<'_> {
    pub(super) async fn update_user(&mut self) {
        let members = self.members();
        let uri = format!("{USERS}/{}", self.account.name);
        let body = json!({"email": format!("{}@example.com", members.mark)});
        let start = Instant::now();
        let response = self.user.put(&uri, &body).send().await;
        self.record(start, &uri, Action::Update(members, None), &response);
    }

    pub(super) async fn create_token(&mut self) {
        let members = self.members();
        let start = Instant::now();
        let response = self
            .user
            .post(TOKENS, &json!({"label": members.mark}))
            .send()
            .await;
        let uri = match response.status {
            201 => response.header("location").to_owned(),
            _ => String::new(),
        };
        self.record(start, &uri, Action::Create(members), &response);
        if response.status == 201 {
            self.account.tokens.lock().expect("tokens").push(uri);
        }
    }

    pub(super) async fn delete_token(&mut self) {
        let tokens = self.account.tokens.lock().expect("tokens").clone();
        let Some(uri) = self.random.pick(&tokens).cloned() else {
            return;
        };
        let start = Instant::now();
        let response = self.user.delete(&uri).send().await;
        self.record(start, &uri, Action::Delete(None), &response);
        if response.status == 404 {
            self.account
                .tokens
                .lock()
                .expect("tokens")
                .retain(|token| *token != uri);
        }
    }
}
