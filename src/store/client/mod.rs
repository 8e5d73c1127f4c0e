//! The DynamoDB client, configured once at start. Work that the SDK would repeat for every request and
//! that DynamoDB does not need is done once here or switched off.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sdk_dynamodb::config::endpoint::{
    DefaultResolver, Endpoint, EndpointFuture, Params, ResolveEndpoint,
};
use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, InterceptorContext,
};
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction, RetryConfig};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Builder, ConfigBag, Intercept, Region, StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::error::{BoxError, ProvideErrorMetadata};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_runtime_api::client::interceptors::disable_interceptor;
use futures_util::FutureExt;
use http::Uri;

use attempts::ObserveAttempts;

pub(super) mod attempts;
pub mod tls;

/// The client's configuration as a Lambda function finds it: region and credentials, and a server
/// other than AWS's own if there is one, from the environment. The other places that the SDK would
/// look in do not exist there, and looking costs a third of the start.
pub fn from_environment() -> Result<Builder, BoxError> {
    let (region, server) = place(|name| std::env::var(name).ok())?;
    let config = config(region, server)?;
    Ok(config.credentials_provider(EnvironmentVariableCredentialsProvider::new()))
}

/// The region, and the server that is to take the place of its own.
fn place(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(String, Option<String>), &'static str> {
    let first = |names: [&str; 2]| {
        let mut set = names.into_iter().filter_map(&variable);
        set.find(|value| !value.is_empty())
    };
    let region = first(["AWS_REGION", "AWS_DEFAULT_REGION"]).ok_or("AWS_REGION is not set")?;
    let server = first(["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"]);
    Ok((region, server))
}

/// A configuration, without credentials, for the DynamoDB of a region or for the one at `server`.
/// An error when there is no such endpoint.
pub fn config(region: String, server: Option<String>) -> Result<Builder, BoxError> {
    // DynamoDB responds within milliseconds. A response that takes two seconds is lost, and retrying
    // is safe. There is no timeout for all attempts together: the request's deadline ends them.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2));
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(25));
    let (endpoint, url) = endpoint(&region, server)?;
    Ok(Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region))
        .http_client(tls::http_client(&url))
        .endpoint_resolver(StaticEndpoint(endpoint))
        .timeout_config(timeouts.build())
        .retry_config(retries)
        // It protects streams. Our responses are subject to the timeout of the attempt.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(DisableUnusedInterceptors)
        .interceptor(ObserveAttempts)
        .retry_classifier(TransactionConflict))
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

/// Retries a single write that conflicts with a transaction on the same item, which the SDK does not
/// do by itself.
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
            // `transient_error` would close the connection.
            Some("TransactionConflictException") => RetryAction::server_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "TransactionConflict"
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

    #[test]
    fn the_more_particular_variable_wins_and_an_empty_one_is_none() {
        let read = |set: &'static [(&str, &str)]| {
            place(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let eu = |server: Option<&str>| Ok(("eu".to_owned(), server.map(str::to_owned)));
        assert_eq!(read(&[]), Err("AWS_REGION is not set"));
        assert_eq!(read(&[("AWS_DEFAULT_REGION", "eu")]), eu(None));
        assert_eq!(
            read(&[
                ("AWS_REGION", "eu"),
                ("AWS_DEFAULT_REGION", "us"),
                ("AWS_ENDPOINT_URL", "http://a"),
                ("AWS_ENDPOINT_URL_DYNAMODB", "http://b"),
            ]),
            eu(Some("http://b"))
        );
        assert_eq!(
            read(&[
                ("AWS_REGION", ""),
                ("AWS_DEFAULT_REGION", "eu"),
                ("AWS_ENDPOINT_URL", "http://a"),
                ("AWS_ENDPOINT_URL_DYNAMODB", ""),
            ]),
            eu(Some("http://a"))
        );
    }
}
