//! What the function returns to API Gateway.

use axum::body::to_bytes;
use axum::response::Response;
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse};
use serde::Serialize;

/// A proxy response in the format of the API that sent the event.
#[derive(Serialize)]
#[serde(untagged)]
pub enum LambdaResponse {
    Rest(ApiGatewayProxyResponse),
    Http(ApiGatewayV2httpResponse),
}

impl LambdaResponse {
    /// `rest` is whether a REST API sent the event. A body that is not UTF-8 is encoded in base64.
    pub async fn new(rest: bool, response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let (body, is_base64_encoded) = match String::from_utf8(bytes.into()) {
            Ok(text) if text.is_empty() => (None, false),
            Ok(text) => (Some(Body::Text(text)), false),
            Err(binary) => (Some(Body::Binary(binary.into_bytes())), true),
        };
        let status_code = parts.status.as_u16().into();
        if rest {
            let mut proxy = ApiGatewayProxyResponse::default();
            proxy.status_code = status_code;
            proxy.headers = parts.headers;
            proxy.body = body;
            proxy.is_base64_encoded = is_base64_encoded;
            Self::Rest(proxy)
        } else {
            let mut proxy = ApiGatewayV2httpResponse::default();
            proxy.status_code = status_code;
            proxy.headers = parts.headers;
            proxy.body = body;
            proxy.is_base64_encoded = is_base64_encoded;
            Self::Http(proxy)
        }
    }
}
