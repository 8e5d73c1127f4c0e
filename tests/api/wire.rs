//! The wire between the service and its engine: says which operations passed, and can be told to
//! misbehave as DynamoDB does and the embedded engine does not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::StreamBody;
use tokio::sync::Notify;

/// What befalls one call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// None: it is done and answered.
    Pass,
    /// It is done, but the answer is lost.
    LoseReply,
    /// It is not done; DynamoDB answers with this status and error code.
    Refuse(u16, &'static str),
    /// It is not done; DynamoDB cancels the transaction, for these reasons.
    Cancel([&'static str; 2]),
    /// It is not done; there is nobody there.
    NoConnection,
    /// It waits at the gate.
    Hold(Arc<Gate>),
    /// It is done, and its response waits at the gate and is lost then.
    LoseAfter(Loss, Arc<Gate>),
}

/// How a response is lost.
#[derive(Clone, Copy, Debug)]
pub enum Loss {
    /// The connection ends before it.
    NoResponse,
    /// The connection ends in its body, after a status of 200.
    HalfABody,
    /// It is a server error, although the call is done.
    ServerError,
}

/// Where a call is held on its way.
#[derive(Debug, Default)]
pub struct Gate {
    pub arrived: Notify,
    pub open: Notify,
}

#[derive(Clone, Debug, Default)]
pub struct Wire {
    calls: Arc<Mutex<Vec<String>>>,
    headers: Arc<Mutex<Vec<(String, String)>>>,
    faults: Arc<Mutex<VecDeque<Fault>>>,
    always: Arc<Mutex<Option<Fault>>>,
}

impl Wire {
    /// The operations called since the last time, in order.
    pub fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().expect("calls"))
    }

    /// The headers of the last call, by name.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.headers.lock().expect("headers").clone()
    }

    /// What befalls the next calls, one after the other; all that follow pass.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().expect("faults").extend(faults);
    }

    /// What befalls every call from now on.
    pub fn always(&self, fault: Fault) {
        *self.always.lock().expect("always") = Some(fault);
    }

    /// `inner`, with this wire in between.
    pub fn around(&self, inner: SharedHttpClient) -> SharedHttpClient {
        let wire = self.clone();
        let connector = OnceLock::new();
        http_client_fn(move |settings, components| {
            let inner = connector.get_or_init(|| inner.http_connector(settings, components));
            SharedHttpConnector::new(Tapped {
                wire: wire.clone(),
                inner: inner.clone(),
            })
        })
    }

    fn befalls(&self) -> Fault {
        let next = self.faults.lock().expect("faults").pop_front();
        let always = self.always.lock().expect("always").clone();
        next.or(always).unwrap_or(Fault::Pass)
    }
}

#[derive(Debug)]
struct Tapped {
    wire: Wire,
    inner: SharedHttpConnector,
}

impl HttpConnector for Tapped {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        self.wire.calls.lock().expect("calls").push(operation);
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        *self.wire.headers.lock().expect("headers") = sorted(headers);
        let inner = self.inner.clone();
        match self.wire.befalls() {
            Fault::Pass => inner.call(request),
            Fault::LoseReply => HttpConnectorFuture::new(async move {
                inner.call(request).await?;
                Err(ConnectorError::io("the reply was lost".into()))
            }),
            Fault::Refuse(status, code) => HttpConnectorFuture::ready(Ok(refusal(status, code))),
            Fault::Hold(gate) => HttpConnectorFuture::new(async move {
                gate.arrived.notify_one();
                gate.open.notified().await;
                inner.call(request).await
            }),
            Fault::LoseAfter(loss, gate) => HttpConnectorFuture::new(async move {
                inner.call(request).await?;
                gate.arrived.notify_one();
                gate.open.notified().await;
                lost(loss)
            }),
            Fault::Cancel(reasons) => HttpConnectorFuture::ready(Ok(cancellation(reasons))),
            Fault::NoConnection => {
                HttpConnectorFuture::ready(Err(ConnectorError::io("nobody there".into())))
            }
        }
    }
}

fn lost(loss: Loss) -> Result<HttpResponse, ConnectorError> {
    let io = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    match loss {
        Loss::NoResponse => Err(ConnectorError::io(io().into())),
        Loss::ServerError => Ok(refusal(500, "InternalServerError")),
        Loss::HalfABody => {
            let body = StreamBody::new(futures_util::stream::iter([Err(io())]));
            let body = SdkBody::from_body_1_x(body);
            Ok(HttpResponse::new(200.try_into().expect("a status"), body))
        }
    }
}

fn refusal(status: u16, code: &str) -> HttpResponse {
    let body = format!(
        r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"secret words of arn:aws:dynamodb"}}"#
    );
    HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body))
}

fn cancellation(reasons: [&str; 2]) -> HttpResponse {
    let body = format!(
        r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"canceled","CancellationReasons":[{{"Code":"{}"}},{{"Code":"{}"}}]}}"#,
        reasons[0], reasons[1],
    );
    HttpResponse::new(400.try_into().expect("a status"), SdkBody::from(body))
}

fn sorted(headers: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut headers: Vec<_> = headers.collect();
    headers.sort_unstable();
    headers
}
