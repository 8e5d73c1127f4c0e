//! Parameters and headers that several operations share.

use serde_json::{Map, Value, json};

use crate::api::request::FILTERS;
use crate::domain::account::Username;

const TAG_LIST: &str = r#"^(W/)?"[!#-~]*"([\t ]*,[\t ]*(W/)?"[!#-~]*"){0,49}$"#;
/// Quotes around the key are not part of it, and a key is not empty.
const IDEMPOTENCY_KEY: &str = r#"^(?!""$)("[!-~]{1,255}"|[!-~]{1,255})$"#;
const TASK_ID: &str = "^[1-9][0-9]{0,11}$";
const LIST_ID: &str = "^(inbox|[1-9][0-9]{0,11})$";
const CALENDAR_FILE: &str =
    r"^tdo_[A-Za-z0-9_-]+\.[0-9]{2}-[A-Za-z0-9_-]{11}\.[A-Za-z0-9_-]{43}\.ics$";
const TOKEN_ID: &str = "^[0-9]{2}-[A-Za-z0-9_-]{11}$";

pub fn parameters() -> Value {
    let parameter = |place: &str, name: &str, description: &str, schema: Value| {
        let mut parameter =
            json!({"name": name, "in": place, "description": description, "schema": schema});
        if place == "path" {
            parameter["required"] = true.into();
        }
        parameter
    };
    let path = |name: &str, pattern: &str, description: &str| {
        let schema = json!({"type": "string", "pattern": pattern});
        parameter("path", name, description, schema)
    };
    let sort = |more: &[&str]| {
        let orders = [&["id", "-id", "title", "-title", "due", "-due"], more].concat();
        let description = "The order; a minus sign reverses it. `due` lists only tasks that have one. `order`, \
                           in a list: the open tasks by their order, then the done ones by id.";
        parameter(
            "query",
            "sort",
            description,
            json!({"type": "string", "enum": orders}),
        )
    };
    let mut all = Map::new();
    for filter in FILTERS {
        let schema = (filter.schema)().to_value();
        let parameter = parameter("query", filter.name, filter.description, schema);
        all.insert(filter.name.to_owned(), parameter);
    }
    let mut others = json!({
        "taskId": path("id", TASK_ID, "The number at the end of a task's `uri`."),
        "listId": path("id", LIST_ID, "The id at the end of a list's `uri`: `inbox`, or a number."),
        "tokenId": path("id", TOKEN_ID, "The id at the end of a token's `uri`."),
        "calendarFile": path("file", CALENDAR_FILE, "A token with the scope `calendar`, and `.ics`: the end of its `feed`."),
        "username": path("username", Username::PATTERN, "One's own user name, in any case."),
        "limit": parameter("query", "limit", "The most tasks that a page holds; 1,000 without it.",
            json!({"type": "integer", "minimum": 1, "maximum": 1000})),
        "cursor": parameter("query", "cursor", "Where to continue: part of a `next`, never made up.",
            json!({"type": "string"})),
        "sort": sort(&[]),
        "sortInList": sort(&["order"]),
        "If-Match": parameter("header", "If-Match",
            "Write only when the current entity tag is one of these (at most 50), or `*`. Weak and foreign tags never match.",
            json!({"anyOf": [{"type": "string", "pattern": "^[*]$"}, {"type": "string", "pattern": TAG_LIST}]})),
        "If-None-Match": parameter("header", "If-None-Match",
            "Entity tags, or `*`: a state that the client has already is not sent again. Ignored if malformed.",
            json!({"type": "string"})),
        "Idempotency-Key": parameter("header", "Idempotency-Key",
            "1 to 255 visible ASCII characters; quotes around them are not part of it.",
            json!({"type": "string", "minLength": 1, "maxLength": 257, "pattern": IDEMPOTENCY_KEY})),
    });
    all.append(others.as_object_mut().expect("an object"));
    all.into()
}

pub fn headers() -> Value {
    let header = |required: bool, description: &str, schema: Value| json!({"description": description, "required": required, "schema": schema});
    let text = || json!({"type": "string"});
    let uri = || json!({"type": "string", "format": "uri"});
    let seconds = || json!({"type": "integer", "minimum": 1});
    json!({
        "X-Request-Id": header(true, "The request's id in the log.", text()),
        "ETag": header(true, "The entity tag of what was sent.", json!({"type": "string", "pattern": r#"^(W/)?"[!#-~]*"$"#})),
        "Cache-Control": header(true, "May be kept, and has to be revalidated before each use.", text()),
        "Location": header(true, "The new resource's URI; absolute.", uri()),
        "Link": header(false, "`<…>; rel=\"next\"` when there is more.", text()),
        "Idempotency-Replayed": header(false, "`true` when this is an earlier response again.", json!({"type": "string", "const": "true"})),
        "Retry-After": header(true, "Whole seconds.", seconds()),
        "Allow": header(true, "The methods of the path.", text()),
        "WWW-Authenticate": header(true, "The challenge (RFC 7617).", text()),
        "Accept-Post": header(false, "On POST: the media types it takes.", text()),
        "Accept-Patch": header(false, "On PATCH: the media types it takes.", text()),
        "Accept": header(false, "On PUT: the media types it takes.", text()),
    })
}
