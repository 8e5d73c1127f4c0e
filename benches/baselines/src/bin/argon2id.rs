//! What checking one password costs: each answer is the seconds that one hash took, at the
//! parameters that OWASP recommends and the service uses.

use std::time::Instant;

use argon2::{Algorithm, Argon2, Params, Version};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: LambdaEvent<Value>| {
        let params = Params::new(19_456, 2, 1, None)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let start = Instant::now();
        argon2.hash_password_into(b"a password", b"sixteen bytes of", &mut [0; 32])?;
        let seconds = start.elapsed().as_secs_f64().to_string();
        Ok::<_, Error>(json!({"statusCode": 200, "body": seconds}))
    }))
    .await
}
