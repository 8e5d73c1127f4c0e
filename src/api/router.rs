//! Every route of the service, and what all answers have in common.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn, map_response_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter};
use http::header::{
    ALLOW, CACHE_CONTROL, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::assets as web;
use crate::api::cors::Caller;
use crate::api::error::{ApiError, AuthenticationFailed};
use crate::api::service::handlers as site;
use crate::api::state::AppState;
use crate::api::tasks::handlers as tasks;
use crate::api::tokens::handlers as tokens;
use crate::api::users::handlers as users;
use crate::config::Config;
use crate::telemetry;

/// Every route there is. The open ones ask for no login; in the others, each handler takes
/// one of the types in [`crate::auth`].
pub fn resources() -> Vec<Resource> {
    vec![
        // Open.
        Resource::open("/health").get(site::health),
        Resource::open("/openapi.json").get(web::file(&web::OPENAPI)),
        Resource::open("/todo/api/v1.0").get(site::index),
        Resource::open("/todo/api/v1.0/").get(site::index),
        Resource::open("/todo/api/v1.0/users").post(users::register),
        // For browsers, open too: the reference and the web client.
        Resource::open("/docs").get(web::file(&web::DOCS)),
        Resource::open("/web/docs.css").get(web::file(&web::DOCS_CSS)),
        Resource::open("/web/docs.js").get(web::file(&web::DOCS_JS)),
        Resource::open("/").get(web::file(&web::INDEX)),
        Resource::open("/web/app.css").get(web::file(&web::APP_CSS)),
        Resource::open("/web/app.js").get(web::file(&web::APP_JS)),
        Resource::open("/web/api.js").get(web::file(&web::API_JS)),
        Resource::open("/web/list.js").get(web::file(&web::LIST_JS)),
        Resource::open("/web/row.js").get(web::file(&web::ROW_JS)),
        Resource::open("/web/ui.js").get(web::file(&web::UI_JS)),
        Resource::open("/web/icon.svg").get(web::file(&web::ICON)),
        // With a login.
        Resource::guarded("/todo/api/v1.0/tasks")
            .get(tasks::list_tasks)
            .post(tasks::create_task),
        Resource::guarded("/todo/api/v1.0/tasks/{id}")
            .get(tasks::read_task)
            .put(tasks::update_task)
            .patch(tasks::patch_task)
            .delete(tasks::delete_task),
        Resource::guarded("/todo/api/v1.0/users/{username}")
            .get(users::read_user)
            .put(users::update_user)
            .delete(users::delete_user),
        Resource::guarded("/todo/api/v1.0/tokens")
            .get(tokens::list_tokens)
            .post(tokens::create_token),
        Resource::guarded("/todo/api/v1.0/tokens/{id}").delete(tokens::delete_token),
    ]
}

/// The service: requests in, answers out. Headers common to all answers are added by [`finish`].
pub fn router(app: AppState) -> Router {
    let mut router = Router::new();
    for resource in resources() {
        router = router.route(resource.path, resource.into_method_router());
    }
    router
        .fallback(async || ApiError::NotFound)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(map_response_with_state(app.clone(), evict_stale_login))
        .with_state(app)
}

/// Cached credentials that the table has refused must not be accepted once more.
async fn evict_stale_login(State(app): State<AppState>, response: Response) -> Response {
    if let Some(AuthenticationFailed(Some(account))) = response.extensions().get() {
        app.auth.evict(*account);
    }
    response
}

/// Completes any answer of the function.
pub fn finish(
    mut response: Response,
    request_id: &str,
    caller: &Caller,
    config: &Config,
) -> Response {
    if response
        .extensions()
        .get::<AuthenticationFailed>()
        .is_some()
    {
        *response.status_mut() = config.auth_failure_status;
    }
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in COMMON_HEADERS {
        headers.insert(name, value);
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
    caller.admit(&config.cors_origins, headers);
    response
}

const COMMON_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000"),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (VARY, HeaderValue::from_static("Authorization, Origin")),
];

/// One path and its methods: data for whoever wants to know all routes, and a router.
pub struct Resource {
    pub path: &'static str,
    pub open: bool,
    pub methods: Vec<Method>,
    handlers: MethodRouter<AppState>,
}

impl Resource {
    fn open(path: &'static str) -> Self {
        Self {
            path,
            open: true,
            methods: Vec::new(),
            handlers: MethodRouter::new(),
        }
    }

    fn guarded(path: &'static str) -> Self {
        Self {
            open: false,
            ..Self::open(path)
        }
    }

    fn get<T: 'static>(self, handler: impl Handler<T, AppState>) -> Self {
        self.on(MethodFilter::GET, &[Method::GET, Method::HEAD], handler)
    }

    fn post<T: 'static>(self, handler: impl Handler<T, AppState>) -> Self {
        self.on(MethodFilter::POST, &[Method::POST], handler)
    }

    fn put<T: 'static>(self, handler: impl Handler<T, AppState>) -> Self {
        self.on(MethodFilter::PUT, &[Method::PUT], handler)
    }

    fn patch<T: 'static>(self, handler: impl Handler<T, AppState>) -> Self {
        self.on(MethodFilter::PATCH, &[Method::PATCH], handler)
    }

    fn delete<T: 'static>(self, handler: impl Handler<T, AppState>) -> Self {
        self.on(MethodFilter::DELETE, &[Method::DELETE], handler)
    }

    fn on<T: 'static>(
        mut self,
        filter: MethodFilter,
        methods: &[Method],
        handler: impl Handler<T, AppState>,
    ) -> Self {
        self.methods.extend_from_slice(methods);
        self.handlers = self.handlers.on(filter, handler);
        self
    }

    /// Adds what every resource answers alike: OPTIONS, and 405 to any other method.
    fn into_method_router(self) -> MethodRouter<AppState> {
        let names = self.methods.iter().map(Method::as_str).chain(["OPTIONS"]);
        let allow = names.collect::<Vec<_>>().join(", ");
        let allow = HeaderValue::from_str(&allow).expect("methods are ASCII");
        let options = (StatusCode::NO_CONTENT, [(ALLOW, allow.clone())]);
        let path = self.path;
        self.handlers
            .on(MethodFilter::OPTIONS, async move || options)
            .fallback(async move || ApiError::MethodNotAllowed(allow))
            .layer(from_fn(async move |request: Request, next: Next| {
                telemetry::route(path);
                next.run(request).await
            }))
    }
}

/// The payload of a panic may hold anything, so the log gets only the words it was raised with.
fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response {
    let words = payload
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned());
    let words = words.or_else(|| payload.downcast_ref::<String>().cloned());
    let cause = format!("panicked: {}", words.as_deref().unwrap_or("without words"));
    ApiError::Internal(cause.into()).into_response()
}
