//! What the function returns to API Gateway.

use axum::body::to_bytes;
use axum::response::Response;
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse};
use serde::Serialize;

/// A proxy response in the form that the event's kind of API asks for.
#[derive(Serialize)]
#[serde(untagged)]
pub enum LambdaResponse {
    Rest(ApiGatewayProxyResponse),
    Http(ApiGatewayV2httpResponse),
}

impl LambdaResponse {
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
            let mut reply = ApiGatewayProxyResponse::default();
            reply.status_code = status_code;
            reply.headers = parts.headers;
            reply.body = body;
            reply.is_base64_encoded = is_base64_encoded;
            Self::Rest(reply)
        } else {
            let mut reply = ApiGatewayV2httpResponse::default();
            reply.status_code = status_code;
            reply.headers = parts.headers;
            reply.body = body;
            reply.is_base64_encoded = is_base64_encoded;
            Self::Http(reply)
        }
    }
}
