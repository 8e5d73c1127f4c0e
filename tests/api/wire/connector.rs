//! The HTTP client of the SDK that lets the wire see and fail each call.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use axum::body::{Bytes, HttpBody};
use http_body::Frame;
use serde_json::Value;

use super::{Fault, Wire};

/// The operation that a request asks for, as `PutItem`.
pub fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

/// The sort key of the one item that a request is about.
pub fn sort_key(request: &HttpRequest) -> Option<String> {
    let body: Value = serde_json::from_slice(request.body().bytes()?).ok()?;
    let item = body.get("Key").or_else(|| body.get("Item"))?;
    Some(item["sk"]["S"].as_str()?.to_owned())
}

pub struct Tapped {
    pub wire: Wire,
    pub inner: SharedHttpConnector,
}

impl fmt::Debug for Tapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tapped")
    }
}

impl HttpConnector for Tapped {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (wire, inner) = (self.wire.clone(), self.inner.clone());
        let call = wire.record(&request);
        HttpConnectorFuture::new(async move {
            wire.await_interlude(&call).await;
            let (fault, applied) = wire.next_fault(&call);
            let response = meet(fault, &inner, request).await;
            if let Some(applied) = applied {
                applied.arrived.add_permits(1);
            }
            response
        })
    }
}

/// Makes the call as far as the fault lets it.
async fn meet(
    fault: Fault,
    inner: &SharedHttpConnector,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    match fault {
        Fault::Refuse(status, code) => return Ok(refusal(status, code)),
        Fault::Page(status) => return Ok(page(status)),
        Fault::Cancel(reasons) => return Ok(cancellation(reasons)),
        Fault::NoConnection => return Err(ConnectorError::io("no connection".into())),
        Fault::Hold(gate) => {
            gate.pass().await;
            return inner.call(request).await;
        }
        _ => {}
    }
    let response = inner.call(request).await?;
    match fault {
        Fault::LoseResponse => Err(ConnectorError::io("the response was lost".into())),
        Fault::ResetConnection => {
            let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            Err(ConnectorError::io(reset.into()))
        }
        Fault::CutResponse => Ok(cut(response).await),
        Fault::FailAfterwards => Ok(refusal(500, "InternalServerError")),
        Fault::RespondTooLate => Err(ConnectorError::timeout("the attempt timed out".into())),
        _ => Ok(response),
    }
}

fn refusal(status: u16, code: &str) -> HttpResponse {
    let body = format!(
        r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"secret words of arn:aws:dynamodb"}}"#
    );
    HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body))
}

fn page(status: u16) -> HttpResponse {
    let body = SdkBody::from("<html>no gateway</html>");
    HttpResponse::new(status.try_into().expect("a status"), body)
}

fn cancellation(reasons: [&str; 2]) -> HttpResponse {
    let body = format!(
        r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"canceled","CancellationReasons":[{{"Code":"{}"}},{{"Code":"{}"}}]}}"#,
        reasons[0], reasons[1],
    );
    HttpResponse::new(400.try_into().expect("a status"), SdkBody::from(body))
}

/// The response with the first half of its body, then the end of the connection.
async fn cut(mut response: HttpResponse) -> HttpResponse {
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let bytes = ByteStream::new(body).collect().await.expect("a body");
    let bytes = bytes.into_bytes();
    let half = bytes.slice(..bytes.len() / 2);
    *response.body_mut() = SdkBody::from_body_1_x(HalfBody(Some(half)));
    response
}

struct HalfBody(Option<Bytes>);

impl HttpBody for HalfBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = self.0.take().map(Frame::data);
        Poll::Ready(Some(
            frame.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into()),
        ))
    }
}
