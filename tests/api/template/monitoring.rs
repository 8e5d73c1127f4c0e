//! Alarms, the dashboard and the logs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{actions, list, properties, template, text};

fn alarms() -> Vec<(String, Value)> {
    let template = template();
    let resources = template["Resources"].as_object().expect("resources");
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(name, resource)| (name.clone(), resource["Properties"].clone()))
        .collect()
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
