//! Messages of the Model Context Protocol.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::sync::OnceCell;

use super::protocol::{Era, Message, Params};
use super::results::{self, ToolResult, respond};
use super::rpc_error::RpcError;
use super::tools::{Tool, definitions};
use super::{Caller, calls};
use crate::api::error::ApiError;
use crate::api::request::credentials::CurrentUser;
use crate::api::request::{Deadline, JsonBytes, TrustedOrigin};
use crate::api::state::AppState;
use crate::api::uris::BaseUri;
use crate::telemetry;

/// The largest message that is read, as of a batch.
const MAX_BYTES: usize = 1024 * 1024;

/// `POST /mcp`: the response to a JSON-RPC request; 202 for a notification, which changes nothing here.
pub async fn handle_message(
    State(app): State<AppState>,
    _: TrustedOrigin,
    user: CurrentUser,
    headers: HeaderMap,
    deadline: Deadline,
    base: BaseUri,
    JsonBytes(bytes): JsonBytes<MAX_BYTES>,
) -> Result<Response, ApiError> {
    let message = match Message::parse(&bytes) {
        Ok(message) => message,
        Err(error) => return Ok(error.respond(None)),
    };
    let Some(id) = message.id() else {
        return Ok(match message.method.starts_with("notifications/") {
            true => StatusCode::ACCEPTED.into_response(),
            false => RpcError::not_a_request().respond(None),
        });
    };
    let (era, params) = match message.check(&headers) {
        Ok(checked) => checked,
        Err(error) => return Ok(error.respond(Some(id))),
    };
    let caller = Caller {
        app: &app,
        account: &user.account,
        base: &base,
        may_write: user.may_write(),
        deadline: deadline.for_parts(),
        lists: OnceCell::new(),
    };
    match (era, &*message.method) {
        (Era::Legacy, "initialize") => {
            let agreed = results::initialized(params.version.as_deref());
            Ok(respond(era, id, agreed))
        }
        (Era::Legacy, "ping") => Ok(respond(era, id, json!({}))),
        (Era::Modern, "server/discover") => Ok(respond(era, id, results::discovered())),
        (_, "tools/list") => Ok(list_tools(&caller, era, id, &params)),
        (_, "tools/call") => call_tool(&caller, era, id, &params).await,
        _ => Ok(RpcError::unknown_method(era).respond(Some(id))),
    }
}

fn list_tools(caller: &Caller<'_>, era: Era, id: &RawValue, params: &Params<'_>) -> Response {
    if params.cursor.is_some() {
        return RpcError::invalid_params("there is one page of tools").respond(Some(id));
    }
    let tools = definitions(caller.may_write);
    respond(era, id, results::tool_list(era, tools))
}

async fn call_tool(
    caller: &Caller<'_>,
    era: Era,
    id: &RawValue,
    params: &Params<'_>,
) -> Result<Response, ApiError> {
    let Some(tool) = params.name.as_deref().and_then(Tool::named) else {
        return Ok(RpcError::invalid_params("there is no such tool").respond(Some(id)));
    };
    telemetry::tool(tool.name());
    let result = match tool.is_allowed(caller.may_write) {
        true => calls::call(caller, tool, params.arguments).await?,
        false => ToolResult::refused("this token may only read".to_owned()),
    };
    Ok(respond(era, id, result))
}
