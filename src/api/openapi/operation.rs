//! An operation of the document under construction.

use http::StatusCode;
use serde_json::{Map, Value, json};

/// What every operation that needs a login may respond with.
pub const LOGIN_ERRORS: [u16; 6] = [400, 401, 403, 429, 500, 503];

pub struct Operation(pub Value);

impl Operation {
    pub fn new(id: &str, tag: &str, summary: &str) -> Self {
        Self(json!({
            "operationId": id, "tags": [tag], "summary": summary, "responses": {},
        }))
    }

    pub fn description(mut self, description: &str) -> Self {
        self.0["description"] = description.into();
        self
    }

    /// Needs no login.
    pub fn open(mut self) -> Self {
        self.0["security"] = json!([]);
        self
    }

    /// Takes no token.
    pub fn password_only(mut self) -> Self {
        self.0["security"] = json!([{"basic": []}]);
        self
    }

    pub fn parameters(mut self, names: &[&str]) -> Self {
        let all = self.0["parameters"].take();
        let mut all = all.as_array().cloned().unwrap_or_default();
        all.extend(names.iter().map(|name| parameter_ref(name)));
        self.0["parameters"] = all.into();
        self
    }

    pub fn takes(mut self, schema: &str, example: Value) -> Self {
        self.0["requestBody"] = json!({"required": true, "content": {}});
        self.also_takes("application/json", schema, example)
    }

    pub fn also_takes(mut self, media_type: &str, schema: &str, example: Value) -> Self {
        self.0["requestBody"]["content"][media_type] =
            json!({"schema": schema_ref(schema), "example": example});
        self
    }

    pub fn responds(self, status: u16, description: &str, schema: &str, headers: &[&str]) -> Self {
        let schema = schema_ref(schema);
        self.content(status, description, "application/json", &schema, headers)
    }

    pub fn content(
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

    /// A response without a body.
    pub fn empty(mut self, status: u16, description: &str) -> Self {
        self.0["responses"][status.to_string()] = json!({
            "description": description,
            "headers": header_refs(&["X-Request-Id"]),
        });
        self
    }

    pub fn example(mut self, status: u16, example: Value) -> Self {
        self.0["responses"][status.to_string()]["content"]["application/json"]["example"] = example;
        self
    }

    pub fn links(mut self, status: u16, links: Value) -> Self {
        self.0["responses"][status.to_string()]["links"] = links;
        self
    }

    pub fn not_modified(mut self) -> Self {
        self.0["responses"]["304"] = json!({
            "description": "`If-None-Match` names the current state.",
            "headers": header_refs(&["ETag", "Cache-Control", "X-Request-Id"]),
        });
        self
    }

    pub fn errors(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            let name = error_name(*status);
            self.0["responses"][status.to_string()] =
                json!({"$ref": format!("#/components/responses/{name}")});
        }
        self
    }
}

/// Links to operations that take `value` as their `parameter`.
pub fn links(operations: &[&str], parameter: &str, value: &str) -> Value {
    let link = |id: &&str| {
        let link = json!({"operationId": id, "parameters": {parameter: value}});
        ((*id).to_owned(), link)
    };
    operations.iter().map(link).collect::<Map<_, _>>().into()
}

pub fn parameter_ref(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

pub fn header_refs(names: &[&str]) -> Value {
    let header = |name: &&str| {
        let reference = json!({"$ref": format!("#/components/headers/{name}")});
        ((*name).to_owned(), reference)
    };
    names.iter().map(header).collect::<Map<_, _>>().into()
}

/// The name of an error's response among the components.
pub fn error_name(status: u16) -> String {
    let status = StatusCode::from_u16(status).ok();
    let words = status.and_then(|status| status.canonical_reason());
    words.unwrap_or_default().split_whitespace().collect()
}

fn schema_ref(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
