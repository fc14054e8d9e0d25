//! Lists, creates, updates and deletes a key: `DOCSPACE_API_KEY=sk-… tour HOST:PORT [NAME]`
//!
//! `DOCSPACE_CA_FILE` names a file of authorities to trust instead of those of the system.

use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use docspace_apikeys::v1::{
    ApiKey, CreateApiKeyRequest, DeleteApiKeyRequest, GetApiKeysRequest, UpdateApiKeyRequest,
};
use docspace_apikeys::{Client, Credential, Error, take_secret};
use tokio::time::sleep;
use tonic::Code;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let target = arguments.next().ok_or("usage: tour HOST:PORT [NAME]")?;
    let name = arguments.next().unwrap_or_else(|| "Example".to_owned());
    let tls = match env::var_os("DOCSPACE_CA_FILE") {
        Some(file) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(fs::read(file)?)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    let endpoint = Endpoint::from_shared(format!("https://{target}"))?;
    let credential = Credential::api_key(&env::var("DOCSPACE_API_KEY")?)?;
    Ok(match tour(&Client::connect_with_tls(endpoint, tls, credential)?, &name).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => explain(&error),
    })
}

async fn tour(keys: &Client, name: &str) -> Result<(), Error> {
    println!("{} keys", list(keys).await?.len());
    let key_id = create(keys, name).await?;
    let update = UpdateApiKeyRequest {
        key_id: key_id.clone(),
        is_active: Some(false),
        ..UpdateApiKeyRequest::default()
    };
    if keys.update_api_key(update).await?.updated {
        println!("updated {name}");
    }
    if delete(keys, key_id).await? {
        println!("deleted {name}");
    } else {
        println!("not deleted: another user's key");
    }
    Ok(())
}

/// Deletes a key. For a key of another user, older portals return false and newer ones deny access.
async fn delete(keys: &Client, key_id: String) -> Result<bool, Error> {
    let keys = keys.clone().with_timeout(Duration::from_secs(5));
    match keys.delete_api_key(DeleteApiKeyRequest { key_id }).await {
        Ok(response) => Ok(response.deleted),
        Err(error) if error.reason() == "ACCESS_DENIED" => Ok(false),
        Err(error) => Err(error),
    }
}

async fn list(keys: &Client) -> Result<Vec<ApiKey>, Error> {
    Ok(keys.get_api_keys(GetApiKeysRequest::default()).await?.api_keys)
}

/// Creates a key and returns its id, even if a response is lost.
async fn create(keys: &Client, name: &str) -> Result<String, Error> {
    let request = CreateApiKeyRequest {
        name: name.to_owned(),
        permissions: vec!["files:read".to_owned()],
        expires_in_days: Some(30),
    };
    let mut attempts = 0;
    loop {
        attempts += 1;
        match keys.create_api_key(request.clone()).await {
            Ok(mut created) => {
                // reveal() is the only way to read the secret: pass it to the program that stores it.
                let _secret = take_secret(&mut created);
                println!("created {name}");
                return Ok(created.api_key.unwrap_or_default().id.unwrap_or_default());
            }
            Err(error) if error.reason() == "WRITE_OUTCOME_UNKNOWN" && attempts < 3 => {
                // The key may exist, but its secret is lost.
                if let Some(key) = list(keys).await?.into_iter().find(|key| key.name() == name) {
                    println!("found {name}");
                    return Ok(key.id.unwrap_or_default());
                }
                sleep(error.backoff(attempts)).await;
            }
            Err(error) if error.is_safe_to_retry() && attempts < 3 => {
                sleep(error.backoff(attempts)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn explain(error: &Error) -> ExitCode {
    for violation in error.field_violations() {
        eprintln!("{}: {}", violation.field, violation.description);
    }
    if error.code() == Code::Unauthenticated {
        eprintln!("DOCSPACE_API_KEY is not accepted: renew it");
    }
    eprintln!("{error} (request {})", error.request_id());
    ExitCode::FAILURE
}
