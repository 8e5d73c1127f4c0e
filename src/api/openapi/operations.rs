//! The paths of the document: what each route takes and answers.

use serde_json::{Map, Value, json};

use super::members::{DATE, LINE, USERNAME};

const TAG_LIST: &str = r#"^(W/)?"[!#-~]*"([\t ]*,[\t ]*(W/)?"[!#-~]*"){0,49}$"#;
/// Quotes around the key are not part of it, and a key is not empty.
const KEY: &str = r#"^(?!""$)("[!-~]{1,255}"|[!-~]{1,255})$"#;
const TASK_ID: &str = "^[1-9][0-9]{0,11}$";
const TOKEN_ID: &str = "^[0-9]{2}-[A-Za-z0-9_-]{11}$";

/// Pages for people: path, type, what each is. What a page loads from `/web/` is its own affair, not part of the contract.
const FILES: &[(&str, &str, &str)] = &[
    ("/docs", "text/html", "This reference, in a browser"),
    ("/", "text/html", "The web client"),
];

/// What all that need a login may answer.
const LOGIN: [u16; 6] = [400, 401, 403, 429, 500, 503];

pub fn paths() -> Value {
    let mut paths = api();
    for (path, media_type, summary) in FILES {
        let id = format!("get{}", path.replace(['/', '.'], "_"));
        let get = Operation::new(&id, "service", summary, "")
            .open()
            .parameters(&["If-None-Match"])
            .content(
                200,
                summary,
                media_type,
                &json!({"type": "string"}),
                &["ETag", "Cache-Control"],
            )
            .not_modified()
            .errors(&[400, 500]);
        paths[path] = json!({"get": get.0});
    }
    paths
}

