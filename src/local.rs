//! The embedded DynamoDB engine, for development and the tests: it serves DynamoDB's API on a
//! loopback port inside this process, and the same SDK talks to it. Compiled only with the feature
//! `local`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_sdk_dynamodb::config::{Builder, Credentials};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use aws_sdk_dynamodb::{Client, Error as DynamoDbError};
use dynoxide::{Database, server};
use tokio::net::TcpListener;

use crate::api::uris::API_ROOT;
use crate::auth::PasswordHasher;
use crate::config::{Config, DynamoDbConfig};
use crate::domain::account::Username;
use crate::domain::json::Members;
use crate::domain::password::Password;
use crate::domain::task::TaskContent;
use crate::store::schema::INDEXES;
use crate::store::{Store, client};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Starts an engine over the file, which is created if it does not exist, or in memory. Returns the
/// engine's URL. The engine ends with the process.
pub async fn start_engine(file: Option<&Path>) -> Result<String, Error> {
    let database = match file {
        Some(file) => open_database(file).map_err(|error| {
            let file = file.display();
            format!("the database {file} cannot be opened (TODO_DB): {error}")
        })?,
        None => Database::memory()?,
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await;
    let listener = listener
        .map_err(|error| format!("the embedded engine cannot listen on 127.0.0.1: {error}"))?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(server::serve_on(listener, database));
    Ok(url)
}

fn open_database(file: &Path) -> Result<Database, Error> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("its folder cannot be created: {error}"))?;
    }
    let path = file.to_str().ok_or("its path is not UTF-8")?;
    Ok(Database::new(path)?)
}

/// A client's configuration for the engine at `url`.
pub fn config(url: &str) -> Result<Builder, Error> {
    connection(&DynamoDbConfig {
        region: "us-east-1".to_owned(),
        endpoint: Some(url.to_owned()),
        custom_authorities: false,
    })
}

fn connection(dynamodb: &DynamoDbConfig) -> Result<Builder, Error> {
    // Another server may check the environment's. The engine requires credentials and accepts any.
    let environment = EnvironmentVariableCredentialsProvider::new();
    let credentials = CredentialsProviderChain::first_try("environment", environment)
        .or_else("any", Credentials::new("any", "any", None, None, "any"));
    Ok(client::config(dynamodb)?.credentials_provider(credentials))
}

/// Creates the table as `template.yaml` defines it. Returns `false` when it exists already.
pub async fn create_table(client: &Client, table: &str) -> Result<bool, Error> {
    let mut request = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key_schema("sk")?));
    let sort_keys = INDEXES.iter().map(|index| index.sort_attribute);
    for name in ["pk", "sk"].into_iter().chain(sort_keys) {
        let string = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S);
        request = request.attribute_definitions(string.build()?);
    }
    for index in INDEXES {
        let everything = Projection::builder()
            .projection_type(ProjectionType::All)
            .build();
        let definition = LocalSecondaryIndex::builder()
            .index_name(index.name)
            .set_key_schema(Some(key_schema(index.sort_attribute)?))
            .projection(everything);
        request = request.local_secondary_indexes(definition.build()?);
    }
    match request.send().await.map_err(DynamoDbError::from) {
        Ok(_) => {}
        Err(DynamoDbError::ResourceInUseException(_)) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let expiry = TimeToLiveSpecification::builder()
        .attribute_name("expires_at")
        .enabled(true);
    let request = client.update_time_to_live().table_name(table);
    request
        .time_to_live_specification(expiry.build()?)
        .send()
        .await?;
    Ok(true)
}

fn key_schema(sort_key: &str) -> Result<Vec<KeySchemaElement>, Error> {
    let element = |name, key_type| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(key_type)
            .build()
    };
    Ok(vec![
        element("pk", KeyType::Hash)?,
        element(sort_key, KeyType::Range)?,
    ])
}

