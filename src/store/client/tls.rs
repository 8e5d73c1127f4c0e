//! The HTTP client for DynamoDB, and the certificate authorities that it trusts.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use http::Uri;
use http::uri::Scheme;

/// The five certificate authorities of AWS's servers. AWS asks clients with a trust store of their own
/// to include all of them. <https://www.amazontrust.com/repository/>
const AMAZON: &str = include_str!("amazon.pem");

/// An HTTP client for the server at `url`. TLS is by ring, which needs no initialisation at start.
///
/// Reading the system's certificate authorities takes half of a cold start. Therefore only Amazon's
/// are trusted for servers under `amazonaws.com`, and the system's too for all others. Where
/// `custom_authorities` are configured, the system's are those, and they are read for every server.
pub fn http_client(url: &Uri, custom_authorities: bool) -> SharedHttpClient {
    let system = needs_system_roots(url, custom_authorities);
    let trust = TrustStore::empty().with_native_roots(system);
    let trust = trust.with_pem_certificate(AMAZON);
    let context = TlsContext::builder().with_trust_store(trust).build();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context.expect("the trust store is valid"))
        .build_https()
}

/// Whether the system's authorities are trusted for a server. `named` says that a variable selects
/// them.
fn needs_system_roots(url: &Uri, named: bool) -> bool {
    let host = url.host().unwrap_or_default();
    let is_aws = host.ends_with(".amazonaws.com");
    url.scheme() == Some(&Scheme::HTTPS) && (named || !is_aws)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    /// As published by AWS, in the order of the file.
    const FINGERPRINTS: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    #[test]
    fn the_certificates_are_amazons() {
        let bodies = AMAZON.split("-----BEGIN CERTIFICATE-----\n").skip(1);
        let bodies = bodies.map(|rest| rest.split("-----END").next().unwrap_or_default());
        let fingerprints = bodies.map(|body| {
            let der = STANDARD.decode(body.replace('\n', "")).expect("base64");
            hex::encode(Sha256::digest(der))
        });
        assert_eq!(fingerprints.collect::<Vec<_>>(), FINGERPRINTS);
    }

    #[test]
    fn system_roots_are_trusted_where_amazons_may_not_suffice() {
        for (url, by_itself, when_named) in [
            ("https://dynamodb.eu-central-1.amazonaws.com", false, true),
            (
                "https://dynamodb-fips.us-east-1.amazonaws.com/",
                false,
                true,
            ),
            ("https://dynamodb.us-east-1.amazonaws.com:443", false, true),
            (
                "https://vpce-1a2b.dynamodb.us-east-1.vpce.amazonaws.com",
                false,
                true,
            ),
            ("https://dynamodb.cn-north-1.amazonaws.com.cn", true, true),
            ("https://dynamodb.eusc-de-east-1.amazonaws.eu", true, true),
            ("https://dynamodb.us-east-1.api.aws", true, true),
            ("https://amazonaws.com.example.com", true, true),
            ("HTTPS://localhost:8443", true, true),
            ("http://127.0.0.1:8000", false, false),
        ] {
            let parsed = url.parse().expect("a URI");
            assert_eq!(needs_system_roots(&parsed, false), by_itself, "{url}");
            assert_eq!(needs_system_roots(&parsed, true), when_named, "{url}");
        }
    }
}
