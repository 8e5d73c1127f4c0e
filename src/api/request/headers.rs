//! Headers that change what a request does: conditions (RFC 9110, 13) and the idempotency key.

use axum::extract::FromRequestParts;
use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use crate::api::error::ApiError;
use crate::api::response::EntityTag;
use crate::domain::idempotency_key::{IdempotencyKey, IdempotencyKeyError};
use crate::domain::json::InvalidInput;
use crate::domain::version::{Expected, Version};

/// Which version `If-Match` allows to be replaced. A request that may have this header has no use for
/// `If-None-Match`, which must not be ignored (RFC 9110, 13.1.2): it is refused.
pub struct IfMatch(pub Expected);

/// The tags of `If-None-Match`: a response with one of them need not be sent again.
pub struct IfNoneMatch(Tags);

/// The `Idempotency-Key`, if there is one.
pub struct IdempotencyKeyHeader(pub Option<IdempotencyKey>);

enum Tags {
    Any,
    /// As they were sent, quotes and weakness included.
    These(Vec<String>),
}

/// How many tags one header may list.
const MAX_TAGS: usize = 50;

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let problem = "must be * or a list of at most 50 entity tags";
        let invalid = || InvalidInput::field("If-Match", problem);
        if parts.headers.contains_key(IF_NONE_MATCH) {
            let problem = "is for GET and HEAD; send If-Match instead";
            return Err(InvalidInput::field("If-None-Match", problem).into());
        }
        let expected = match tags(&parts.headers, IF_MATCH).map_err(|Malformed| invalid())? {
            None | Some(Tags::Any) => Expected::Anything,
            Some(Tags::These(tags)) if tags.len() > MAX_TAGS => return Err(invalid().into()),
            Some(Tags::These(tags)) => {
                Expected::OneOf(tags.iter().filter_map(|tag| version(tag)).collect())
            }
        };
        Ok(Self(expected))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = ApiError;

    /// A malformed one is ignored: it could only have saved a transfer.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let tags = tags(&parts.headers, IF_NONE_MATCH).ok().flatten();
        Ok(Self(tags.unwrap_or(Tags::These(Vec::new()))))
    }
}

impl IfNoneMatch {
    /// Whether the client has the state that `etag` stands for, by weak comparison.
    pub fn matches(&self, etag: &EntityTag) -> bool {
        fn opaque(tag: &str) -> &str {
            tag.strip_prefix("W/").unwrap_or(tag)
        }
        let own = opaque(etag.as_str());
        match &self.0 {
            Tags::Any => true,
            Tags::These(tags) => tags.iter().any(|tag| opaque(tag) == own),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKeyHeader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let invalid = || InvalidInput::field("Idempotency-Key", IdempotencyKeyError);
        let mut all = parts.headers.get_all("idempotency-key").iter();
        let (Some(only), None) = (all.next(), all.next()) else {
            return match parts.headers.contains_key("idempotency-key") {
                true => Err(invalid().into()),
                false => Ok(Self(None)),
            };
        };
        let raw = only.to_str().map_err(|_| invalid())?;
        let bare = raw
            .strip_prefix('"')
            .and_then(|raw| raw.strip_suffix('"'))
            .unwrap_or(raw);
        let key = bare.to_owned().try_into().map_err(|_| invalid())?;
        Ok(Self(Some(key)))
    }
}

struct Malformed;

/// The entity tags of a header, over all its lines; `None` without one.
fn tags(headers: &HeaderMap, name: HeaderName) -> Result<Option<Tags>, Malformed> {
    let lines = headers.get_all(name).iter().map(HeaderValue::to_str);
    let lines = lines
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Malformed)?;
    if lines.is_empty() {
        return Ok(None);
    }
    let list = lines.join(",");
    if list.trim_matches([' ', '\t']) == "*" {
        return Ok(Some(Tags::Any));
    }
    let mut tags = Vec::new();
    let mut rest = list.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (tag, after) = first_tag(rest).ok_or(Malformed)?;
        tags.push(tag.to_owned());
        let after = after.trim_start_matches([' ', '\t']);
        if !after.is_empty() && !after.starts_with(',') {
            return Err(Malformed);
        }
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    if tags.is_empty() {
        Err(Malformed)
    } else {
        Ok(Some(Tags::These(tags)))
    }
}

/// The tag that `list` begins with, and the rest of the list.
fn first_tag(list: &str) -> Option<(&str, &str)> {
    let quoted = list.strip_prefix("W/").unwrap_or(list);
    let opaque = quoted.strip_prefix('"')?;
    let end = opaque.find('"')?;
    let legal = |c: char| c == '!' || ('#'..='~').contains(&c) || !c.is_ascii();
    if !opaque[..end].chars().all(legal) {
        return None;
    }
    Some(list.split_at(list.len() - opaque.len() + end + 1))
}

/// The version whose tag this is; `None` for weak tags and tags of other services.
pub fn version(tag: &str) -> Option<Version> {
    let number = tag.strip_prefix("\"1.")?.strip_suffix('"')?;
    let version = Version(number.parse().ok()?);
    (EntityTag::of_version(version).as_str() == tag).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Option<Vec<String>>, ()> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_MATCH, line.parse().expect("a header"));
        }
        match tags(&headers, IF_MATCH) {
            Ok(None) => Ok(None),
            Ok(Some(Tags::Any)) => Ok(Some(vec!["*".to_owned()])),
            Ok(Some(Tags::These(tags))) => Ok(Some(tags)),
            Err(Malformed) => Err(()),
        }
    }

    #[test]
    fn a_list_of_tags_is_taken_apart() {
        let these = |tags: &[&str]| Ok(Some(tags.iter().map(|tag| (*tag).to_owned()).collect()));
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["*"]), these(&["*"]));
        assert_eq!(read(&[" * "]), these(&["*"]));
        assert_eq!(read(&[r#""1.1""#]), these(&[r#""1.1""#]));
        assert_eq!(
            read(&[r#""a", W/"b" ,"","c,d""#]),
            these(&[r#""a""#, r#"W/"b""#, r#""""#, r#""c,d""#])
        );
        assert_eq!(read(&[r#", "a",, "b","#]), these(&[r#""a""#, r#""b""#]));
        assert_eq!(read(&[r#""a""#, r#""b""#]), these(&[r#""a""#, r#""b""#]));
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for bad in [
            "",
            ",",
            "a",
            r#""a"#,
            r#"a""#,
            r#""a" "b""#,
            r#""a"b"#,
            r#"w/"a""#,
            r#""a b""#,
            r#"*, "a""#,
            r#""a", *"#,
            "**",
        ] {
            assert_eq!(read(&[bad]), Err(()), "{bad}");
        }
    }

    #[test]
    fn only_the_one_spelling_of_a_tag_has_a_version() {
        assert_eq!(version(r#""1.7""#), Some(Version(7)));
        for foreign in [
            r#"W/"1.7""#,
            r#""1.07""#,
            r#""1.+7""#,
            r#""2.7""#,
            r#""1.""#,
            r#""7""#,
            "1.7",
        ] {
            assert_eq!(version(foreign), None, "{foreign}");
        }
    }
}
