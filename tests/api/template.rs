//! What `template.yaml` asks of AWS, fact by fact: nobody here can try it on an account.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

fn template() -> Value {
    let template = std::fs::read_to_string("template.yaml").expect("template.yaml");
    serde_saphyr::from_str(&template).expect("YAML")
}

/// A resource's properties; the tags `!Ref` and their like are lost, their values are not.
fn properties(name: &str) -> Value {
    let resource = template()["Resources"][name].take();
    assert!(resource.is_object(), "no resource {name}");
    resource["Properties"].clone()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// The statements of every policy that the function's role has.
fn statements() -> Vec<Value> {
    let role = properties("FunctionRole");
    assert!(role.get("ManagedPolicyArns").is_none());
    list(&role["Policies"])
        .iter()
        .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
        .cloned()
        .collect()
}

fn actions(statement: &Value) -> BTreeSet<String> {
    let action = &statement["Action"];
    let many = list(action).iter();
    many.chain(action.is_string().then_some(action))
        .map(|action| text(action).to_owned())
        .collect()
}

fn alarms() -> Vec<(String, Value)> {
    let template = template();
    let resources = template["Resources"].as_object().expect("resources");
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(name, resource)| (name.clone(), resource["Properties"].clone()))
        .collect()
}

/// The Rust files that may call DynamoDB in a deployed function, without their unit tests.
fn sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if !path.ends_with("src/local.rs") {
            let source = std::fs::read_to_string(&path).expect("a source file");
            found.push_str(source.split("#[cfg(test)]").next().unwrap_or_default());
        }
    }
}

/// The IAM actions behind every call to DynamoDB that the code can make. A transaction needs those
/// of its parts.
fn actions_called() -> BTreeSet<String> {
    let mut source = String::new();
    sources(Path::new("src"), &mut source);
    let calls = [
        (".get_item()", "GetItem"),
        (".put_item()", "PutItem"),
        (".update_item()", "UpdateItem"),
        (".delete_item()", "DeleteItem"),
        (".query()\n", "Query"),
        (".scan()", "Scan"),
        (".batch_get_item()", "BatchGetItem"),
        (".batch_write_item()", "BatchWriteItem"),
        (".transact_get_items()", "GetItem"),
        ("Put::builder()", "PutItem"),
        ("Update::builder()", "UpdateItem"),
        ("Delete::builder()", "DeleteItem"),
        ("ConditionCheck::builder()", "ConditionCheckItem"),
        (".execute_statement()", "PartiQLSelect"),
        (".execute_transaction()", "PartiQLUpdate"),
        (".batch_execute_statement()", "PartiQLUpdate"),
        (".describe_table()", "DescribeTable"),
        (".describe_endpoints()", "DescribeEndpoints"),
        (".describe_limits()", "DescribeLimits"),
        (".describe_time_to_live()", "DescribeTimeToLive"),
        (".list_tables()", "ListTables"),
        (".create_table()", "CreateTable"),
        (".update_table()", "UpdateTable"),
        (".update_time_to_live()", "UpdateTimeToLive"),
    ];
    calls
        .iter()
        .filter(|(call, _)| source.contains(call))
        .map(|(_, action)| format!("dynamodb:{action}"))
        .collect()
}

#[test]
fn the_function_may_do_with_the_table_exactly_what_the_code_calls() {
    let statements = statements();
    // The stack's own table, or one that recovery has made in its place.
    let restored =
        "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${RestoredTable}";
    let on = |own: &str, below: &str| {
        let restored = json!(["IsRestored", format!("{restored}{below}"), "AWS::NoValue"]);
        let resource = json!([own, restored]);
        let of = |statement: &&Value| statement["Resource"] == resource;
        let statements = statements.iter().filter(of).collect::<Vec<_>>();
        assert_eq!(statements.len(), 1, "{resource}");
        actions(statements[0])
    };
    assert_eq!(on("Table.Arn", ""), actions_called());
    let query = BTreeSet::from(["dynamodb:Query".to_owned()]);
    assert_eq!(on("${Table.Arn}/index/*", "/index/*"), query);
}

