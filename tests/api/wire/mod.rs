//! The wire between the service and its engine: records the calls, and can be told to fail them as
//! DynamoDB and the network do and the embedded engine does not.
//!
//! A fault is planned for an operation, as `PutItem`, or for an operation on an item, by the
//! beginning of its sort key: `UpdateItem account`, `PutItem task#`.

mod connector;

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};

use aws_smithy_runtime_api::client::http::{
    HttpClient, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use tokio::sync::Semaphore;

use connector::{Tapped, operation, sort_key};

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
