//! The wire between the service and its engine: records the calls, and can be told to fail them as
//! DynamoDB and the network do and the embedded engine does not.
//!
//! A fault is planned for an operation, as `PutItem`, or for an operation on an item, by the
//! beginning of its sort key: `UpdateItem account`, `PutItem task#`.

use std::collections::VecDeque;
use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use axum::body::{Bytes, HttpBody};
use http_body::Frame;
use serde_json::Value;
use tokio::sync::Semaphore;

/// What happens to one call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nothing: it is applied and responded to.
    Pass,
    /// It is applied; the connection is closed without a response.
    LoseResponse,
    /// It is applied; the connection is reset.
    ResetConnection,
    /// It is applied; the response breaks off in the middle of its body.
    CutResponse,
    /// It is applied; the response is a 500.
    FailAfterwards,
    /// It is applied; its response comes after the attempt's timeout. Takes no time.
    RespondTooLate,
    /// It is not applied; DynamoDB responds with this status and error code.
    Refuse(u16, &'static str),
    /// It is not applied; something else than DynamoDB responds with this status and a page.
    Page(u16),
    /// It is not applied; DynamoDB cancels the transaction for these reasons.
    Cancel([&'static str; 2]),
    /// It is not applied; no connection can be made.
    NoConnection,
    /// It waits until the gate is opened.
    Hold(Arc<Gate>),
}

/// The ways to lose the response of a call that was applied.
pub const LOST_RESPONSES: [Fault; 5] = [
    Fault::LoseResponse,
    Fault::ResetConnection,
    Fault::CutResponse,
    Fault::FailAfterwards,
    Fault::RespondTooLate,
];

/// Where a call is held. Once open, it stays open.
#[derive(Debug)]
pub struct Gate {
    arrived: Semaphore,
    opened: Semaphore,
}

impl Gate {
    pub fn closed() -> Arc<Self> {
        Arc::new(Self {
            arrived: Semaphore::new(0),
            opened: Semaphore::new(0),
        })
    }

    /// Waits until a call has arrived.
    pub async fn arrived(&self) {
        let permit = self.arrived.acquire().await.expect("it is never closed");
        drop(permit);
    }

    pub fn open(&self) {
        self.opened.add_permits(1);
    }

    async fn pass(&self) {
        self.arrived.add_permits(1);
        let permit = self.opened.acquire().await.expect("it is never closed");
        drop(permit);
    }
}

type Rule = Arc<dyn Fn(&str) -> Fault + Send + Sync>;

/// A fault for the next call of `target`.
struct Planned {
    target: String,
    fault: Fault,
    interlude: Option<Interlude>,
}

/// What happens between the attempts of a call.
#[derive(Clone)]
struct Interlude {
    target: String,
    /// The first attempt arrives here when it has been applied.
    applied: Arc<Gate>,
    /// Further attempts wait here.
    retry: Arc<Gate>,
}

#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    calls: Vec<String>,
    headers: Vec<(String, String)>,
    planned: VecDeque<Planned>,
    interlude: Option<Interlude>,
    rule: Option<Rule>,
}

impl Wire {
    /// The operations called since the last time, in order.
    pub fn take_calls(&self) -> Vec<String> {
        let calls = self.take_targets();
        let operation = |call: &String| call.split(' ').next().map(str::to_owned);
        calls.iter().filter_map(operation).collect()
    }

    /// As [`Wire::take_calls`], each with the sort key of its item, if it is about one.
    pub fn take_targets(&self) -> Vec<String> {
        std::mem::take(&mut self.state().calls)
    }

    /// The headers of the last call, sorted by name.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.state().headers.clone()
    }

    /// What happens to the next call of `target` for which nothing is planned yet. All that follow
    /// pass.
    pub fn fail(&self, target: &str, fault: Fault) {
        self.plan(target, fault, None);
    }

    /// What happens to every call from now on, unless something else is planned for it.
    pub fn always(&self, fault: Fault) {
        self.rule(move |_| fault.clone());
    }

    /// As [`Wire::always`], chosen for each call.
    pub fn rule(&self, rule: impl Fn(&str) -> Fault + Send + Sync + 'static) {
        self.state().rule = Some(Arc::new(rule));
    }

    /// Awaits `request` with the response of its first call of `target` lost as `fault` says. When
    /// that call has been applied, `action` runs, and only then do further calls of `target` on
    /// this wire go on. So whatever `action` calls goes over another wire, a [`twin`]'s.
    ///
    /// [`twin`]: crate::client::TestApp::twin
    pub async fn between_attempts<T>(
        &self,
        target: &str,
        fault: Fault,
        request: impl Future<Output = T>,
        action: impl AsyncFnOnce(),
    ) -> T {
        let interlude = Interlude {
            target: target.to_owned(),
            applied: Gate::closed(),
            retry: Gate::closed(),
        };
        self.plan(target, fault, Some(interlude.clone()));
        let mut request = pin!(request);
        tokio::select! {
            biased;
            () = interlude.applied.arrived() => {}
            _ = &mut request => panic!("{target} was not called"),
        }
        let act = async {
            action().await;
            interlude.retry.open();
        };
        let (response, ()) = tokio::join!(request, act);
        self.state().interlude = None;
        response
    }

    /// The targets for which a fault is planned that has not happened.
    pub fn pending(&self) -> Vec<String> {
        let planned = &self.state().planned;
        planned
            .iter()
            .map(|planned| planned.target.clone())
            .collect()
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

    fn plan(&self, target: &str, fault: Fault, interlude: Option<Interlude>) {
        let target = target.to_owned();
        self.state().planned.push_back(Planned {
            target,
            fault,
            interlude,
        });
    }

    /// Records a call, and returns its operation and the sort key of its item.
    fn record(&self, request: &HttpRequest) -> String {
        let operation = operation(request);
        let call = match sort_key(request) {
            Some(key) => format!("{operation} {key}"),
            None => operation,
        };
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut state = self.state();
        state.headers = headers.collect();
        state.headers.sort_unstable();
        state.calls.push(call.clone());
        call
    }

    /// Returns when no interlude keeps the call any longer.
    async fn await_interlude(&self, call: &str) {
        let interlude = self.state().interlude.clone();
        if let Some(interlude) = interlude.filter(|now| call.starts_with(&now.target)) {
            interlude.retry.pass().await;
        }
    }

    /// What happens to a call, and the gate to arrive at when it has happened.
    fn next_fault(&self, call: &str) -> (Fault, Option<Arc<Gate>>) {
        let mut state = self.state();
        let mut planned = state.planned.iter();
        let planned = planned.position(|planned| call.starts_with(&planned.target));
        if let Some(planned) = planned.and_then(|at| state.planned.remove(at)) {
            let applied = planned
                .interlude
                .as_ref()
                .map(|now| Arc::clone(&now.applied));
            state.interlude = planned.interlude.or_else(|| state.interlude.take());
            return (planned.fault, applied);
        }
        match state.rule.clone() {
            Some(rule) => (rule(call), None),
            None => (Fault::Pass, None),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().expect("the wire")
    }
}

/// The operation that a request asks for, as `PutItem`.
fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

/// The sort key of the one item that a request is about.
fn sort_key(request: &HttpRequest) -> Option<String> {
    let body: Value = serde_json::from_slice(request.body().bytes()?).ok()?;
    let item = body.get("Key").or_else(|| body.get("Item"))?;
    Some(item["sk"]["S"].as_str()?.to_owned())
}

struct Tapped {
    wire: Wire,
    inner: SharedHttpConnector,
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