#[test]
fn no_action_of_the_role_has_a_wildcard_and_only_tracing_has_no_resource() {
    for statement in statements() {
        let actions = actions(&statement);
        assert!(!actions.is_empty());
        for action in &actions {
            assert!(!action.contains('*'), "{action}");
            let traces = action.starts_with("xray:Put");
            assert_eq!(statement["Resource"] == "*", traces, "{action}");
        }
        assert_eq!(statement["Effect"], "Allow");
    }
}

#[test]
fn the_role_is_the_functions_and_only_lambdas() {
    assert_eq!(properties("Function")["Role"], "FunctionRole.Arn");
    assert!(properties("Function").get("Policies").is_none());
    let trust = &properties("FunctionRole")["AssumeRolePolicyDocument"]["Statement"];
    assert_eq!(list(trust).len(), 1);
    assert_eq!(
        trust[0]["Principal"],
        json!({"Service": "lambda.amazonaws.com"})
    );
}

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
fn the_access_log_is_json_and_names_nobody() {
    let log = &properties("ApiStage")["AccessLogSettings"];
    assert_eq!(log["DestinationArn"], "ApiLogs.Arn");
    let line: Value = serde_json::from_str(text(&log["Format"])).expect("JSON");
    for member in ["requestId", "status", "responseLatency", "integrationError"] {
        assert!(line[member].is_string(), "{member}");
    }
    for word in ["identity", "path", "Agent", "authorizer"] {
        assert!(!line.to_string().contains(word), "{word}");
    }
}

#[test]
fn both_log_groups_are_the_stacks_and_forget() {
    for name in ["ApiLogs", "FunctionLogs"] {
        assert_eq!(properties(name)["RetentionInDays"], "LogRetentionDays");
    }
    let logging = &properties("Function")["LoggingConfig"];
    let expected =
        json!({"LogGroup": "FunctionLogs", "LogFormat": "JSON", "SystemLogLevel": "WARN"});
    assert_eq!(logging, &expected);
}

