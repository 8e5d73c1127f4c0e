//! The definitions of the tools, made from the same types and parameters as the OpenAPI document. Text
//! that a model does not need is left out: every definition is part of every conversation. `tools.json`
//! is the committed copy, which is what is served.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::arguments::{DEFAULT_LIMIT, MAX_ITEMS};
use super::data::{FoundLists, FoundTasks, ItemResults};
use super::tools::{Effect, Tool};
use crate::api::request::FILTERS;
use crate::domain::page::Limit;
use crate::domain::task::TaskContent;

/// The definitions, in the order of `Tool::ALL`.
pub fn all() -> Vec<Value> {
    Tool::ALL.into_iter().map(definition).collect()
}

fn definition(tool: Tool) -> Value {
    json!({
        "name": tool.name(),
        "description": tool.description(),
        "inputSchema": input(tool),
        "outputSchema": output(tool),
        "annotations": annotations(tool.effect()),
    })
}

/// The hints whose value is not the default.
fn annotations(effect: Effect) -> Value {
    match effect {
        Effect::Reads => json!({"readOnlyHint": true, "openWorldHint": false}),
        Effect::Adds => json!({"destructiveHint": false, "openWorldHint": false}),
        Effect::Marks => {
            json!({"destructiveHint": false, "idempotentHint": true, "openWorldHint": false})
        }
        Effect::Replaces => json!({"idempotentHint": true, "openWorldHint": false}),
    }
}

fn input(tool: Tool) -> Value {
    match tool {
        Tool::FindTasks => object(query(), &[]),
        Tool::ListLists => object(json!({}), &[]),
        Tool::AddTasks => {
            let key = "For a retry with these tasks or some of them: none is added twice.";
            let tasks = array(task(new_task(), "title"));
            object(
                json!({"tasks": tasks, "idempotency_key": text(key)}),
                &["tasks"],
            )
        }
        Tool::UpdateTasks => {
            let tasks = array(task(changes(), "uri"));
            object(json!({"tasks": tasks}), &["tasks"])
        }
        Tool::CompleteTasks | Tool::DeleteTasks | Tool::RestoreTasks => {
            let uris = array(json!({"type": "string"}));
            object(json!({"uris": uris}), &["uris"])
        }
    }
}

/// An object with these members and no others.
fn object(properties: Value, required: &[&str]) -> Value {
    let mut schema = json!({
        "type": "object", "properties": properties, "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// A task of a call. An error says that another member is not known.
fn task(properties: Value, required: &str) -> Value {
    json!({"type": "object", "properties": properties, "required": [required]})
}

fn array(items: Value) -> Value {
    json!({"type": "array", "maxItems": MAX_ITEMS, "items": items})
}

fn query() -> Value {
    let mut properties = Map::new();
    properties.insert("list".to_owned(), text("Name or URI."));
    for filter in FILTERS {
        let mut schema = (filter.schema)().to_value();
        slim(&mut schema, Detail::Types);
        // What the tool does says so already.
        let description = filter.description.trim_start_matches("Only tasks ");
        schema["description"] = description.into();
        properties.insert(filter.name.to_owned(), schema);
    }
    let sort = "id, title or due, -due etc. for descending; in a list also order.";
    let limit = json!({
        "type": "integer", "minimum": 1, "maximum": Limit::MAX.get(), "default": DEFAULT_LIMIT.get(),
    });
    properties.insert("sort".to_owned(), text(sort));
    properties.insert("limit".to_owned(), limit);
    properties.insert("cursor".to_owned(), json!({"type": "string"}));
    properties.into()
}

/// A string that its name does not explain.
fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

/// What a create takes, but for `done`, which it ignores.
fn new_task() -> Value {
    let mut properties = members(Detail::Descriptions);
    properties.remove("done");
    for free_text in ["title", "description"] {
        properties.insert(free_text.to_owned(), json!({"type": "string"}));
    }
    let list = text("Name or URI; the inbox by default.");
    properties.insert("list".to_owned(), list);
    properties.into()
}

/// What an update takes.
fn changes() -> Value {
    let mut properties = members(Detail::Types);
    properties.insert("uri".to_owned(), json!({"type": "string"}));
    properties.insert("etag".to_owned(), json!({"type": "string"}));
    properties.into()
}

fn members(detail: Detail) -> Map<String, Value> {
    let mut schema = TaskContent::json_schema(&mut generator(true)).to_value();
    slim(&mut schema, detail);
    match schema["properties"].take() {
        Value::Object(properties) => properties,
        _ => Map::new(),
    }
}

fn output(tool: Tool) -> Value {
    let mut generator = generator(false);
    let schema = match tool {
        Tool::FindTasks => FoundTasks::json_schema(&mut generator),
        Tool::ListLists => FoundLists::json_schema(&mut generator),
        _ => ItemResults::json_schema(&mut generator),
    };
    let mut schema = schema.to_value();
    slim(&mut schema, Detail::Names);
    if let Some(Value::Object(result)) = schema.pointer_mut("/properties/results/items/properties")
    {
        result.retain(|name, _| result_members(tool).contains(&name.as_str()));
        for (_, task) in result.iter_mut().filter(|(name, _)| name.ends_with("task")) {
            // Its members are those that find_tasks names.
            *task = json!({"type": "object"});
        }
    }
    schema
}

/// What one result of a tool may have.
fn result_members(tool: Tool) -> &'static [&'static str] {
    match tool {
        Tool::DeleteTasks => &["deleted", "error", "field"],
        Tool::CompleteTasks | Tool::UpdateTasks => &["task", "next_task", "error", "field"],
        _ => &["task", "error", "field"],
    }
}

fn generator(for_requests: bool) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    match for_requests {
        true => settings.for_deserialize().into_generator(),
        false => settings.for_serialize().into_generator(),
    }
}

/// How much of a schema is left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    /// The members and their types.
    Names,
    /// What a value may be, too; an error says the rest.
    Types,
    /// Descriptions too, and an example of what has a form of its own.
    Descriptions,
}

impl Detail {
    fn keeps(self, keyword: &str) -> bool {
        match keyword {
            "type" | "properties" | "items" => true,
            "enum" | "format" | "required" => self != Self::Names,
            _ => false,
        }
    }
}

fn slim(schema: &mut Value, detail: Detail) {
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    let described = detail == Detail::Descriptions;
    let example = described && keywords.contains_key("pattern");
    keywords.retain(|keyword, _| match keyword.as_str() {
        "description" => described,
        "examples" => example,
        other => detail.keeps(other),
    });
    if let Some(properties) = keywords
        .get_mut("properties")
        .and_then(Value::as_object_mut)
    {
        properties
            .values_mut()
            .for_each(|property| slim(property, detail));
    }
    if let Some(items) = keywords.get_mut("items") {
        slim(items, detail.min(Detail::Types));
    }
}