fn api() -> Value {
    let index = |id: &str| {
        Operation::new(id, "service", "Where everything is", "")
            .open()
            .answer(200, "The addresses.", "Index", &[])
            .errors(&[400, 500])
            .0
    };
    json!({
        "/health": {"get": Operation::new("health", "service", "Whether the function runs", "Touches no database.")
            .open().answer(200, "It does.", "Health", &[]).errors(&[400, 500]).0},
        "/openapi.json": {"get": Operation::new("openapi", "service", "This document", "")
            .open().parameters(&["If-None-Match"])
            .content(200, "OpenAPI 3.1.", "application/json", &json!({"type": "object"}), &["ETag", "Cache-Control"])
            .not_modified().errors(&[400, 500]).0},
        "/todo/api/v1.0": {"get": index("index")},
        "/todo/api/v1.0/": {"get": index("indexWithSlash")},
        "/todo/api/v1.0/tasks": {
            "get": Operation::new("listTasks", "tasks", "List the tasks",
                "In the order of creation, unless `sort` or a filter says otherwise: `due` when a due filter is given, \
                 else `title` when `title_prefix` is. All parameters may be combined. A page may be short, or empty, \
                 and still have a `next`; follow it as it is.")
                .parameters(&["limit", "cursor", "done", "title_prefix", "q", "due_before", "due_after", "sort", "If-None-Match"])
                .answer(200, "A page of the list.", "TaskList", &["ETag", "Link", "Cache-Control"])
                .example(200, json!({"tasks": [task("1", "Buy groceries", "Milk, Cheese, Pizza, Fruit, Tylenol"),
                    task("2", "Learn Python", "Need to find a good Python tutorial on the web")]}))
                .not_modified().errors(&LOGIN).0,
            "post": Operation::new("createTask", "tasks", "Create a task",
                "With an `Idempotency-Key`, the same bytes within 24 hours give the first answer again and no second task.")
                .parameters(&["Idempotency-Key"])
                .takes("NewTask", json!({"title": "Read a book"}))
                .answer(201, "The task.", "OneTask", &["ETag", "Location", "Idempotency-Replayed"])
                .example(201, json!({"task": task("3", "Read a book", "")}))
                .links(201, task_links("$response.header.Location#regex:/tasks/([0-9]+)$"))
                .errors(&LOGIN).errors(&[409, 413, 415, 422]).0,
        },
        "/todo/api/v1.0/tasks/{id}": {
            "parameters": [parameter_ref("taskId")],
            "get": Operation::new("readTask", "tasks", "Read a task", "")
                .parameters(&["If-None-Match"])
                .answer(200, "The task.", "OneTask", &["ETag", "Cache-Control"])
                .example(200, json!({"task": task("2", "Learn Python", "Need to find a good Python tutorial on the web")}))
                .links(200, task_links("$request.path.id"))
                .not_modified().errors(&LOGIN).errors(&[404]).0,
            "put": Operation::new("updateTask", "tasks", "Update a task",
                "Merges: members that are absent stay as they are. Only `due` may be null.")
                .parameters(&["If-Match"])
                .takes("TaskChanges", json!({"done": true}))
                .answer(200, "The task after the change.", "OneTask", &["ETag"])
                .links(200, task_links("$request.path.id"))
                .errors(&LOGIN).errors(&[404, 409, 412, 413, 415]).0,
            "patch": Operation::new("patchTask", "tasks", "Patch a task",
                "A JSON merge patch (RFC 7396): as PUT, and null also empties `description`.")
                .parameters(&["If-Match"])
                .takes("TaskPatch", json!({"due": "2026-12-24"}))
                .also_takes("application/merge-patch+json", "TaskPatch", json!({"due": null}))
                .answer(200, "The task after the change.", "OneTask", &["ETag"])
                .links(200, task_links("$request.path.id"))
                .errors(&LOGIN).errors(&[404, 409, 412, 413, 415]).0,
            "delete": Operation::new("deleteTask", "tasks", "Delete a task", "")
                .parameters(&["If-Match"])
                .answer(200, "It is gone.", "Deleted", &[])
                .example(200, json!({"result": true}))
                .errors(&LOGIN).errors(&[404, 412]).0,
        },
        "/todo/api/v1.0/users": {
            "post": Operation::new("register", "users", "Register", "")
                .open()
                .takes("NewUser", json!({"username": "ada", "password": "correct horse", "email": "ada@example.com"}))
                .answer(201, "The account.", "OneUser", &["ETag", "Location"])
                .links(201, user_links("$response.body#/user/username"))
                .errors(&[400, 403, 409, 413, 415, 429, 500, 503]).0,
        },
        "/todo/api/v1.0/users/{username}": {
            "parameters": [parameter_ref("username")],
            "get": Operation::new("readUser", "users", "Read one's account", "")
                .parameters(&["If-None-Match"])
                .answer(200, "The account.", "OneUser", &["ETag", "Cache-Control"])
                .links(200, user_links("$request.path.username"))
                .not_modified().errors(&LOGIN).errors(&[404]).0,
            "put": Operation::new("updateUser", "users", "Change one's email or password",
                "Needs the password; a token gets 403. A new password ends every token.")
                .password_only()
                .parameters(&["If-Match"])
                .takes("UserChanges", json!({"email": "ada@example.com"}))
                .answer(200, "The account after the change.", "OneUser", &["ETag"])
                .links(200, user_links("$request.path.username"))
                .errors(&LOGIN).errors(&[404, 409, 412, 413, 415]).0,
            "delete": Operation::new("deleteUser", "users", "Delete one's account with all it holds",
                "Needs the password; a token gets 403. From the first such request on every other route answers 401. \
                 What does not fit the time is answered 503 with `Retry-After`; the same request again continues.")
                .password_only()
                .parameters(&["If-Match"])
                .answer(200, "The account, its tasks and its tokens are gone.", "Deleted", &[])
                .errors(&LOGIN).errors(&[404, 412]).0,
        },
        "/todo/api/v1.0/tokens": {
            "get": Operation::new("listTokens", "tokens", "List the live tokens", "In order of creation, without their secrets.")
                .answer(200, "All of them.", "TokenList", &[])
                .errors(&LOGIN).0,
            "post": Operation::new("createToken", "tokens", "Create a token",
                "Needs the password; a token gets 403. All members may be left out. At most 100 live ones.")
                .password_only()
                .takes("NewToken", json!({"label": "laptop", "duration": 86_400}))
                .answer(201, "The token and, this once, its secret.", "OneToken", &["Location"])
                .links(201, json!({"deleteToken": {
                    "operationId": "deleteToken",
                    "parameters": {"id": "$response.header.Location#regex:/tokens/(.+)$"},
                }}))
                .errors(&LOGIN).errors(&[409, 413, 415]).0,
        },
        "/todo/api/v1.0/tokens/{id}": {
            "parameters": [parameter_ref("tokenId")],
            "delete": Operation::new("deleteToken", "tokens", "End a token", "")
                .answer(200, "It is gone.", "Deleted", &[])
                .errors(&LOGIN).errors(&[404]).0,
        },
    })
}

