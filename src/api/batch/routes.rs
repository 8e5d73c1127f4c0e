//! Where the requests of a batch may go.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, Uri};

use super::bodies::BatchRequest;
use crate::api::error::ApiError;
use crate::api::uris::{BaseUri, api};
use crate::domain::json::InvalidInput;

/// A route that the requests of a batch may use, by its path's template, and with these methods.
pub struct BatchRoute {
    pub path: &'static str,
    pub methods: Vec<Method>,
}

/// The service's own router, for the requests of a batch. Comes among a request's extensions.
#[derive(Clone)]
pub struct BatchRouter {
    pub router: Router,
    routes: Arc<[BatchRoute]>,
}

impl BatchRouter {
    pub fn new(router: Router, routes: Vec<BatchRoute>) -> Self {
        Self {
            router,
            routes: routes.into(),
        }
    }

    /// The method of the batch's request number `index`, and its URI without the host.
    pub fn target(
        &self,
        index: usize,
        request: &BatchRequest,
        base: &BaseUri,
    ) -> Result<(Method, Uri), InvalidInput> {
        let invalid = |member: &str, problem: &str| {
            InvalidInput::field(format!("requests[{index}].{member}"), problem)
        };
        let found = below(base, &request.uri).and_then(|uri| {
            let route = self.routes.iter().find(|route| route.has(uri.path()))?;
            Some((uri, route))
        });
        let problem = "must be the URI, or its path, of something that a batch may change";
        let (uri, route) = found.ok_or_else(|| invalid("uri", problem))?;
        let mut methods = route.methods.iter();
        match methods.find(|method| method.as_str() == request.method) {
            Some(method) => Ok((method.clone(), uri.into())),
            None => {
                let names: Vec<_> = route.methods.iter().map(Method::as_str).collect();
                let problem = format!("must be {} for this URI", names.join(" or "));
                Err(invalid("method", &problem))
            }
        }
    }
}

impl BatchRoute {
    fn has(&self, path: &str) -> bool {
        let (template, path) = (self.path.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template
                .zip(path)
                .all(|(known, given)| known == given || known.starts_with('{') && !given.is_empty())
    }
}

/// The path and the query of a URI below `base`, which is given whole, or from the host's root on with
/// or without the path that `base` has. That path may be the beginning of the API's own.
fn below(base: &BaseUri, uri: &str) -> Option<PathAndQuery> {
    let after_host = base.0.split_once("://").map_or("", |(_, rest)| rest);
    let base_path = after_host.find('/').map_or("", |at| &after_host[at..]);
    let after_base_path = || {
        let rest = uri.strip_prefix(base_path)?;
        rest.starts_with(api!("/")).then_some(rest)
    };
    let path = uri.strip_prefix(&*base.0).or_else(after_base_path);
    let path = path.unwrap_or(uri);
    path.starts_with('/').then(|| path.parse().ok())?
}

impl<S: Send + Sync> FromRequestParts<S> for BatchRouter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let router = parts.extensions.get::<Self>().cloned();
        router.ok_or_else(|| ApiError::Internal("a batch cannot hold a batch".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below_base(base: &str, uri: &str) -> Option<String> {
        below(&BaseUri(base.into()), uri).map(|path| path.to_string())
    }

    #[test]
    fn a_uri_is_given_whole_or_from_the_hosts_root() {
        let path = api!("/tasks/1?x=y");
        for (base, before_path) in [
            ("http://todo.test", ""),
            ("http://todo.test", "http://todo.test"),
            ("https://todo.test/prod", "https://todo.test/prod"),
            ("https://todo.test/prod", "/prod"),
            ("https://todo.test/prod", ""),
            // The API's own path may begin as the base's.
            ("https://todo.test/todo", "https://todo.test/todo"),
            ("https://todo.test/todo", "/todo"),
            ("https://todo.test/todo", ""),
            ("https://todo.test/todo/api/v1.0", "/todo/api/v1.0"),
            ("https://todo.test/todo/api/v1.0", ""),
        ] {
            let found = below_base(base, &format!("{before_path}{path}"));
            assert_eq!(found.as_deref(), Some(path), "{before_path} at {base}");
        }
    }

    #[test]
    fn a_uri_of_another_host_is_refused() {
        for uri in [
            "",
            "tasks/1",
            "http://todo.test",
            "http://todo.test.example/tasks/1",
            "http://todo.test@example/tasks/1",
            "http://example/tasks/1",
            "https://todo.test/tasks/1",
            "/tasks/ 1",
        ] {
            assert_eq!(below_base("http://todo.test", uri), None, "{uri}");
        }
        // No path of the API begins with two slashes.
        let double = below_base("http://todo.test", "//example/tasks/1");
        assert!(double.is_none_or(|path| path.starts_with("//")));
    }

    #[test]
    fn a_path_is_of_a_route_when_each_segment_is() {
        let route = BatchRoute {
            path: "/lists/{id}/tasks",
            methods: vec![Method::POST],
        };
        for path in ["/lists/1/tasks", "/lists/abc/tasks", "/lists/%2F/tasks"] {
            assert!(route.has(path), "{path}");
        }
        for path in ["/lists//tasks", "/lists/1", "/lists/1/tasks/", "/lists/1/x"] {
            assert!(!route.has(path), "{path}");
        }
    }
}
