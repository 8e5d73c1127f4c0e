//! The embedded DynamoDB engine, for one's own machine and the tests: the same SDK talks to the
//! same API, on a loopback port inside this process. Compiled in only with the feature `local`.

use std::path::Path;

use aws_sdk_dynamodb::config::{Builder, Credentials};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use aws_sdk_dynamodb::{Client, Error as DynamoDbError};
use dynoxide::{Database, server};
use tokio::net::TcpListener;

use crate::auth::PasswordHasher;
use crate::config::Config;
use crate::domain::account::Username;
use crate::domain::password::Password;
use crate::domain::task::{Description, TaskContent, Title};
use crate::store::schema::INDEXES;
use crate::store::{Store, client};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Starts an engine over the file, made if need be, or in memory. Returns its URL. It ends with
/// the process.
pub async fn start_engine(file: Option<&Path>) -> Result<String, Error> {
    let database = match file {
        Some(file) => {
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            Database::new(file.to_str().ok_or("the database's path is not UTF-8")?)?
        }
        None => Database::memory()?,
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(server::serve_on(listener, database));
    Ok(url)
}

/// A client's configuration for an engine, which asks for credentials but takes any.
pub fn config(url: &str) -> Result<Builder, Error> {
    let config = client::config("us-east-1".to_owned(), Some(url.to_owned()))?;
    Ok(config.credentials_provider(Credentials::new("any", "any", None, None, "any")))
}

/// Makes the table as `template.yaml` defines it. `false` when it is there already.
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

/// Puts in the article's user, `miguel` with the password `python`, and its two tasks.
pub async fn seed(store: &Store) -> Result<(), Error> {
    let username = "miguel".parse::<Username>()?;
    // Shorter than a new one may be; the article's all the same.
    let password = Password::typed("python".to_owned()).ok_or("the password is too long")?;
    let hash = PasswordHasher::new()
        .hash(password)
        .await
        .map_err(|_| "hashing failed")?;
    let miguel = store.create_account(&username, hash, None).await?.account;
    for (title, description) in [
        ("Buy groceries", "Milk, Cheese, Pizza, Fruit, Tylenol"),
        (
            "Learn Python",
            "Need to find a good Python tutorial on the web",
        ),
    ] {
        let title = Title::try_from(title.to_owned())?;
        let description = Description::try_from(description.to_owned())?;
        store
            .create_task(
                &miguel,
                TaskContent {
                    title,
                    description,
                    done: false,
                    due: None,
                },
            )
            .await?;
    }
    Ok(())
}

/// A client of the engine at `AWS_ENDPOINT_URL_DYNAMODB`, or else of one over the file `TODO_DB`
/// (`.todo/todo.db`), whose table is made and filled when it is not there yet.
pub async fn connect(settings: &Config) -> Result<Client, Error> {
    if let Ok(url) = std::env::var("AWS_ENDPOINT_URL_DYNAMODB") {
        return Ok(Client::from_conf(config(&url)?.build()));
    }
    let file = std::env::var_os("TODO_DB").unwrap_or_else(|| ".todo/todo.db".into());
    let url = start_engine(Some(Path::new(&file))).await?;
    let client = Client::from_conf(config(&url)?.build());
    if create_table(&client, &settings.table_name).await? {
        seed(&Store::new(client.clone(), settings.table_name.clone())).await?;
    }
    Ok(client)
}