fn task(id: &str, title: &str, description: &str) -> Value {
    let at = "2026-11-22T08:00:00.000Z";
    json!({
        "uri": format!("http://localhost:9000/todo/api/v1.0/tasks/{id}"),
        "title": title, "description": description, "done": false, "due": null,
        "created_at": at, "updated_at": at, "completed_at": null, "etag": "\"1.1\"",
    })
}

/// From a task to what can be done with it. An id is found only in addresses; the part after `#regex:`
/// is Schemathesis's addition to OpenAPI's runtime expressions.
fn task_links(id: &str) -> Value {
    links(
        &["readTask", "updateTask", "patchTask", "deleteTask"],
        "id",
        id,
    )
}

fn user_links(name: &str) -> Value {
    links(&["readUser", "updateUser", "deleteUser"], "username", name)
}

fn links(operations: &[&str], parameter: &str, value: &str) -> Value {
    let link = |id: &&str| {
        (
            (*id).to_owned(),
            json!({"operationId": id, "parameters": {parameter: value}}),
        )
    };
    operations.iter().map(link).collect::<Map<_, _>>().into()
}

/// An operation under construction.
struct Operation(Value);

impl Operation {
    fn new(id: &str, tag: &str, summary: &str, description: &str) -> Self {
        let mut operation =
            json!({"operationId": id, "tags": [tag], "summary": summary, "responses": {}});
        if !description.is_empty() {
            operation["description"] = description.into();
        }
        Self(operation)
    }

    fn open(mut self) -> Self {
        self.0["security"] = json!([]);
        self
    }

    fn password_only(mut self) -> Self {
        self.0["security"] = json!([{"basic": []}]);
        self
    }

    fn parameters(mut self, names: &[&str]) -> Self {
        self.0["parameters"] = names.iter().map(|name| parameter_ref(name)).collect();
        self
    }

    fn takes(mut self, schema: &str, example: Value) -> Self {
        self.0["requestBody"] = json!({"required": true, "content": {}});
        self.also_takes("application/json", schema, example)
    }

    fn also_takes(mut self, media_type: &str, schema: &str, example: Value) -> Self {
        self.0["requestBody"]["content"][media_type] =
            json!({"schema": schema_ref(schema), "example": example});
        self
    }

    fn answer(self, status: u16, description: &str, schema: &str, headers: &[&str]) -> Self {
        self.content(
            status,
            description,
            "application/json",
            &schema_ref(schema),
            headers,
        )
    }

    fn content(
        mut self,
        status: u16,
        description: &str,
        media_type: &str,
        schema: &Value,
        headers: &[&str],
    ) -> Self {
        self.0["responses"][status.to_string()] = json!({
            "description": description,
            "headers": header_refs(&[headers, &["X-Request-Id"]].concat()),
            "content": {media_type: {"schema": schema}},
        });
        self
    }

    fn example(mut self, status: u16, example: Value) -> Self {
        self.0["responses"][status.to_string()]["content"]["application/json"]["example"] = example;
        self
    }

    fn links(mut self, status: u16, links: Value) -> Self {
        self.0["responses"][status.to_string()]["links"] = links;
        self
    }

    fn not_modified(mut self) -> Self {
        self.0["responses"]["304"] = json!({
            "description": "`If-None-Match` names what would have been sent.",
            "headers": header_refs(&["ETag", "Cache-Control", "X-Request-Id"]),
        });
        self
    }

    fn errors(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            self.0["responses"][status.to_string()] =
                json!({"$ref": format!("#/components/responses/{}", error_name(*status))});
        }
        self
    }
}