/// Creates the article's user, `miguel` with the password `python`, and the article's two tasks.
pub async fn seed(store: &Store) -> Result<(), Error> {
    let username = "miguel".parse::<Username>()?;
    // The article's password is shorter than a new one may be, so it is read like one at a login.
    let password = Password::typed("python".to_owned()).ok_or("the password is too long")?;
    let hash = PasswordHasher::new()
        .hash(password)
        .await
        .map_err(|_| "hashing failed")?;
    let miguel = store.create_account(&username, hash, None).await?.account;
    for body in [
        r#"{"title": "Buy groceries", "description": "Milk, Cheese, Pizza, Fruit, Tylenol"}"#,
        r#"{"title": "Learn Python", "description": "Need to find a good Python tutorial on the web"}"#,
    ] {
        let content = Members::read(body.as_bytes(), TaskContent::read);
        let content = content.map_err(|invalid| invalid.detail)?;
        store.create_task(&miguel, content).await?;
    }
    Ok(())
}

/// The table of the server that `AWS_ENDPOINT_URL_DYNAMODB` names, or else of an engine over the
/// file `TODO_DB`, in which the table and the demo data are created when they do not exist. An error
/// when the file's table has the layout of another version; the file is never changed then.
pub async fn open_store(settings: &Config) -> Result<Store, Error> {
    let table = settings.table_name.clone();
    if settings.dynamodb.endpoint.is_some() {
        let client = Client::from_conf(connection(&settings.dynamodb)?.build());
        return Ok(Store::new(client, table));
    }
    let url = start_engine(Some(&settings.database_file)).await?;
    let client = Client::from_conf(config(&url)?.build());
    let is_new = create_table(&client, &table).await?;
    if !is_new && !has_current_layout(&client, &table).await? {
        let file = settings.database_file.display();
        return Err(format!(
            "the database {file} (TODO_DB) was made by another version of this service, with \
             another layout of the table; nothing was changed; to start over, delete the file"
        )
        .into());
    }
    let store = Store::new(client, table).with_creation_window(CREATION_WINDOW);
    if is_new {
        seed(&store).await?;
    }
    Ok(store)
}

/// Only this process uses the embedded engine, and it handles one event after the other.
const CREATION_WINDOW: Duration = Duration::from_secs(1);

/// Whether a table has the keys and indexes of [`create_table`], which cannot be added to it later.
async fn has_current_layout(client: &Client, table: &str) -> Result<bool, Error> {
    let described = client.describe_table().table_name(table).send().await?;
    let described = described.table.ok_or("the table has no description")?;
    let mut found = BTreeMap::new();
    for index in described.local_secondary_indexes() {
        found.insert(index.index_name(), index.key_schema().to_vec());
    }
    let mut expected = BTreeMap::new();
    for index in INDEXES {
        expected.insert(Some(index.name), key_schema(index.sort_attribute)?);
    }
    Ok(found == expected && described.key_schema() == key_schema("sk")?)
}

/// What `make run` shows once the service is ready to handle requests; `None` when the runtime's
/// address, which is that of `cargo lambda watch`, has no port.
pub fn ready_message(config: &Config) -> Option<String> {
    let port = port(config.runtime_api.as_deref()?)?;
    let data = match &config.dynamodb.endpoint {
        Some(endpoint) => endpoint.clone(),
        None => config.database_file.display().to_string(),
    };
    Some(format!(
        "todo-api listens on http://localhost:{port} (Ctrl-C stops it), data in {data}\n\
         Try: curl -u miguel:python http://localhost:{port}{API_ROOT}/tasks"
    ))
}

/// The port of an address such as `127.0.0.1:9000` or `http://127.0.0.1:9000/.rt/function`.
fn port(address: &str) -> Option<u16> {
    let without_scheme = address.rsplit("://").next()?;
    let host_and_port = without_scheme.split('/').next()?;
    host_and_port.rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_that_of_the_runtimes_address() {
        assert_eq!(port("127.0.0.1:9000"), Some(9000));
        assert_eq!(port("http://127.0.0.1:9001/.rt/_"), Some(9001));
        assert_eq!(port("http://[::1]:9002/.rt/todo-api"), Some(9002));
        assert_eq!(port("localhost"), None);
    }
}
