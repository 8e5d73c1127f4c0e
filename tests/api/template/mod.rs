//! What `template.yaml` asks of AWS, fact by fact: nobody here can try it on an account.

mod monitoring;
mod permissions;
mod rollout;
mod settings;
mod table;

use std::collections::BTreeSet;

use serde_json::Value;

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