fn schema_ref(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn parameter_ref(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

pub fn header_refs(names: &[&str]) -> Value {
    let one = |name: &&str| {
        (
            (*name).to_owned(),
            json!({"$ref": format!("#/components/headers/{name}")}),
        )
    };
    names.iter().map(one).collect::<Map<_, _>>().into()
}

/// The name that a kind of error has among the components.
pub fn error_name(status: u16) -> String {
    let status = http::StatusCode::from_u16(status).ok();
    let words = status
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    words.split_whitespace().collect()
}

pub fn parameters() -> Value {
    let text = json!({"type": "string", "minLength": 1, "maxLength": 500, "pattern": LINE});
    let day = json!({"type": "string", "format": "date", "pattern": DATE});
    let path = |name: &str, pattern: &str, description: &str| {
        json!({"name": name, "in": "path", "required": true, "description": description,
            "schema": {"type": "string", "pattern": pattern}})
    };
    let query = |name: &str, description: &str, schema: &Value| json!({"name": name, "in": "query", "description": description, "schema": schema});
    let header = |name: &str, description: &str, schema: &Value| json!({"name": name, "in": "header", "description": description, "schema": schema});
    json!({
        "taskId": path("id", TASK_ID, "The number at the end of a task's `uri`."),
        "tokenId": path("id", TOKEN_ID, "The name at the end of a token's `uri`."),
        "username": path("username", USERNAME, "One's own user name, in any case."),
        "limit": query("limit", "How many tasks a page holds at most; 1,000 without it.",
            &json!({"type": "integer", "minimum": 1, "maximum": 1000})),
        "cursor": query("cursor", "Where to go on: comes in a `next`, never from elsewhere.", &json!({"type": "string"})),
        "done": query("done", "Only tasks that are, or are not, done.", &json!({"type": "boolean"})),
        "title_prefix": query("title_prefix", "Only tasks whose title begins so, in whatever case.", &text),
        "q": query("q", "Only tasks with this text in title or description, in whatever case.", &text),
        "due_before": query("due_before", "Only tasks due before this day.", &day),
        "due_after": query("due_after", "Only tasks due after this day.", &day),
        "sort": query("sort", "The order; a minus sign turns it round. `due` lists only tasks that have one.",
            &json!({"type": "string", "enum": ["id", "-id", "title", "-title", "due", "-due"]})),
        "If-Match": header("If-Match", "Write only over one of these entity tags (at most 50), or `*`. Weak and foreign tags never match.",
            &json!({"anyOf": [{"type": "string", "pattern": "^[*]$"}, {"type": "string", "pattern": TAG_LIST}]})),
        "If-None-Match": header("If-None-Match", "Entity tags, or `*`: what the caller has already need not be sent again. Ignored if malformed.",
            &json!({"type": "string"})),
        "Idempotency-Key": header("Idempotency-Key", "1 to 255 visible ASCII characters; quotes around them are not part of it.",
            &json!({"type": "string", "minLength": 1, "maxLength": 257, "pattern": KEY})),
    })
}

pub fn headers() -> Value {
    let header = |required: bool, description: &str, schema: Value| json!({"description": description, "required": required, "schema": schema});
    let text = || json!({"type": "string"});
    let uri = || json!({"type": "string", "format": "uri"});
    let seconds = || json!({"type": "integer", "minimum": 1});
    json!({
        "X-Request-Id": header(true, "What the log knows this request by.", text()),
        "ETag": header(true, "The entity tag of what was answered.", json!({"type": "string", "pattern": r#"^(W/)?"[!#-~]*"$"#})),
        "Cache-Control": header(true, "May be kept, and asked about before each use.", text()),
        "Location": header(true, "Where the new thing is; absolute.", uri()),
        "Link": header(false, "`<…>; rel=\"next\"` when there is more.", text()),
        "Idempotency-Replayed": header(false, "`true` when this is an earlier answer again.", json!({"type": "string", "const": "true"})),
        "Retry-After": header(true, "Whole seconds.", seconds()),
        "Allow": header(true, "The methods there are.", text()),
        "WWW-Authenticate": header(true, "The challenge (RFC 7617).", text()),
        "Accept-Post": header(false, "On POST: what it takes.", text()),
        "Accept-Patch": header(false, "On PATCH: what it takes.", text()),
        "Accept": header(false, "On PUT: what it takes.", text()),
    })
}
