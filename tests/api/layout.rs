//! What is in the table: which attributes items have, and what happens to a file of another layout.

use std::collections::HashMap;
use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};
use serde_json::json;
use todo_api::config::Config;
use todo_api::local;

use crate::client::{TASKS, TestApp};

type Item = HashMap<String, AttributeValue>;

async fn item(app: &TestApp, sort_key: &str) -> Item {
    let mut items = app.items().await.into_iter();
    let item = items.find(|item| item["sk"].as_s().is_ok_and(|sk| sk == sort_key));
    item.expect(sort_key)
}

fn string<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name].as_s().expect("a string")
}

#[tokio::test]
async fn an_account_comes_with_its_inbox() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let (account, inbox) = (
        item(&app, "account").await,
        item(&app, "list#000000000000").await,
    );
    let partition = format!("tasks#{}", string(&account, "account_id"));
    assert_eq!(string(&inbox, "pk"), partition);
    assert_eq!(string(&inbox, "name"), "Inbox");
    assert_eq!(string(&inbox, "order"), "8000000000000000");
    assert_eq!(inbox["version"], AttributeValue::N("1".to_owned()));
    assert_eq!(inbox["created_by"], account["created_by"]);
    assert_eq!(account["last_list_id"], AttributeValue::N("0".to_owned()));
    let created_at = inbox["created_at"].as_n().expect("a number");
    let change_key = format!("{created_at}#list#000000000000");
    assert_eq!(string(&inbox, "change_key"), change_key);
    for item in [account, inbox] {
        for write in ["write_1", "write_2", "write_3", "write_4"] {
            assert_eq!(string(&item, write), "-");
        }
    }
}

#[tokio::test]
async fn a_task_stands_in_the_inbox_open_or_done_and_last() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.create(&json!({"title": "Buy milk"})).await;
    let task = || item(&app, "task#000000000001");
    let open = "000000000000#0#bff0000000000000#000000000001";
    let done = "000000000000#1#000000000001";

    let created = task().await;
    assert_eq!(created["list"], AttributeValue::N("0".to_owned()));
    assert_eq!(string(&created, "order"), "bff0000000000000");
    assert_eq!(string(&created, "list_key"), open);
    assert_eq!(string(&created, "list_key_done"), done);
    assert_eq!(string(&created, "write_1"), "-");

    let uri = format!("{TASKS}/1");
    for (body, list_key) in [
        (json!({"done": true}), done),
        (json!({"title": "Buy bread"}), done),
        (json!({"done": true}), done),
        (json!({"done": false, "title": "Buy milk"}), open),
        (json!({"done": false}), open),
    ] {
        let before = task().await;
        assert_eq!(ada.put(&uri, &body).send().await.status, 200);
        let after = task().await;
        assert_eq!(string(&after, "list_key"), list_key, "{body}");
        let updated_at = after["updated_at"].as_n().expect("a number");
        let change_key = format!("{updated_at}#task#000000000001");
        assert_eq!(string(&after, "change_key"), change_key);
        assert_eq!(after["created_by"], created["created_by"]);
        for pair in ["write_1", "write_2", "write_3", "write_4"].windows(2) {
            assert_eq!(after[pair[1]], before[pair[0]], "the register moves on");
        }
    }
}

/// A configuration whose database is this file.
fn settings(file: &Path) -> Config {
    let file = file.to_str().expect("UTF-8").to_owned();
    Config::read(|name| (name == "TODO_DB").then(|| file.clone())).expect("settings")
}

async fn make_old_table(file: &Path) {
    let engine = local::start_engine(Some(file)).await.expect("an engine");
    let client = Client::from_conf(local::config(&engine).expect("settings").build());
    let mut request = client.create_table().table_name("todo");
    request = request.billing_mode(BillingMode::PayPerRequest);
    for (name, key_type) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let key = KeySchemaElement::builder().attribute_name(name);
        let attribute = AttributeDefinition::builder().attribute_name(name);
        let attribute = attribute.attribute_type(ScalarAttributeType::S);
        request = request
            .key_schema(key.key_type(key_type).build().expect("a key"))
            .attribute_definitions(attribute.build().expect("an attribute"));
    }
    request.send().await.expect("a table");
}

#[tokio::test]
async fn a_database_of_another_layout_stops_the_start_with_one_line_and_is_not_changed() {
    let folder = std::env::temp_dir().join(format!("todo-layout-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (old, new) = (folder.join("old.db"), folder.join("new.db"));
    make_old_table(&old).await;

    let refused = local::open_store(&settings(&old)).await.err();

    let message = refused.expect("an error").to_string();
    let expected = format!(
        "the database {} (TODO_DB) was made by another version of this service, with another \
         layout of the table; nothing was changed; to start over, delete the file",
        old.display()
    );
    assert_eq!(message, expected);
    let engine = local::start_engine(Some(&old)).await.expect("an engine");
    let client = Client::from_conf(local::config(&engine).expect("settings").build());
    let read = client.scan().table_name("todo").send().await;
    assert_eq!(read.expect("the old table").count, 0);
    for _ in 0..2 {
        assert!(
            local::open_store(&settings(&new)).await.is_ok(),
            "the current layout"
        );
    }
    std::fs::remove_dir_all(folder).expect("removed");
}
