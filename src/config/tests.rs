use super::*;

/// Reads an environment of these variables, and of a region, without which none is valid.
fn read_all(variables: &[(&str, &str)]) -> Result<Config, String> {
    let mut all = variables.to_vec();
    all.push(("AWS_REGION", "eu-central-1"));
    read_exactly(&all)
}

fn read_exactly(variables: &[(&str, &str)]) -> Result<Config, String> {
    let value = |name| variables.iter().find(|(known, _)| *known == name);
    Config::read(|name| value(name).map(|(_, value)| *value)).map_err(|error| error.to_string())
}

fn read(name: &str, value: &str) -> Result<Config, String> {
    read_all(&[(name, value)])
}

#[test]
fn without_variables_the_defaults_hold() {
    let config = read_all(&[]).expect("defaults");
    let local = cfg!(feature = "local");
    assert_eq!(config.log.level, LevelFilter::WARN);
    assert_eq!(config.log.format == LogFormat::Text, local);
    assert_eq!(config.log.function, "todo-api");
    assert_eq!(config.table_name, "todo");
    assert_eq!(config.dynamodb.endpoint, None);
    assert!(!config.dynamodb.custom_authorities);
    assert_eq!(config.database_file, PathBuf::from(".todo/todo.db"));
    assert_eq!(config.runtime_api, None);
    assert_eq!(config.public_url, None);
    assert_eq!(config.cors_origins, Origins::None);
    assert_eq!(config.auth_failure_status, StatusCode::UNAUTHORIZED);
    assert_eq!(config.auth_cache, Duration::from_secs(60));
    assert_eq!(config.limits.failures_per_user, 10);
    assert_eq!(config.limits.failures_per_address, 300);
    assert_eq!(config.limits.login_window, Duration::from_secs(300));
    assert_eq!(config.limits.registrations_per_hour, 20);
    assert_eq!(config.registration == Registration::Open, local);
}

#[test]
fn a_public_url_may_have_a_path_and_loses_its_final_slash() {
    let config = read("PUBLIC_URL", "https://todo.example.com/base/").expect("a URL");
    assert_eq!(
        config.public_url.as_deref(),
        Some("https://todo.example.com/base")
    );
}

#[test]
fn origins_are_a_list_or_all() {
    let origins = |raw| read("CORS_ORIGINS", raw).map(|config| config.cors_origins);
    let two = ["https://example.com", "http://localhost:5173"].map(str::to_owned);
    assert_eq!(
        origins("https://example.com, http://localhost:5173"),
        Ok(Origins::These(two.to_vec()))
    );
    assert_eq!(origins("*"), Ok(Origins::Any));
}

#[test]
fn registration_by_code_needs_the_code() {
    let missing = read("REGISTRATION", "code").err();
    let expected = "REGISTRATION_CODE must be set when REGISTRATION is code";
    assert_eq!(missing.as_deref(), Some(expected));
    let config = read_all(&[("REGISTRATION", "code"), ("REGISTRATION_CODE", "sesame")]);
    let config = config.expect("a code");
    assert!(config.registration == Registration::Code("sesame".to_owned()));
}

#[test]
fn a_value_that_cannot_be_used_is_named() {
    let bad = [
        ("PUBLIC_URL", "todo.example.com"),
        ("PUBLIC_URL", "ftp://todo.example.com"),
        ("PUBLIC_URL", "https://todo.example.com/?x=1"),
        ("CORS_ORIGINS", "example.com"),
        ("CORS_ORIGINS", "https://example.com/"),
        ("CORS_ORIGINS", "https://Example.com"),
        ("CORS_ORIGINS", "https://example.com:443"),
        ("CORS_ORIGINS", "https://ada@example.com"),
        ("CORS_ORIGINS", "https://example.com,"),
        ("CORS_ORIGINS", "https://example.com, *"),
        ("CORS_ORIGINS", "null"),
        ("REGISTRATION", "maybe"),
        ("LOG_FORMAT", "xml"),
        ("AUTH_FAILURE_STATUS", "404"),
        ("AUTH_CACHE_SECONDS", "-1"),
        ("AUTH_CACHE_SECONDS", "1m"),
        ("LOGIN_FAILURES_PER_USER", "0"),
        ("LOGIN_FAILURES_PER_ADDRESS", "many"),
        ("LOGIN_WINDOW_SECONDS", "0"),
        ("REGISTRATIONS_PER_HOUR", "-5"),
    ];
    for (name, value) in bad {
        let message = read(name, value).err().expect(value);
        assert!(
            message.starts_with(&format!("{name} must be ")),
            "{message}"
        );
    }
}

