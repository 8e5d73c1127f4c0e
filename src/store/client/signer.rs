//! Signature Version 4 for DynamoDB's one kind of request: `POST /`, no query, a body in memory.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
//!
//! The SDK's own signer derives the signing key, which changes once a day, for every request, and is
//! ready for URIs and bodies that DynamoDB does not have; `docs/performance.md` has what that
//! costs.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_sdk_dynamodb::config::{ConfigBag, Credentials, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use aws_smithy_runtime_api::client::auth::{
    AuthScheme, AuthSchemeEndpointConfig, AuthSchemeId, Sign,
};
use aws_smithy_runtime_api::client::identity::{Identity, SharedIdentityResolver};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::GetIdentityResolver;
use http::Uri;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

const SERVICE: &str = "dynamodb";

/// Takes the place of the SDK's own scheme of this name.
#[derive(Debug)]
pub struct SigV4(Signer);

impl SigV4 {
    pub fn new(region: String) -> Self {
        Self(Signer {
            region,
            key: Mutex::new(None),
        })
    }
}

impl AuthScheme for SigV4 {
    fn scheme_id(&self) -> AuthSchemeId {
        AuthSchemeId::new("sigv4")
    }

    fn identity_resolver(&self, all: &dyn GetIdentityResolver) -> Option<SharedIdentityResolver> {
        all.identity_resolver(self.scheme_id())
    }

    fn signer(&self) -> &dyn Sign {
        &self.0
    }
}

struct Signer {
    region: String,
    key: Mutex<Option<Arc<SigningKey>>>,
}

/// Good for requests of one day by one pair of credentials.
struct SigningKey {
    day: String,
    access_key_id: String,
    bytes: Vec<u8>,
}

/// Nothing of the key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Sign for Signer {
    fn sign_http_request(
        &self,
        request: &mut HttpRequest,
        identity: &Identity,
        _: AuthSchemeEndpointConfig<'_>,
        components: &RuntimeComponents,
        _: &ConfigBag,
    ) -> Result<(), BoxError> {
        let credentials = identity.data::<Credentials>();
        let credentials = credentials.ok_or("these are no AWS credentials")?;
        let now = components.time_source().unwrap_or_default().now();
        self.sign(request, credentials, now)
    }
}

impl Signer {
    /// Adds the headers that prove the request to be the credentials' owner's.
    fn sign(
        &self,
        request: &mut HttpRequest,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Result<(), BoxError> {
        let time = Timestamp::try_from(now)?.strftime("%Y%m%dT%H%M%SZ");
        let time = time.to_string();
        let day = &time[..8];
        let headers = request.headers_mut();
        headers.try_insert("x-amz-date", time.clone())?;
        if let Some(token) = credentials.session_token() {
            headers.try_insert("x-amz-security-token", token.to_owned())?;
        }
        let (canonical, names) = canonical_request(request)?;
        let scope = format!("{day}/{}/{SERVICE}/aws4_request", self.region);
        let hash = hex::encode(Sha256::digest(canonical));
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}");
        let key = self.key(credentials, day, now);
        let signature = calculate_signature(&key.bytes, to_sign.as_bytes());
        let id = credentials.access_key_id();
        let proof = format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        request.headers_mut().try_insert("authorization", proof)?;
        Ok(())
    }

    fn key(&self, credentials: &Credentials, day: &str, now: SystemTime) -> Arc<SigningKey> {
        let id = credentials.access_key_id();
        let mut kept = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = kept
            .as_ref()
            .filter(|key| key.day == day && key.access_key_id == id)
        {
            return Arc::clone(key);
        }
        let secret = credentials.secret_access_key();
        let bytes = generate_signing_key(secret, now, &self.region, SERVICE);
        let key = Arc::new(SigningKey {
            day: day.to_owned(),
            access_key_id: id.to_owned(),
            bytes: bytes.as_ref().to_vec(),
        });
        *kept = Some(Arc::clone(&key));
        key
    }
}

