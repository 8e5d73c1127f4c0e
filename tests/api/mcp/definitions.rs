//! The definitions of the tools as they are committed and served.

use std::path::Path;

use serde_json::{Value, json};
use todo_api::api::mcp::definitions;

use super::Assistant;
use crate::client::TestApp;

/// `make openapi` sets this, to write the copy rather than to compare it.
const WRITE: &str = "WRITE_OPENAPI";

#[test]
fn the_committed_copy_of_the_tools_is_what_the_code_generates() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/mcp/tools.json");
    let lines = definitions::all().into_iter();
    let lines = lines.map(|definition: Value| definition.to_string());
    let generated = format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"));
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &generated).expect("a file");
    }
    let committed = std::fs::read_to_string(&path).expect("a file");
    assert!(committed == generated, "run `make openapi`");
}

/// Every conversation carries them, so they have a budget: 1,800 tokens of four characters.
#[tokio::test]
async fn all_tools_together_take_at_most_1800_tokens() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let listed = Assistant::of(&ada).request("tools/list", json!({})).await;
    let tools = listed["result"]["tools"].to_string();
    let tokens = tools.chars().count() / 4;
    println!("the definitions of all tools: {tokens} tokens");
    assert!(tokens <= 1_800, "{tokens} tokens");
}
