//! The connection to DynamoDB: made once, at start.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction, RetryConfig};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Region, SharedHttpClient};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::calls::CountCalls;

/// The client's configuration as a Lambda function finds it: region and credentials, and a server
/// other than AWS's own if there is one, from the environment. The other places that the SDK would
/// look in do not exist there, and looking costs a third of the start.
pub fn from_environment() -> Builder {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let server = variable("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| variable("AWS_ENDPOINT_URL"));
    let mut config = common()
        .region(region.map(Region::new))
        .credentials_provider(EnvironmentVariableCredentialsProvider::new());
    config.set_endpoint_url(server);
    config
}

/// What the configuration of every client has.
pub fn common() -> Builder {
    // One item's answer takes milliseconds; what takes a second is lost, and trying again is safe.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(6));
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(25));
    Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(http_client())
        .timeout_config(timeouts.build())
        .retry_config(retries)
        .interceptor(CountCalls)
        .retry_classifier(TransactionConflict)
}

/// HTTP over TLS by ring, whose start is much the cheapest.
pub fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// A single write that meets a transaction on the same item is refused, and may simply be tried
/// again; the SDK does not know that.
#[derive(Debug)]
struct TransactionConflict;

impl ClassifyRetry for TransactionConflict {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(Result::err);
        let error = error.and_then(|error| error.as_operation_error());
        let code = error.and_then(|error| {
            if let Some(error) = error.downcast_ref::<UpdateItemError>() {
                return error.code();
            }
            if let Some(error) = error.downcast_ref::<PutItemError>() {
                return error.code();
            }
            error.downcast_ref::<DeleteItemError>()?.code()
        });
        match code {
            Some("TransactionConflictException") => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "TransactionConflict"
    }
}
