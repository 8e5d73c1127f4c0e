//! What the function may do.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::{actions, list, properties, statements};

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
