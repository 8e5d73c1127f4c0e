//! Every route of the service.

use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn, map_response_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter};
use axum::{Extension, Router};
use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;

use super::assets::{self, ASSETS};
use super::batch::{self, BatchRoute, BatchRouter};
use super::calendar;
use super::error::{ApiError, AuthenticationFailed};
use super::state::AppState;
use super::uris::api;
use super::{changes, lists, mcp, service, tasks, tokens, trash, users};
use crate::telemetry;

/// All routes. The open ones need no login; in the others, each handler takes one of the types of
/// [`super::request::credentials`].
pub fn routes() -> Vec<Route> {
    let mut routes = vec![
        // Open.
        Route::open("/health").get(service::health),
        Route::open(api!("")).get(service::index),
        Route::open(api!("/")).get(service::index),
        Route::open(api!("/users")).post(users::register),
        // Its name is the credentials.
        Route::open(api!("/calendar/{file}")).get(calendar::read_calendar),
        // With a login.
        Route::guarded(api!("/tasks"))
            .get(tasks::list_tasks)
            .post(tasks::create_task)
            .in_batches(),
        Route::guarded(api!("/tasks/{id}"))
            .get(tasks::read_task)
            .put(tasks::update_task)
            .patch(tasks::patch_task)
            .delete(tasks::delete_task)
            .in_batches(),
        Route::guarded(api!("/lists"))
            .get(lists::list_lists)
            .post(lists::create_list),
        Route::guarded(api!("/lists/{id}"))
            .get(lists::read_list)
            .put(lists::update_list)
            .patch(lists::patch_list)
            .delete(lists::delete_list),
        Route::guarded(api!("/lists/{id}/tasks"))
            .get(tasks::list_tasks_of_list)
            .post(tasks::create_task_in_list)
            .in_batches(),
        Route::guarded(api!("/trash"))
            .get(trash::list_trash)
            .delete(trash::empty_trash),
        Route::guarded(api!("/trash/{id}"))
            .post(trash::restore_task)
            .delete(trash::purge_task)
            .in_batches(),
        Route::guarded(api!("/changes")).get(changes::list_changes),
        Route::guarded(api!("/batch")).post(batch::run_batch),
        Route::guarded(api!("/users/{username}"))
            .get(users::read_user)
            .put(users::update_user)
            .delete(users::delete_user),
        Route::guarded(api!("/tokens"))
            .get(tokens::list_tokens)
            .post(tokens::create_token),
        Route::guarded(api!("/tokens/{id}")).delete(tokens::delete_token),
        Route::guarded("/mcp").post(mcp::handle_message),
    ];
    // Files for browsers, open too.
    routes.extend(
        ASSETS
            .iter()
            .map(|asset| Route::open(asset.path).get(assets::serve(asset))),
    );
    routes
}

/// The service: requests in, responses out.
pub fn router(app: AppState) -> Router {
    let mut router = Router::new();
    let mut in_batches = Vec::new();
    for route in routes() {
        in_batches.extend(route.batch_route());
        router = router.route(route.path, route.into_method_router());
    }
    let router = router
        .fallback(async || ApiError::NotFound)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(map_response_with_state(app.clone(), evict_stale_logins))
        .with_state(app);
    let for_batches = BatchRouter::new(router.clone(), in_batches);
    router.layer(Extension(for_batches))
}

/// One path and its methods: data for the tests and the OpenAPI document, and a router.
pub struct Route {
    pub path: &'static str,
    pub open: bool,
    pub methods: Vec<Method>,
    /// Whether the requests of a batch may use the methods that write.
    in_batches: bool,
    handlers: MethodRouter<AppState>,
}

impl Route {
    fn open(path: &'static str) -> Self {
        Self {
            path,
            open: true,
            methods: Vec::new(),
            in_batches: false,
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

    fn in_batches(self) -> Self {
        Self {
            in_batches: true,
            ..self
        }
    }

    /// What the requests of a batch may do with it, if anything.
    pub fn batch_route(&self) -> Option<BatchRoute> {
        let methods = self.methods.iter().filter(|method| !method.is_safe());
        self.in_batches.then(|| BatchRoute {
            path: self.path,
            methods: methods.cloned().collect(),
        })
    }

    /// Adds what every route does alike: OPTIONS, and 405 for any other method.
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

/// A cached login that the table has refused is refused from now on without asking the table.
async fn evict_stale_logins(State(app): State<AppState>, response: Response) -> Response {
    if let Some(AuthenticationFailed(Some(account))) = response.extensions().get() {
        app.auth.evict(*account);
    }
    response
}

/// The payload of a panic may hold anything, so the log gets its message only.
fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response {
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let message = message.or_else(|| payload.downcast_ref::<String>().cloned());
    let cause = format!("panicked: {}", message.as_deref().unwrap_or("no message"));
    ApiError::Internal(cause.into()).into_response()
}
