//! The schemas of the document, made from the types of the bodies.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::api::request::READ_ONLY;

/// What a request does with the members it has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Some are required.
    Create,
    /// None is required, but there must be one.
    Update,
    /// The same, and null resets a member.
    MergePatch,
}

/// Schemas by their name in the document.
pub struct Schemas {
    generator: SchemaGenerator,
    request_generator: SchemaGenerator,
    all: Map<String, Value>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            generator: settings.clone().for_serialize().into_generator(),
            request_generator: settings.for_deserialize().into_generator(),
            all: Map::new(),
        }
    }

    /// A response's body, with every body inside it.
    pub fn response<T: JsonSchema>(&mut self) {
        self.generator.subschema_for::<T>();
        self.all.extend(self.generator.take_definitions(true));
    }

    /// A request's body: `members` as their name, whether a create requires them, and whether null
    /// resets them. Read-only members are allowed, others are not.
    pub fn request<T: JsonSchema>(
        &mut self,
        name: &str,
        kind: Kind,
        members: &[(&'static str, bool, bool)],
    ) {
        let mut schema = T::json_schema(&mut self.request_generator).to_value();
        schema["additionalProperties"] = false.into();
        let required = members.iter().filter(|(_, required, _)| *required);
        let required = required.map(|(name, ..)| Value::from(*name));
        schema["required"] = required.collect();
        if kind != Kind::Create {
            schema["required"].take();
            schema["minProperties"] = 1.into();
        }
        for (name, _, _) in members.iter().filter(|(_, _, null)| *null) {
            let property = schema["properties"].get_mut(name);
            let property = property.expect("a member has a schema");
            let types = &mut property["type"];
            if kind == Kind::MergePatch && types.is_string() {
                *types = json!([types, "null"]);
            }
        }
        if let Some(object) = schema.as_object_mut() {
            object.remove("description");
            object.retain(|_, value| !value.is_null() && *value != json!([]));
        }
        self.all.insert(name.to_owned(), schema);
        for member in READ_ONLY {
            self.ignore(name, member);
        }
    }

    /// A schema that no type of this service has.
    pub fn add(&mut self, name: &str, schema: Value) {
        self.all.insert(name.to_owned(), schema);
    }

    /// Allows a read-only member.
    pub fn ignore(&mut self, name: &str, member: &str) {
        self.all[name]["properties"][member] =
            json!({"description": "Ignored: may be sent back as a response had it."});
    }

    pub fn describe(&mut self, name: &str, description: &str) {
        self.all[name]["description"] = description.into();
    }

    /// Adds the keyword at the end of `pointer`, a JSON pointer within the schema.
    pub fn restrict(&mut self, name: &str, pointer: &str, value: Value) {
        let (outer, keyword) = pointer.rsplit_once('/').unwrap_or_default();
        let schema = self.all[name].pointer_mut(outer);
        schema.expect("a schema")[keyword] = value;
    }

    /// Replaces a keyword of a member.
    pub fn set(&mut self, name: &str, member: &str, keyword: &str, value: Value) {
        self.all[name]["properties"][member][keyword] = value;
    }

    pub fn into_value(self) -> Value {
        self.all.into()
    }
}
