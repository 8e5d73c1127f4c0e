//! Parameters, and the settings of the function and the API.

use serde_json::json;

use super::{list, properties, template, text};

#[test]
fn every_parameter_is_described_has_a_default_and_stands_in_a_group() {
    let template = template();
    let parameters = template["Parameters"].as_object().expect("parameters");
    let groups = &template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    let mut grouped: Vec<_> = list(groups)
        .iter()
        .flat_map(|group| list(&group["Parameters"]).iter().map(text))
        .collect();
    grouped.sort_unstable();
    let mut names: Vec<_> = parameters.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(grouped, names);
    for (name, parameter) in parameters {
        assert!(parameter["Description"].is_string(), "{name}");
        assert!(!parameter["Default"].is_null(), "{name}");
    }
}

#[test]
fn registration_is_closed_and_its_code_is_hidden_unless_somebody_says_otherwise() {
    let template = template();
    let parameters = &template["Parameters"];
    assert_eq!(parameters["Registration"]["Default"], "closed");
    assert_eq!(parameters["RegistrationCode"]["Default"], "");
    assert_eq!(parameters["RegistrationCode"]["NoEcho"], true);
    assert!(template["Rules"]["CodeIsGiven"].is_object());
    let outputs = template["Outputs"].to_string();
    assert!(!outputs.contains("RegistrationCode"));
}

#[test]
fn the_functions_settings_come_from_the_parameters() {
    let function = properties("Function");
    let expected = json!({
        "TABLE_NAME": ["IsRestored", "RestoredTable", "Table"],
        "PUBLIC_URL": "PublicUrl",
        "CORS_ORIGINS": "CorsOrigins",
        "REGISTRATION": "Registration",
        "REGISTRATION_CODE": "RegistrationCode",
    });
    assert_eq!(function["Environment"]["Variables"], expected);
    assert_eq!(function["Architectures"], json!(["Architecture"]));
    assert_eq!(function["MemorySize"], "MemorySize");
    assert_eq!(function["Runtime"], "provided.al2023");
}

#[test]
fn the_api_throttles_counts_in_detail_and_leaves_cors_to_the_function() {
    let api = properties("ApiStage");
    let expected = json!({
        "ThrottlingRateLimit": "ThrottleRate",
        "ThrottlingBurstLimit": "ThrottleBurst",
        "DetailedMetricsEnabled": true,
    });
    assert_eq!(api["DefaultRouteSettings"], expected);
    assert!(api.get("CorsConfiguration").is_none());
}

#[test]
fn no_concurrency_is_reserved_unless_asked_for() {
    let template = template();
    assert_eq!(template["Parameters"]["ReservedConcurrency"]["Default"], "");
    assert_eq!(
        properties("Function")["ReservedConcurrentExecutions"],
        json!(["ReservesConcurrency", "ReservedConcurrency", "AWS::NoValue"])
    );
}

#[test]
fn every_suppressed_check_says_why() {
    let template = template();
    let resources = template["Resources"].as_object().expect("resources");
    for (name, resource) in resources {
        for skip in list(&resource["Metadata"]["checkov"]["skip"]) {
            assert!(text(&skip["comment"]).len() > 20, "{name} {skip}");
        }
    }
}