/// What is signed of a request, and the names of the headers in it: the host, the content's type,
/// and all of AWS's own.
fn canonical_request(request: &HttpRequest) -> Result<(String, String), BoxError> {
    let host = host(request.uri())?;
    let mut headers = vec![("host", host.as_str())];
    let of_aws = |name: &str| name == "content-type" || name.starts_with("x-amz-");
    headers.extend(request.headers().iter().filter(|(name, _)| of_aws(name)));
    headers.sort_unstable();
    let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut canonical = String::with_capacity(2048);
    canonical.push_str("POST\n/\n\n");
    for (name, value) in headers {
        writeln!(canonical, "{name}:{value}")?;
    }
    let body = request.body().bytes().ok_or("the body is not in memory")?;
    let body = hex::encode(Sha256::digest(body));
    write!(canonical, "\n{names}\n{body}")?;
    Ok((canonical, names))
}

/// The `Host` that the request will be sent with.
fn host(uri: &str) -> Result<String, BoxError> {
    let uri: Uri = uri.parse()?;
    let host = uri.host().ok_or("the request goes to no host")?;
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    Ok(match uri.port_u16() {
        Some(port) if port != usual => format!("{host}:{port}"),
        _ => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
    use aws_sigv4::sign::v4::SigningParams;
    use aws_smithy_types::body::SdkBody;
    use proptest::prelude::*;

    use super::*;

    fn request(url: &str, target: &str, body: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").expect("a method");
        request.set_uri(url.to_owned()).expect("a URI");
        let headers = request.headers_mut();
        headers.insert("content-type", "application/x-amz-json-1.0");
        headers.insert("x-amz-target", format!("DynamoDB_20120810.{target}"));
        request
    }

    /// What AWS's own signer adds to a request.
    fn as_aws_signs(
        request: &HttpRequest,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Vec<(String, String)> {
        let identity = Identity::from(credentials.clone());
        let params = SigningParams::builder()
            .identity(&identity)
            .region("eu-central-1")
            .name(SERVICE)
            .time(now)
            .settings(SigningSettings::default());
        let params = params.build().expect("parameters").into();
        let headers = request.headers().iter();
        let body = SignableBody::Bytes(request.body().bytes().expect("a body"));
        let plain = SignableRequest::new(request.method(), request.uri(), headers, body);
        let signed = sign(plain.expect("a request"), &params).expect("a signature");
        let (added, _) = signed.into_parts();
        let added = added.headers();
        added
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    proptest! {
        #[test]
        fn a_request_is_signed_as_aws_signs_it(
            url in prop::sample::select(vec![
                "https://dynamodb.eu-central-1.amazonaws.com",
                "https://dynamodb.eu-central-1.amazonaws.com/",
                "https://localhost:443",
                "https://localhost:8443/",
                "http://127.0.0.1:80",
                "http://127.0.0.1:8000",
            ]),
            target in "[A-Za-z]{1,30}",
            body in ".{0,300}",
            ids in prop::collection::vec("[A-Z0-9]{16,20}", 1..3),
            secret in "[A-Za-z0-9/+]{40}",
            token in prop::option::of("[A-Za-z0-9/+=]{1,900}"),
            day in 0u64..40_000,
        ) {
            let signer = SigV4::new("eu-central-1".to_owned()).0;
            // Twice within a day, at its end, on the next one, and back.
            for second in [0, 1, 86_399, 86_400, 172_799, 86_399] {
                for id in &ids {
                    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(day * 86_400 + second);
                    let credentials = Credentials::new(id, &secret, token.clone(), None, "test");
                    let mut request = request(url, &target, &body);
                    let expected = as_aws_signs(&request, &credentials, now);
                    // What else is sent need not be signed.
                    request.headers_mut().insert("content-length", body.len().to_string());
                    request.headers_mut().insert("x-amzn-trace-id", "Root=1-2-3");
                    signer.sign(&mut request, &credentials, now).expect("a signature");
                    prop_assert_eq!(expected.len(), 2 + usize::from(token.is_some()));
                    for (name, value) in expected {
                        prop_assert_eq!(request.headers().get(&name), Some(value.as_str()));
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_of_the_key_is_shown() {
        let signer = SigV4::new("eu-central-1".to_owned());
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let mut request = request("http://localhost", "GetItem", "{}");
        let signed = signer.0.sign(&mut request, &credentials, SystemTime::now());
        signed.expect("a signature");
        assert_eq!(format!("{signer:?}"), "SigV4(Signer)");
    }
}
