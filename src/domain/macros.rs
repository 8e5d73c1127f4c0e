//! What would otherwise be written for each type that has a JSON form.

/// Gives a type that is a string in JSON, and is made from one by `TryFrom<String>`, its JSON form and
/// its JSON Schema: a description, an example, further keywords.
macro_rules! json_string {
    ($type:ty $(, absent: $absent:expr)?; $description:expr, $example:expr, $keywords:tt) => {
        impl $crate::domain::json::FromJson for $type {
            fn from_json(
                json: &serde_json::value::RawValue,
            ) -> Result<Self, $crate::domain::json::Problem> {
                $crate::domain::json::string(json)
            }

            $(fn when_absent() -> Option<Self> {
                Some($absent)
            })?
        }

        $crate::domain::macros::json_schema!($type; "string", $description, $example, $keywords);
    };
}

/// Gives a type its JSON Schema, which stands wherever the type is used.
macro_rules! json_schema {
    ($type:ty; $json_type:expr, $description:expr, $example:expr, $keywords:tt) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut schema = schemars::json_schema!($keywords);
                schema.insert("type".to_owned(), $json_type.into());
                schema.insert("description".to_owned(), $description.into());
                schema.insert("examples".to_owned(), serde_json::json!([$example]));
                schema
            }
        }
    };
}

/// Defines the members that a resource's owner sets, once: the struct that a resource holds and that
/// a create takes, and the struct of an update, where a member that is `None` stays as it is. Both
/// read themselves from a body, and describe themselves as JSON Schema.
macro_rules! members {
    (
        $(#[$content_meta:meta])*
        $content:ident;
        $(#[$changes_meta:meta])*
        $changes:ident;
        $( $(#[$meta:meta])* $name:ident: $type:ty, )*
    ) => {
        $(#[$content_meta])*
        #[derive(Clone, Debug, PartialEq, schemars::JsonSchema, serde::Serialize)]
        pub struct $content {
            $( $(#[$meta])* pub $name: $type, )*
        }

        $(#[$changes_meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $changes {
            $( pub $name: Option<$type>, )*
        }

        impl $content {
            /// Reads what a create takes.
            pub fn read(
                members: &mut $crate::domain::json::Members<'_>,
            ) -> Result<Self, $crate::domain::json::InvalidInput> {
                Ok(Self {
                    $( $name: members.value(stringify!($name))?, )*
                })
            }

            /// Each member's name, whether a create requires it, and whether null resets it.
            pub fn members() -> Vec<(&'static str, bool, bool)> {
                use $crate::domain::json::FromJson;
                vec![$( (
                    stringify!($name),
                    <$type>::when_absent().is_none(),
                    <$type>::when_null().is_some(),
                ), )*]
            }
        }

        impl $changes {
            /// Reads what an update takes; in a merge patch, null resets a member.
            pub fn read(
                members: &mut $crate::domain::json::Members<'_>,
                merge_patch: bool,
            ) -> Result<Self, $crate::domain::json::InvalidInput> {
                Ok(Self {
                    $( $name: members.change(stringify!($name), merge_patch)?, )*
                })
            }
        }

        impl From<$content> for $changes {
            fn from(content: $content) -> Self {
                Self {
                    $( $name: Some(content.$name), )*
                }
            }
        }
    };
}

pub(crate) use {json_schema, json_string, members};
