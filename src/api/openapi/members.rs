//! What a member of a body may hold, as JSON Schema. The rules themselves are in [`crate::domain`];
//! `make test-contract` sends what these schemas allow and what they forbid, and compares.

use serde_json::{Value, json};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaFormat, SchemaType, Type};

/// Any text but blank (Unicode's White_Space) in which nothing is a control character.
const TITLE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\u0000-\u001f\u007f-\u009f]*$";
/// No control characters but line breaks and tabs.
const TEXT: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
/// No control characters.
pub const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";
/// One `@`, something on either side of it, no white space, no control characters.
const EMAIL: &str = r"^[^@\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+@[^@\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$";
pub const USERNAME: &str = r"^(?![Tt][Dd][Oo]_)[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$";
pub const DATE: &str = r"^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const SECRET: &str = r"^tdo_[A-Za-z0-9_-]+\.[0-9]{2}-[A-Za-z0-9_-]{11}\.[A-Za-z0-9_-]{43}$";

fn text(description: &str, example: impl Into<Value>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .examples([example.into()])
}

fn or_null(schema: ObjectBuilder, type_: Type) -> ObjectBuilder {
    schema.schema_type(SchemaType::from_iter([type_, Type::Null]))
}

fn format(name: &str) -> Option<SchemaFormat> {
    Some(SchemaFormat::Custom(name.to_owned()))
}

pub fn uri() -> Object {
    text(
        "Where it is; absolute.",
        "http://localhost:9000/todo/api/v1.0/tasks/2",
    )
    .format(format("uri"))
    .build()
}

pub fn title() -> Object {
    text(
        "1 to 500 code points, not all white space, no control characters.",
        "Read a book",
    )
    .min_length(Some(1))
    .max_length(Some(500))
    .pattern(Some(TITLE))
    .build()
}

fn description_builder() -> ObjectBuilder {
    text(
        "Up to 4,000 code points; of the control characters, only line breaks and tabs. `\"\"` by default.",
        "Need to find a good Python tutorial on the web",
    )
    .max_length(Some(4_000))
    .pattern(Some(TEXT))
}

pub fn description() -> Object {
    description_builder().build()
}

pub fn done() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some("Strictly a boolean."))
        .build()
}

pub fn due() -> Object {
    let due = text(
        "A day, 0001-01-01 to 9999-12-31; null without one.",
        "2026-12-24",
    );
    or_null(due.format(format("date")).pattern(Some(DATE)), Type::String).build()
}

pub fn time() -> Object {
    text(
        "RFC 3339, in UTC, with milliseconds.",
        "2026-11-22T08:00:00.000Z",
    )
    .format(format("date-time"))
    .build()
}

pub fn time_or_null() -> Object {
    let time = text(
        "When `done` last became true; null while it is false.",
        Value::Null,
    );
    or_null(time.format(format("date-time")), Type::String).build()
}

pub fn etag() -> Object {
    text(
        "The entity tag of this state of it, for `If-Match`.",
        "\"1.1\"",
    )
    .pattern(Some(r#"^"1\.[0-9]+"$"#))
    .build()
}

pub fn username() -> Object {
    text(
        "1 to 64 of `a-z 0-9 . _ -`, folded to lower case, not starting with a dot or with `tdo_`.",
        "ada",
    )
    .min_length(Some(1))
    .max_length(Some(64))
    .pattern(Some(USERNAME))
    .build()
}

pub fn email() -> Object {
    let email = text(
        "At most 254 code points, one `@`, no white space; null without one.",
        "ada@example.com",
    );
    let email = email.max_length(Some(254)).pattern(Some(EMAIL));
    or_null(email, Type::String).build()
}

pub fn password() -> Object {
    text(
        "8 to 256 code points, no control characters; not the user name, and none of the commonest \
         passwords, in whatever case.",
        "correct horse",
    )
    .min_length(Some(8))
    .max_length(Some(256))
    .pattern(Some(LINE))
    .format(format("password"))
    .write_only(true)
    .build()
}

pub fn registration_code() -> Object {
    text(
        "Needed where the operator asks for one, otherwise ignored.",
        "sesame",
    )
    .build()
}

pub fn label() -> Object {
    text(
        "Up to 100 code points, no control characters; `\"\"` by default.",
        "laptop",
    )
    .max_length(Some(100))
    .pattern(Some(LINE))
    .build()
}

pub fn scope() -> Object {
    text(
        "`read` may only look; `write`, the default, may do all but make tokens and change the account.",
        "write",
    )
    .enum_values(Some(["read", "write"]))
    .build()
}

pub fn duration() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some(
            "For how many seconds it lives: a minute to a year; 600 by default.",
        ))
        .minimum(Some(60))
        .maximum(Some(31_536_000))
        .examples([json!(86_400)])
        .build()
}

pub fn secret() -> Object {
    text(
        "The secret: goes into `Authorization: Bearer …`. Shown this once.",
        "tdo_YWRh.52-_JU1xe9HsJY.XyZ0123456789abcdefghijklmnopqrstuvwxyzABCDE",
    )
    .pattern(Some(SECRET))
    .build()
}

pub fn next() -> Object {
    text(
        "Where the list goes on; absent on the last page.",
        "http://localhost:9000/todo/api/v1.0/tasks?limit=1&cursor=g_qRzyYS",
    )
    .format(format("uri"))
    .build()
}

pub fn result() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .enum_values(Some([true]))
        .build()
}

pub fn error_words() -> Object {
    text(
        "What kind of error, in the words of the status.",
        "Bad request",
    )
    .build()
}
