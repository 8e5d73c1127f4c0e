//! The table stands twice, in `template.yaml` for AWS and in the code for the embedded engine.

use aws_sdk_dynamodb::Client;
use serde_json::{Value, json};
use todo_api::local;

/// A key schema as pairs of attribute and role.
fn keys(schema: &Value) -> Value {
    let keys = schema.as_array().expect("a key schema").iter();
    keys.map(|key| json!([key["AttributeName"], key["KeyType"]]))
        .collect()
}

#[tokio::test]
async fn the_template_and_the_engine_define_the_same_table() {
    let template = std::fs::read_to_string("template.yaml").expect("template.yaml");
    let template: Value = serde_saphyr::from_str(&template).expect("YAML");
    let resources = template["Resources"]
        .as_object()
        .expect("resources")
        .values();
    let mut tables = resources.filter(|resource| resource["Type"] == "AWS::DynamoDB::Table");
    let table = &tables.next().expect("a table")["Properties"];
    assert!(tables.next().is_none());

    let engine = local::start_engine(None).await.expect("an engine");
    let client = Client::from_conf(local::config(&engine).expect("a configuration").build());
    local::create_table(&client, "todo").await.expect("a table");
    let made = client
        .describe_table()
        .table_name("todo")
        .send()
        .await
        .expect("a description");
    let made = made.table.expect("a table");
    let made_keys = |schema: &[aws_sdk_dynamodb::types::KeySchemaElement]| -> Value {
        schema
            .iter()
            .map(|key| json!([key.attribute_name(), key.key_type().as_str()]))
            .collect()
    };

    assert_eq!(keys(&table["KeySchema"]), made_keys(made.key_schema()));
    let mut indexes: Vec<_> = made
        .local_secondary_indexes()
        .iter()
        .map(|index| {
            let projection = index
                .projection()
                .and_then(|projection| projection.projection_type());
            json!([
                index.index_name(),
                made_keys(index.key_schema()),
                projection.map(|projection| projection.as_str()),
            ])
        })
        .collect();
    indexes.sort_by_key(Value::to_string);
    let mut expected: Vec<_> = table["LocalSecondaryIndexes"]
        .as_array()
        .expect("indexes")
        .iter()
        .map(|index| {
            let projection = &index["Projection"]["ProjectionType"];
            json!([index["IndexName"], keys(&index["KeySchema"]), projection])
        })
        .collect();
    expected.sort_by_key(Value::to_string);
    assert_eq!(expected, indexes);

    let mut attributes: Vec<_> = made
        .attribute_definitions()
        .iter()
        .map(|definition| {
            json!([
                definition.attribute_name(),
                definition.attribute_type().as_str()
            ])
        })
        .collect();
    attributes.sort_by_key(Value::to_string);
    let mut expected: Vec<_> = table["AttributeDefinitions"]
        .as_array()
        .expect("attributes")
        .iter()
        .map(|definition| json!([definition["AttributeName"], definition["AttributeType"]]))
        .collect();
    expected.sort_by_key(Value::to_string);
    assert_eq!(expected, attributes);

    let ttl = client
        .describe_time_to_live()
        .table_name("todo")
        .send()
        .await
        .expect("TTL");
    let ttl = ttl
        .time_to_live_description
        .and_then(|ttl| ttl.attribute_name);
    let expected = &table["TimeToLiveSpecification"];
    assert_eq!(
        (&expected["AttributeName"], &expected["Enabled"]),
        (&json!(ttl), &json!(true))
    );
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
}
