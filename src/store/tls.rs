//! HTTP to DynamoDB, and whom it takes for DynamoDB.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};

/// The five authorities that AWS has its certificates from and asks its callers to trust.
/// <https://www.amazontrust.com/repository/>
const AMAZON: &str = include_str!("amazon.pem");

/// A client for the server at `url`, with TLS by ring, whose start is much the cheapest.
///
/// To read all of the system's authorities takes longer than all the rest of a start. So AWS's own
/// servers have to have one of Amazon's; others, and all if `SSL_CERT_FILE` says which
/// authorities there are, one that the system knows.
pub fn http_client(url: &str) -> SharedHttpClient {
    let secure = url.starts_with("https:");
    let named = std::env::var_os("SSL_CERT_FILE").is_some();
    let of_aws = url.trim_end_matches('/').ends_with(".amazonaws.com");
    let trust = TrustStore::empty().with_native_roots(secure && (named || !of_aws));
    let trust = trust.with_pem_certificate(AMAZON);
    let context = TlsContext::builder().with_trust_store(trust).build();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context.expect("the authorities are well-formed"))
        .build_https()
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
    fn a_client_can_be_made_for_any_server() {
        for url in [
            "https://dynamodb.eu-central-1.amazonaws.com",
            "https://dynamodb.cn-north-1.amazonaws.com.cn",
            "http://127.0.0.1:8000",
        ] {
            http_client(url);
        }
    }
}
