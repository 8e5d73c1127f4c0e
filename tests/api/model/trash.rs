//! The trash of the model.

use http::Method;
use serde_json::{Value, json};

use super::{Model, id, known, text};
use crate::client::{BASE, LISTS, TRASH, User};
use crate::lists::walk_of;

impl Model {
    pub async fn restore(&mut self, user: &User<'_>, pick: usize) {
        let Some(mut task) = self.take_from_trash(pick) else {
            return;
        };
        let uri = format!("{TRASH}/{}", id(&task));
        let restored = user.request(Method::POST, &uri).send().await;
        assert_eq!(restored.status, 200, "{restored:?}");
        if !self.lists.iter().any(|list| list == text(&task, "list")) {
            task["list"] = json!(format!("{BASE}{LISTS}/inbox"));
        }
        assert_eq!(known(restored.json()["task"].clone()), task);
        let at = self.tasks.partition_point(|other| id(other) < id(&task));
        self.tasks.insert(at, task);
    }

    pub async fn purge(&mut self, user: &User<'_>, pick: usize) {
        if let Some(task) = self.take_from_trash(pick) {
            let uri = format!("{TRASH}/{}", id(&task));
            assert_eq!(user.delete(&uri).send().await.status, 200);
        }
    }

    fn take_from_trash(&mut self, pick: usize) -> Option<Value> {
        let at = pick.checked_rem(self.trash.len())?;
        Some(self.trash.remove(at))
    }

    /// Compares the trash, whole. Tasks of one millisecond have no order that the model knows.
    pub async fn check_trash(mut self, user: &User<'_>) {
        let mut shown = walk_of(user, TRASH, "limit=2").await;
        let times = shown.iter().map(|task| text(task, "deleted_at"));
        assert!(times.clone().is_sorted_by(|first, second| first >= second));
        for task in &mut shown {
            task.as_object_mut().map(|task| task.remove("deleted_at"));
        }
        let mut shown: Vec<_> = shown.into_iter().map(known).collect();
        shown.sort_by_key(id);
        self.trash.sort_by_key(id);
        assert_eq!(shown, self.trash);
    }
}
