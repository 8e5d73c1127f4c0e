//! How a change reaches the callers.

use serde_json::json;

use super::{properties, template};

#[test]
fn a_canary_gets_a_tenth_of_the_requests_and_goes_back_on_an_alarm_where_it_is_asked_for() {
    let function = properties("Function");
    assert_eq!(function["AutoPublishAlias"], "canary");
    let deployment = &function["DeploymentPreference"];
    assert_eq!(deployment["Type"], "Canary10Percent5Minutes");
    let expected = json!([
        "FunctionErrors",
        "NewVersionErrors",
        "ServerErrors",
        "SlowRequests",
        "NewVersionSlow"
    ]);
    assert_eq!(deployment["Alarms"], expected);
    let template = template();
    assert_eq!(template["Parameters"]["Rollout"]["Default"], "at-once");
    let enabled = json!(["Rollouts", "Rollout", "UsesAlias"]);
    assert_eq!(deployment["Enabled"], enabled);
    let rollouts = json!({"at-once": {"UsesAlias": false}, "canary": {"UsesAlias": true}});
    assert_eq!(template["Mappings"]["Rollouts"], rollouts);
}

#[test]
fn without_canaries_the_api_calls_the_function_itself() {
    let target = json!(["IsCanary", "Function.Alias", "Function.Arn"]);
    assert_eq!(properties("ApiIntegration")["IntegrationUri"], target);
}

#[test]
fn a_change_of_the_rollout_leaves_the_api_allowed_to_call_what_it_calls() {
    let permissions = [
        ("ApiPermission", "Function.Arn"),
        ("ApiCanaryPermission", "Function.Alias"),
    ];
    for (name, called) in permissions {
        // Neither depends on a condition, so CloudFormation replaces neither.
        assert_eq!(template()["Resources"][name].get("Condition"), None);
        assert_eq!(properties(name)["FunctionName"], called);
        let principal = &properties(name)["Principal"];
        assert_eq!(principal, "apigateway.amazonaws.com");
    }
    let before = json!(permissions.map(|(name, _)| name));
    assert_eq!(
        template()["Resources"]["ApiIntegration"]["DependsOn"],
        before
    );
}

#[test]
fn a_changed_setting_makes_a_new_version_too() {
    let function = properties("Function");
    assert_eq!(function["AutoPublishAliasAllProperties"], true);
    assert_eq!(function["VersionDescription"], "${Rollout} ${Revision}");
    let description = "The whole service, ${Rollout} ${Revision}";
    assert_eq!(function["Description"], description);
    assert_eq!(template()["Parameters"]["Revision"]["Default"], "");
}
