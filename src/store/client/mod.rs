//! The connection to DynamoDB: made once, at start. What the SDK would find out or add anew for every
//! request, and DynamoDB does not need, is settled here or left away.

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

use crate::config::DynamoDbConfig;
use crate::store::call::CountCalls;
use signer::SigV4;
mod signer;
pub mod tls;

/// A client with the credentials that Lambda puts into the environment. The other places in which
/// the SDK would look for credentials do not exist there, and looking takes a third of the start.
pub fn with_environment_credentials(dynamodb: &DynamoDbConfig) -> Result<Client, BoxError> {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let config = config(dynamodb)?.credentials_provider(credentials);
    Ok(Client::from_conf(config.build()))
}

/// A client's configuration without credentials.
pub fn config(dynamodb: &DynamoDbConfig) -> Result<Builder, BoxError> {
    // One item's answer takes milliseconds; what takes a second or two is lost, and trying again
    // is safe. All attempts together need no limit of their own: a request's deadline is one.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2));
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(25));
    let region = dynamodb.region.clone();
    let (endpoint, url) = endpoint(&region, dynamodb.endpoint.clone())?;
    Ok(Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.clone()))
        .http_client(tls::http_client(&url, dynamodb.custom_authorities))
        .endpoint_resolver(Known(endpoint))
        .push_auth_scheme(SigV4::new(region))
        .timeout_config(timeouts.build())
        .retry_config(retries)
        // It guards streams; an answer of ours has the attempt's timeout.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(DisableUnusedInterceptors)
        .interceptor(CountCalls)
        .retry_classifier(TransactionConflict))
}

/// Where a region's DynamoDB is, by the SDK's own rules, which it would go through for each request.
fn endpoint(region: &str, server: Option<String>) -> Result<(Endpoint, Uri), BoxError> {
    let place = Params::builder().region(region.to_owned());
    let place = place.set_endpoint(server).build()?;
    let resolver = DefaultResolver::new();
    let found = ResolveEndpoint::resolve_endpoint(&resolver, &place).now_or_never();
    let found = found.ok_or("the endpoint's rules wait for something")??;
    let url: Uri = found.url().parse()?;
    // DynamoDB's requests are all for `/`, and are signed for that.
    if url.path() != "/" || url.query().is_some() {
        return Err(format!("{url} is more than a server").into());
    }
    Ok((found, url))
}

#[derive(Debug)]
struct Known(Endpoint);

impl ResolveEndpoint for Known {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.0.clone()))
    }
}

/// Leaves away what tells AWS about the client, and the correction of a clock that Lambda keeps
/// right: together a tenth of what a request costs.
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
        const WHY: &str = "it costs more than it is worth here";
        let state = config.interceptor_state();
        state.store_put(disable_interceptor::<UserAgentInterceptor>(WHY));
        state.store_put(disable_interceptor::<InvocationIdInterceptor>(WHY));
        state.store_put(disable_interceptor::<RequestInfoInterceptor>(WHY));
        state.store_put(disable_interceptor::<ServiceClockSkewInterceptor>(WHY));
        Ok(())
    }
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
            // Not `transient_error`, which would close the connection.
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
    fn a_region_has_its_own_endpoint_unless_a_server_is_named() {
        let url = |region: &str, server: Option<&str>| {
            endpoint(region, server.map(str::to_owned)).map(|(found, _)| found.url().to_owned())
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
