//! HTTP Basic: who gets in, and what everybody else is told.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use serde_json::json;

use crate::client::{Call, PASSWORD, TASKS, TestApp, TestResponse, basic};

fn header(raw: impl AsRef<[u8]>) -> HeaderValue {
    HeaderValue::from_bytes(raw.as_ref()).expect("a header's value")
}

fn encoded(raw: impl AsRef<[u8]>) -> String {
    STANDARD.encode(raw)
}

fn assert_refused(response: &TestResponse) {
    assert_eq!(response.status, 401);
    assert_eq!(response.json(), json!({"error": "Unauthorized access"}));
    let challenge = r#"Basic realm="Authentication Required", charset="UTF-8""#;
    assert_eq!(response.header("www-authenticate"), challenge);
    assert_eq!(response.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_right_password_gets_in_and_the_name_may_have_any_case() {
    let app = TestApp::start().await;
    app.user("ada").await;
    for name in ["ada", "Ada", "ADA"] {
        assert_eq!(
            app.get(TASKS).login(name, PASSWORD).send().await.status,
            200
        );
    }
}

#[tokio::test]
async fn all_wrong_credentials_get_the_same_response() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let none = app.get(TASKS).send().await;
    let password = app.get(TASKS).login("ada", "wrong").send().await;
    let user = app.get(TASKS).login("bob", PASSWORD).send().await;
    let malformed = app
        .get(TASKS)
        .header(AUTHORIZATION, header("Basic !"))
        .send()
        .await;
    assert_refused(&none);
    for other in [password, user, malformed] {
        assert_eq!((&other.bytes, &other.headers), (&none.bytes, &none.headers));
        assert_eq!(other.status, none.status);
    }
}

#[tokio::test]
async fn basic_credentials_are_parsed_as_rfc_7617_says() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let credentials = format!("ada:{PASSWORD}");
    let right = encoded(&credentials);
    let unpadded = right.trim_end_matches('=');
    assert_ne!(unpadded, right);
    let good = [
        format!("Basic {right}"),
        format!("basic {right}"),
        format!("BASIC {right}"),
        format!("Basic   {right}"),
        format!("Basic {unpadded}"),
    ];
    for raw in good {
        let response = app
            .get(TASKS)
            .header(AUTHORIZATION, header(&raw))
            .send()
            .await;
        assert_eq!(response.status, 200, "{raw}");
    }
    let bad = [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        right.clone(),
        format!("Bearer {right}"),
        format!("Basic{right}"),
        format!("Basic\t{right}"),
        format!("Basic {right} x"),
        format!("Basic {right}, Basic {right}"),
        format!("Basic {right},{right}"),
        format!("Basic \"{right}\""),
        format!("Basic {}", right.replace('=', "*")),
        format!("Basic {right}===="),
        format!("Basic {credentials}"),
        format!("Basic {}", encoded("ada")),
        format!("Basic {}", encoded("")),
        format!("Basic {}", encoded(":")),
        format!("Basic {}", encoded(format!(":{PASSWORD}"))),
        format!("Basic {}", encoded("ada:")),
        format!("Basic {}", encoded(format!(" ada:{PASSWORD}"))),
        format!("Basic {}", encoded(format!("ada :{PASSWORD}"))),
        format!("Basic {}", encoded(format!("ada:{PASSWORD}\n"))),
        format!("Basic {}", encoded(format!("ada:{PASSWORD}\0"))),
        format!("Basic {}", encoded(format!("\u{feff}ada:{PASSWORD}"))),
        format!("Basic {}", encoded(format!("ada:\u{feff}{PASSWORD}"))),
        format!("Basic {}", encoded(format!("%61da:{PASSWORD}"))),
        format!("Basic {}", encoded("ada:correct%20horse")),
        format!("Basic {}", encoded(b"ada:\xff\xfe")),
    ];
    for raw in bad {
        let response = app
            .get(TASKS)
            .header(AUTHORIZATION, header(&raw))
            .send()
            .await;
        assert_refused(&response);
    }
    let twice = app
        .get(TASKS)
        .login("ada", PASSWORD)
        .login("ada", PASSWORD)
        .send()
        .await;
    assert_refused(&twice);
    let not_ascii = app
        .get(TASKS)
        .header(AUTHORIZATION, header(b"Basic \xc3\xa4"))
        .send()
        .await;
    assert_refused(&not_ascii);
}

#[tokio::test]
async fn impossible_credentials_cost_no_call() {
    let app = TestApp::start().await;
    for (name, password) in [
        ("ada", "x".repeat(8_192)),
        ("a".repeat(65).as_str(), "x".to_owned()),
    ] {
        assert_refused(&app.get(TASKS).login(name, &password).send().await);
    }
    assert_eq!(app.wire.take_calls(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_browser_client_can_avoid_the_login_dialog() {
    let app = TestApp::with_settings(&[("AUTH_FAILURE_STATUS", "403")]).await;
    let refused = app.get(TASKS).send().await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json(), json!({"error": "Unauthorized access"}));
    assert!(refused.header("www-authenticate").starts_with("Basic "));
}

#[tokio::test]
async fn verified_credentials_are_cached() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("{TASKS}/1");
    let calls = async |call: Call<'_>| {
        call.send().await;
        app.wire.take_calls().len()
    };
    assert_eq!(calls(ada.get(&path)).await, 4);
    assert_eq!(calls(ada.get(&path)).await, 1);
    // From elsewhere they are not.
    assert_eq!(calls(ada.get(&path).from([198, 51, 100, 7])).await, 4);
}

#[tokio::test]
async fn with_a_cache_of_zero_seconds_every_request_is_verified() {
    let app = TestApp::with_settings(&[("AUTH_CACHE_SECONDS", "0")]).await;
    let ada = app.user("ada").await;
    for _ in 0..2 {
        ada.get(TASKS).send().await;
        assert_eq!(app.wire.take_calls().len(), 4);
    }
}

#[tokio::test]
async fn wrong_credentials_are_never_cached() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    assert_eq!(ada.get(TASKS).send().await.status, 200);
    for _ in 0..2 {
        assert_refused(
            &app.get(TASKS)
                .header(AUTHORIZATION, basic("ada", "wrong"))
                .send()
                .await,
        );
    }
}
