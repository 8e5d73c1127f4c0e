//! DynamoDB gone in the middle of a run, and back: a real server, really stopped.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dynoxide::{Database, server};
use futures_util::future::join_all;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::client::{TASKS, TestApp, User};
use crate::wire::Fault::Hold;
use crate::wire::Gate;

/// A server that can be killed: with its runtime go all of its connections.
struct Server(Option<Runtime>);

impl Server {
    fn start(database: &Database, address: SocketAddr) -> (Self, SocketAddr) {
        let runtime = Runtime::new().expect("a runtime");
        let listener = std::net::TcpListener::bind(address).expect("the port");
        listener.set_nonblocking(true).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let database = database.clone();
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            server::serve_on(listener, database).await;
        });
        (Self(Some(runtime)), address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Creates tasks until told to stop; returns the acknowledged ones and the other statuses.
async fn write_until(user: &User<'_>, end: impl Fn(u16) -> bool) -> (Vec<String>, Vec<u16>) {
    let (mut acknowledged, mut others) = (Vec::new(), Vec::new());
    loop {
        let response = user.post(TASKS, &json!({"title": "Kept"})).send().await;
        match response.status {
            201 => acknowledged.push(response.header("location").to_owned()),
            status => {
                assert_eq!(response.header("retry-after"), "1");
                others.push(status);
            }
        }
        if end(response.status) {
            return (acknowledged, others);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stops_and_starts_again_loses_no_acknowledged_task() {
    let database = Database::memory().expect("a database");
    let (server, address) = Server::start(&database, ([127, 0, 0, 1], 0).into());
    let app = TestApp::on_server(format!("http://{address}")).await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    let begin = Instant::now();
    let running = |_| begin.elapsed() > Duration::from_millis(200);
    let before = join_all((0..8).map(|_| write_until(&ada, running))).await;

    let kill = async {
        tokio::task::yield_now().await;
        drop(server);
    };
    // Each writes on until it has met the end of the server.
    let (during, ()) = tokio::join!(
        join_all((0..8).map(|_| write_until(&ada, |status| status != 201))),
        kill
    );
    for (_, others) in &during {
        assert_eq!(others, &[503]);
    }
    let refused = ada.get(TASKS).send().await;
    assert_eq!(
        (refused.status, refused.json()),
        (503, json!({"error": "Service unavailable"}))
    );

    let (_server, _) = Server::start(&database, address);
    let back = Instant::now();
    let after = join_all((0..8).map(|_| write_until(&ada, |status| status == 201))).await;
    assert!(
        back.elapsed() < Duration::from_secs(2),
        "{:?}",
        back.elapsed()
    );

    let listed = ada.list().await;
    let listed: Vec<_> = listed
        .iter()
        .filter_map(|task| task["uri"].as_str())
        .collect();
    for (acknowledged, _) in before.iter().chain(&during).chain(&after) {
        for uri in acknowledged {
            assert!(listed.contains(&uri.as_str()), "{uri} was acknowledged");
        }
    }
}

#[tokio::test]
async fn a_database_too_slow_for_the_deadline_is_503() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.get(TASKS).send().await;
    app.wire.always(Hold(Gate::closed()));
    for call in [
        ada.get(TASKS),
        ada.post(TASKS, &json!({"title": "x"})),
        app.get(TASKS).login("bob", "x"),
    ] {
        let begin = Instant::now();
        let failed = call.send_within(Duration::from_millis(50)).await;
        assert!(begin.elapsed() < Duration::from_secs(1));
        assert_eq!((failed.status, failed.header("retry-after")), (503, "1"));
        assert_eq!(failed.record.cause.as_deref(), Some("the deadline passed"));
    }
}
