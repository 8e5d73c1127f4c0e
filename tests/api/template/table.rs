//! The table and its data.

use serde_json::json;

use super::{properties, template};

#[test]
fn a_restored_table_can_take_the_place_of_the_stacks_own() {
    assert_eq!(template()["Parameters"]["RestoredTable"]["Default"], "");
    assert_eq!(
        properties("Function")["Environment"]["Variables"]["TABLE_NAME"],
        json!(["IsRestored", "RestoredTable", "Table"])
    );
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