#[test]
fn an_empty_value_counts_as_not_set() {
    assert_eq!(
        read("PUBLIC_URL", "").map(|config| config.public_url),
        Ok(None)
    );
}

#[test]
fn text_that_is_not_utf8_is_named() {
    use std::os::unix::ffi::OsStringExt;

    let file = |name| (name == "TODO_DB").then(|| OsString::from_vec(vec![b'a', 0xff]));
    let region = |name| (name == "AWS_REGION").then(|| OsString::from("eu-central-1"));
    let error = Config::read(|name| file(name).or_else(|| region(name))).err();
    let message = error.expect("an error").to_string();
    assert_eq!(message, "TODO_DB must be UTF-8");
}

#[test]
fn a_level_is_read_and_a_filter_for_other_programs_is_ignored() {
    let level = |raw| read("RUST_LOG", raw).expect("settings").log.level;
    assert_eq!(level("debug"), LevelFilter::DEBUG);
    assert_eq!(level("INFO"), LevelFilter::INFO);
    assert_eq!(level("hyper=trace,info"), LevelFilter::WARN);
}

#[test]
fn certificates_of_ones_own_are_noticed() {
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let custom = |value| read(name, value).map(|config| config.dynamodb.custom_authorities);
        assert_eq!(custom("/etc/some.pem"), Ok(true));
        assert_eq!(custom(""), Ok(false));
    }
}

#[cfg(feature = "local")]
#[test]
fn the_embedded_engine_needs_no_region_and_yields_to_one_variable_alone() {
    let found = |variables: &[_]| read_exactly(variables).expect("settings").dynamodb;
    assert_eq!(found(&[("AWS_REGION", "eu")]).region, "us-east-1");
    assert_eq!(found(&[("AWS_ENDPOINT_URL", "http://a")]).endpoint, None);
    let named = found(&[("AWS_ENDPOINT_URL_DYNAMODB", "http://b")]);
    assert_eq!(named.endpoint.as_deref(), Some("http://b"));
    assert_eq!(named.region, "us-east-1");
}

#[cfg(feature = "local")]
#[test]
fn another_server_than_the_embedded_engine_has_the_region_of_the_environment() {
    let server = ("AWS_ENDPOINT_URL_DYNAMODB", "http://b");
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let found = read_exactly(&[server, (name, "eu")]).expect("settings");
        assert_eq!(found.dynamodb.region, "eu");
    }
}

#[cfg(not(feature = "local"))]
#[test]
fn the_more_specific_variable_wins_and_an_empty_one_counts_as_not_set() {
    let found = |variables: &[_]| {
        read_exactly(variables).map(|config| (config.dynamodb.region, config.dynamodb.endpoint))
    };
    let eu = |endpoint: Option<&str>| Ok(("eu".to_owned(), endpoint.map(str::to_owned)));
    assert_eq!(found(&[]), Err("AWS_REGION must be set".to_owned()));
    assert_eq!(found(&[("AWS_DEFAULT_REGION", "eu")]), eu(None));
    let all = [
        ("AWS_REGION", "eu"),
        ("AWS_DEFAULT_REGION", "us"),
        ("AWS_ENDPOINT_URL", "http://a"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "http://b"),
    ];
    assert_eq!(found(&all), eu(Some("http://b")));
    let empty = [
        ("AWS_REGION", ""),
        ("AWS_DEFAULT_REGION", "eu"),
        ("AWS_ENDPOINT_URL", "http://a"),
        ("AWS_ENDPOINT_URL_DYNAMODB", ""),
    ];
    assert_eq!(found(&empty), eu(Some("http://a")));
}
