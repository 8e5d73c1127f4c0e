//! HTTP to DynamoDB, and whom it takes for DynamoDB.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use http::Uri;
use http::uri::Scheme;

/// The five authorities that AWS's own servers are vouched for by, and that those who keep a list of
/// their own are to have on it, all of them. <https://www.amazontrust.com/repository/>
const AMAZON: &str = include_str!("amazon.pem");

/// A client for the server at `url`, with TLS by ring, which does no work when it is created.
///
/// To read all of the system's authorities takes half of a start. So a server under `amazonaws.com`
/// has to have one of Amazon's; any other may have one of the system's as well. Where
/// `custom_authorities` are configured, the system's are those, and every server may have one.
pub fn http_client(url: &Uri, custom_authorities: bool) -> SharedHttpClient {
    let system = asks_the_system(url, custom_authorities);
    let trust = TrustStore::empty().with_native_roots(system);
    let trust = trust.with_pem_certificate(AMAZON);
    let context = TlsContext::builder().with_trust_store(trust).build();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context.expect("this context is always good"))
        .build_https()
}

/// Whether the system's authorities count for a server; `named` is whether somebody has set them.
fn asks_the_system(url: &Uri, named: bool) -> bool {
    let host = url.host().unwrap_or_default();
    let of_aws = host.ends_with(".amazonaws.com");
    url.scheme() == Some(&Scheme::HTTPS) && (named || !of_aws)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    /// As they are published, in the order of the file.
    const FINGERPRINTS: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    #[test]
    fn the_authorities_are_amazons() {
        let bodies = AMAZON.split("-----BEGIN CERTIFICATE-----\n").skip(1);
        let bodies = bodies.map(|rest| rest.split("-----END").next().unwrap_or_default());
        let fingerprints = bodies.map(|body| {
            let der = STANDARD.decode(body.replace('\n', "")).expect("base64");
            hex::encode(Sha256::digest(der))
        });
        assert_eq!(fingerprints.collect::<Vec<_>>(), FINGERPRINTS);
    }

    #[test]
    fn the_systems_authorities_count_where_amazons_may_not_be_enough() {
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
            assert_eq!(asks_the_system(&parsed, false), by_itself, "{url}");
            assert_eq!(asks_the_system(&parsed, true), when_named, "{url}");
        }
    }
}