#[test]
fn the_function_is_traced() {
    assert_eq!(properties("Function")["Tracing"], "Active");
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
fn a_restored_table_can_take_the_place_of_the_stacks_own() {
    assert_eq!(template()["Parameters"]["RestoredTable"]["Default"], "");
    assert_eq!(
        properties("Function")["Environment"]["Variables"]["TABLE_NAME"],
        json!(["IsRestored", "RestoredTable", "Table"])
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

#[test]
fn the_tables_data_outlives_the_stack_and_mistakes() {
    let table = &template()["Resources"]["Table"];
    assert_eq!(table["DeletionPolicy"], "Retain");
    assert_eq!(table["UpdateReplacePolicy"], "Retain");
    let properties = &table["Properties"];
    assert_eq!(
        properties["DeletionProtectionEnabled"],
        "DeletionProtection"
    );
    let recovery = &properties["PointInTimeRecoverySpecification"];
    assert_eq!(recovery["PointInTimeRecoveryEnabled"], true);
    assert_eq!(
        template()["Parameters"]["DeletionProtection"]["Default"],
        "true"
    );
}

#[test]
fn the_table_is_encrypted_forgets_and_costs_no_more_than_agreed() {
    let table = properties("Table");
    assert_eq!(table["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(table["TimeToLiveSpecification"]["Enabled"], true);
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    let maxima = json!({
        "MaxReadRequestUnits": "MaxReadUnits",
        "MaxWriteRequestUnits": "MaxWriteUnits",
    });
    assert_eq!(table["OnDemandThroughput"], maxima);
}

/// A name given by hand would stand in the way of the next stack, since the table stays.
#[test]
fn the_table_has_no_name_of_its_own() {
    assert!(properties("Table").get("TableName").is_none());
}

#[test]
fn every_alarm_reports_coming_and_going_and_silence_is_no_alarm() {
    let alarms = alarms();
    assert_eq!(alarms.len(), 9);
    for (name, alarm) in alarms {
        assert_eq!(alarm["AlarmActions"], json!(["AlarmTopic"]), "{name}");
        assert_eq!(alarm["OKActions"], json!(["AlarmTopic"]), "{name}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
        assert!(alarm["AlarmDescription"].is_string(), "{name}");
    }
}

#[test]
fn alarms_watch_what_can_go_wrong() {
    let function = json!([{"Name": "FunctionName", "Value": "Function"}]);
    let version = json!([
        {"Name": "FunctionName", "Value": "Function"},
        {"Name": "Resource", "Value": "${Function}:canary"},
        {"Name": "ExecutedVersion", "Value": "Function.Version.Version"},
    ]);
    let own = json!([{"Name": "Function", "Value": "Function"}]);
    let api = json!([{"Name": "ApiId", "Value": "Api"}, {"Name": "Stage", "Value": "$default"}]);
    let watched = [
        ("FunctionErrors", "AWS/Lambda", "Errors", "Sum", &function),
        ("NewVersionErrors", "AWS/Lambda", "Errors", "Sum", &version),
        ("ServerErrors", "TodoApi", "Errors", "Sum", &own),
        ("SlowRequests", "AWS/Lambda", "Duration", "p99", &function),
        ("NewVersionSlow", "AWS/Lambda", "Duration", "p99", &version),
        (
            "FunctionThrottles",
            "AWS/Lambda",
            "Throttles",
            "Sum",
            &function,
        ),
        ("GatewayErrors", "AWS/ApiGateway", "5xx", "Sum", &api),
        ("FailedLogins", "TodoApi", "FailedLogins", "Sum", &own),
    ];
    for (name, namespace, metric, statistic, dimensions) in watched {
        let alarm = properties(name);
        assert_eq!(alarm["Namespace"], namespace, "{name}");
        assert_eq!(alarm["MetricName"], metric, "{name}");
        assert_eq!(&alarm["Dimensions"], dimensions, "{name}");
        let (sum, percentile) = (&alarm["Statistic"], &alarm["ExtendedStatistic"]);
        assert!(sum == statistic || percentile == statistic, "{name}");
    }
    let throttles = &properties("TableThrottles")["Metrics"];
    for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] {
        let mut metrics = list(throttles)
            .iter()
            .map(|part| &part["MetricStat"]["Metric"]);
        let metric = metrics.find(|found| found["MetricName"] == metric);
        let table = json!([
            {"Name": "TableName", "Value": ["IsRestored", "RestoredTable", "Table"]}
        ]);
        assert_eq!(metric.map(|metric| &metric["Dimensions"]), Some(&table));
    }
}

#[test]
fn alarms_go_to_an_encrypted_topic_that_cloudwatch_can_use() {
    assert_eq!(properties("AlarmTopic")["KmsMasterKeyId"], "AlarmKey");
    let key = properties("AlarmKey");
    assert_eq!(key["EnableKeyRotation"], true);
    let mut statements = list(&key["KeyPolicy"]["Statement"]).iter();
    let cloudwatch = json!({"Service": "cloudwatch.amazonaws.com"});
    let statement = statements.find(|statement| statement["Principal"] == cloudwatch);
    let allowed = actions(statement.expect("a statement for CloudWatch"));
    let needed = ["kms:Decrypt", "kms:GenerateDataKey"].map(str::to_owned);
    assert_eq!(allowed, BTreeSet::from(needed));
}

#[test]
fn mail_is_only_sent_to_an_address_that_was_given() {
    let template = template();
    let subscription = &template["Resources"]["AlarmSubscription"];
    assert_eq!(subscription["Condition"], "SendsEmail");
    assert_eq!(template["Parameters"]["AlarmEmail"]["Default"], "");
}

#[test]
fn the_dashboard_is_json_and_shows_every_metric_of_the_log_line() {
    let dashboard = properties("Dashboard");
    let body = text(&dashboard["DashboardBody"][0]);
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert!(list(&body["widgets"]).len() > 5);
    let body = body.to_string();
    for metric in [
        "Requests",
        "Errors",
        "Latency",
        "ConsumedUnits",
        "FailedLogins",
        "ColdStarts",
    ] {
        assert!(body.contains(metric), "{metric}");
    }
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
