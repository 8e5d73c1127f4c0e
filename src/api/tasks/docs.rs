//! The part of the OpenAPI document about tasks.

use serde_json::{Value, json};

use super::bodies::{OneTask, TaskList, TaskView, UpdatedTask};
use crate::api::openapi::{Kind, LOGIN_ERRORS, Operation, Schemas, links, parameter_ref};
use crate::api::request::FILTERS;
use crate::api::uris::{BaseUri, api};
use crate::domain::json::Members;
use crate::domain::task::{Task, TaskContent, TaskId};
use crate::domain::time::Timestamp;

/// The schemas of this resource's bodies.
pub fn schemas(schemas: &mut Schemas) {
    schemas.response::<TaskList<'_>>();
    schemas.response::<OneTask<'_>>();
    schemas.response::<UpdatedTask<'_>>();
    let members = TaskContent::members();
    schemas.request::<TaskContent>("NewTask", Kind::Create, &members);
    schemas.describe(
        "NewTask",
        "What POST takes. `done` is ignored: a new task is not done.",
    );
    schemas.request::<TaskContent>("TaskChanges", Kind::Update, &members);
    schemas.describe(
        "TaskChanges",
        "What PUT takes. Only `due`, `repeat` and `priority` may be null.",
    );
    schemas.request::<TaskContent>("TaskPatch", Kind::MergePatch, &members);
    schemas.describe(
        "TaskPatch",
        "What PATCH takes: as PUT, and null resets every member but `title` and `done`.",
    );
}

pub fn paths() -> Value {
    let python = task(
        2,
        "Learn Python",
        "Need to find a good Python tutorial on the web",
    );
    let list = collection("listTasks", "List tasks", "sort")
        .description(
            "A page of the user's tasks. All parameters may be combined. Without `sort` the order is `due` when a \
             due filter is given, else `title` when `title_prefix` is, else that of creation. A page may be short, \
             or empty, and still have a `next`; follow it as it is.",
        );
    let list_of_list = collection("listTasksOfList", "List the tasks of a list", "sortInList")
        .description(
            "As `GET /tasks`, of one list; without `sort` or another reason the order is `order`.",
        )
        .errors(&[404]);
    let create = creation("createTask", "Create a task");
    let create_in_list = creation("createTaskInList", "Create a task in a list").errors(&[404]);
    let read = Operation::new("readTask", "tasks", "Read a task")
        .parameters(&["If-None-Match"])
        .responds(200, "The task.", "OneTask", &["ETag", "Cache-Control"])
        .example(200, json!({"task": python}))
        .links(200, task_links("$request.path.id"))
        .not_modified()
        .errors(&LOGIN_ERRORS)
        .errors(&[404]);
    let update = changing("updateTask", "Update a task")
        .description(
            "Merges: members that are absent stay as they are. Only `due`, `repeat` and `priority` may be null. When \
             `done` becomes true and the task repeats, it stays with `repeat: null`, and a task that is not done \
             appears as `next_task`, due on the rule's first day after the old `due` that is not before today (UTC); \
             nothing follows where the rule has no further day. `done: true` always leaves `repeat` null, also on a \
             task that is done already; a rule given to a done task without it counts once the task is open again.",
        )
        .takes("TaskChanges", json!({"done": true}));
    let patch = changing("patchTask", "Patch a task")
        .description("A JSON merge patch (RFC 7396): as PUT, and null resets every member but `title` and `done`.")
        .takes("TaskPatch", json!({"due": "2026-12-24"}))
        .also_takes(
            "application/merge-patch+json",
            "TaskPatch",
            json!({"due": null}),
        );
    let delete = Operation::new("deleteTask", "tasks", "Delete a task")
        .parameters(&["If-Match"])
        .responds(200, "It is deleted.", "Deleted", &[])
        .example(200, json!({"result": true}))
        .errors(&LOGIN_ERRORS)
        .errors(&[404, 412]);
    json!({
        api!("/tasks"): {"get": list.0, "post": create.0},
        api!("/lists/{id}/tasks"): {
            "parameters": [parameter_ref("listId")],
            "get": list_of_list.0,
            "post": create_in_list.0,
        },
        api!("/tasks/{id}"): {
            "parameters": [parameter_ref("taskId")],
            "get": read.0,
            "put": update.0,
            "patch": patch.0,
            "delete": delete.0,
        },
    })
}

fn collection(id: &str, summary: &str, sort: &str) -> Operation {
    let groceries = task(1, "Buy groceries", "Milk, Cheese, Pizza, Fruit, Tylenol");
    Operation::new(id, "tasks", summary)
        .parameters(&["limit", "cursor"])
        .parameters(&FILTERS.iter().map(|filter| filter.name).collect::<Vec<_>>())
        .parameters(&[sort, "If-None-Match"])
        .responds(
            200,
            "A page of the tasks.",
            "TaskList",
            &["ETag", "Link", "Cache-Control"],
        )
        .example(200, json!({"tasks": [groceries]}))
        .not_modified()
        .errors(&LOGIN_ERRORS)
}

fn creation(id: &str, summary: &str) -> Operation {
    Operation::new(id, "tasks", summary)
        .description(
            "With an `Idempotency-Key`, the same bytes within 30 days give the first response again and no second task.",
        )
        .parameters(&["Idempotency-Key"])
        .takes("NewTask", json!({"title": "Read a book"}))
        .responds(
            201,
            "The task.",
            "OneTask",
            &["ETag", "Location", "Idempotency-Replayed"],
        )
        .example(201, json!({"task": task(3, "Read a book", "")}))
        .links(201, task_links("$response.header.Location#regex:/tasks/([0-9]+)$"))
        .errors(&LOGIN_ERRORS)
        .errors(&[409, 413, 415, 422])
}

fn changing(id: &str, summary: &str) -> Operation {
    Operation::new(id, "tasks", summary)
        .parameters(&["If-Match"])
        .responds(
            200,
            "The task after the change, and the one that follows when this completed a repeating task.",
            "UpdatedTask",
            &["ETag"],
        )
        .links(200, task_links("$request.path.id"))
        .errors(&LOGIN_ERRORS)
        .errors(&[404, 409, 412, 413, 415])
}

/// An example of a task, as a response shows it.
fn task(id: u64, title: &str, description: &str) -> Value {
    let body = json!({"title": title, "description": description}).to_string();
    let content = Members::read(body.as_bytes(), TaskContent::read);
    let content = content.expect("a valid example");
    let id = TaskId::new(id).expect("a valid id");
    let task = Task::new(id, content, Timestamp::from_millis(1_795_334_400_000));
    let base = BaseUri("http://localhost:9000".into());
    json!(TaskView::new(&base, &task))
}

/// From a task to what can be done with it. A task's id is found only in URIs; the part after `#regex:`
/// is Schemathesis's addition to OpenAPI's runtime expressions.
fn task_links(id: &str) -> Value {
    let operations = ["readTask", "updateTask", "patchTask", "deleteTask"];
    links(&operations, "id", id)
}
