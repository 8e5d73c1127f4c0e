//! The DynamoDB client, configured once at start. Work that the SDK would repeat for every request and
//! that DynamoDB does not need is done once here or switched off.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::endpoint::{
    DefaultResolver, Endpoint, EndpointFuture, Params, ResolveEndpoint,
};
use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Builder, ConfigBag, Intercept, Region, StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::disable_interceptor;
use futures_util::FutureExt;
use http::Uri;

use crate::config::DynamoDbConfig;
use attempts::ObserveAttempts;

mod attempts;
pub mod tls;

const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);

/// A client with the credentials that Lambda puts into the environment. The other places in which
/// the SDK would look for credentials do not exist there, and looking takes a third of the start.
pub fn with_environment_credentials(dynamodb: &DynamoDbConfig) -> Result<Client, BoxError> {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let config = config(dynamodb)?.credentials_provider(credentials);
    Ok(Client::from_conf(config.build()))
}

/// A client's configuration without credentials. An error when there is no such endpoint.
pub fn config(dynamodb: &DynamoDbConfig) -> Result<Builder, BoxError> {
    // DynamoDB responds within milliseconds. A response that takes a second is lost, and retrying is
    // safe. There is no timeout for all attempts together: the request's deadline, 8 s at most, ends
    // them.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(ATTEMPT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT);
    let region = dynamodb.region.clone();
    let (endpoint, url) = endpoint(&region, dynamodb.endpoint.clone())?;
    Ok(Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region))
        .http_client(tls::http_client(&url, dynamodb.custom_authorities))
        .endpoint_resolver(StaticEndpoint(endpoint))
        .timeout_config(timeouts.build())
        .retry_config(retries())
        .retry_partition(no_retry_quota())
        // It protects streams. Our responses are subject to the timeout of the attempt.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(DisableUnusedInterceptors)
        .interceptor(ObserveAttempts))
}

/// Exponential backoff with full jitter, 1.4 s in all on average and 2.8 s at most. When one attempt in
/// ten fails, one operation in 10^9 fails; when all fail at once, the response is still sent well
/// before the deadline.
fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(9)
        .with_initial_backoff(Duration::from_millis(25))
        .with_max_backoff(Duration::from_millis(500))
}

/// Lets every operation use all of its attempts. By default the SDK's operations share a quota of
/// retries (500 tokens, of which a retry takes 5 or 10), which keeps many parallel requests from
/// overloading a server that fails. An environment on Lambda handles one request at a time, and the
/// deadline ends it, so the quota would only let later requests fail after an outage.
fn no_retry_quota() -> RetryPartition {
    RetryPartition::custom("dynamodb-without-quota")
        .token_bucket(TokenBucket::unlimited())
        .build()
}

/// The endpoint of a region's DynamoDB by the SDK's own rules, which the SDK would evaluate for every
/// request.
fn endpoint(region: &str, server: Option<String>) -> Result<(Endpoint, Uri), BoxError> {
    let params = Params::builder().region(region.to_owned());
    let params = params.set_endpoint(server).build()?;
    let resolver = DefaultResolver::new();
    let endpoint = ResolveEndpoint::resolve_endpoint(&resolver, &params).now_or_never();
    let endpoint = endpoint.ok_or("the endpoint cannot be resolved synchronously")??;
    let url: Uri = endpoint.url().parse()?;
    // All requests to DynamoDB are for `/`.
    if url.path() != "/" || url.query().is_some() {
        return Err(format!("{url} has a path or a query").into());
    }
    Ok((endpoint, url))
}

#[derive(Debug)]
struct StaticEndpoint(Endpoint);

impl ResolveEndpoint for StaticEndpoint {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.0.clone()))
    }
}

/// Switches off the headers that describe the client to AWS, and the correction of the clock, which
/// Lambda keeps synchronised. Together they take a tenth of the processor time of a request.
#[derive(Debug)]
struct DisableUnusedInterceptors;

impl Intercept for DisableUnusedInterceptors {
    fn name(&self) -> &'static str {
        "DisableUnusedInterceptors"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        const REASON: &str = "unused, and costs processor time in every request";
        let state = config.interceptor_state();
        state.store_put(disable_interceptor::<UserAgentInterceptor>(REASON));
        state.store_put(disable_interceptor::<InvocationIdInterceptor>(REASON));
        state.store_put(disable_interceptor::<RequestInfoInterceptor>(REASON));
        state.store_put(disable_interceptor::<ServiceClockSkewInterceptor>(REASON));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_its_own_endpoint_unless_a_server_is_given() {
        let url = |region: &str, server: Option<&str>| {
            endpoint(region, server.map(str::to_owned))
                .map(|(endpoint, _)| endpoint.url().to_owned())
        };
        for (region, server, expected) in [
            (
                "eu-central-1",
                None,
                "https://dynamodb.eu-central-1.amazonaws.com",
            ),
            (
                "cn-north-1",
                None,
                "https://dynamodb.cn-north-1.amazonaws.com.cn",
            ),
            (
                "eu-central-1",
                Some("http://127.0.0.1:8000"),
                "http://127.0.0.1:8000",
            ),
        ] {
            assert_eq!(url(region, server).expect("an endpoint"), expected);
        }
        assert!(url("not a region", None).is_err());
        assert!(url("eu-central-1", Some("http://127.0.0.1/path")).is_err());
        assert!(url("eu-central-1", Some("nowhere")).is_err());
    }
}
