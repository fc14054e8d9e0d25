//! The contract suite's runner for Rust; tests/contract/README.md has the protocol.
//!
//! Its argument is the file of the proto's descriptors, which define the canonical JSON.

use std::error::Error;
use std::io::{self, BufRead};
use std::time::Duration;
use std::{env, fs};

use docspace_apikeys::{Client, Credential, InvalidCredential};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};
use tonic::metadata::{Ascii, MetadataKey};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};
use tonic::{IntoRequest, Request};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let path = env::args()
        .nth(1)
        .ok_or("the file of the descriptors is missing")?;
    let pool = DescriptorPool::decode(fs::read(path)?.as_slice())?;
    for line in io::stdin().lock().lines() {
        println!("{}", run(&pool, &serde_json::from_str(&line?)?).await?);
    }
    Ok(())
}

async fn run(pool: &DescriptorPool, call: &Value) -> Result<Value> {
    let client = match client(call)? {
        Ok(client) => client,
        Err(refusal) => return Ok(json!({"refused": refusal})),
    };
    // Each method has its own types.
    macro_rules! make {
        ($method:ident) => {
            answer(pool, call, client.$method(request(pool, call)?).await)
        };
    }
    match text(&call["rpc"])? {
        "CreateApiKey" => make!(create_api_key),
        "DeleteApiKey" => make!(delete_api_key),
        "GetAllPermissions" => make!(get_all_permissions),
        "GetApiKey" => make!(get_api_key),
        "GetApiKeys" => make!(get_api_keys),
        "UpdateApiKey" => make!(update_api_key),
        other => Err(other.into()),
    }
}

fn text(value: &Value) -> Result<&str> {
    value
        .as_str()
        .ok_or_else(|| format!("{value} is no string").into())
}

fn file(tls: &Value, name: &str) -> Result<Vec<u8>> {
    Ok(fs::read(text(&tls[name])?)?)
}

/// The client of a call, or the message with which the library refuses it.
fn client(call: &Value) -> Result<std::result::Result<Client, String>> {
    let scheme = if call["tls"].is_null() {
        "http"
    } else {
        "https"
    };
    let endpoint = Endpoint::from_shared(format!("{scheme}://{}", text(&call["target"])?))?;
    let timeout = Duration::from_millis(call["timeout_ms"].as_u64().ok_or("timeout_ms")?);
    let credential = match credential(&call["credential"])? {
        Ok(credential) => credential,
        Err(refusal) => return Ok(Err(refusal.to_string())),
    };
    let client = if call["tls"].is_object() {
        Client::connect_with_tls(endpoint, tls(&call["tls"])?, credential)
    } else if call["allow_remote_plaintext"] == true {
        Ok(Client::allow_remote_plaintext(endpoint, credential))
    } else {
        Client::connect(endpoint, credential)
    };
    Ok(client
        .map(|client| client.with_timeout(timeout))
        .map_err(|refusal| refusal.message().to_owned()))
}

fn tls(tls: &Value) -> Result<ClientTlsConfig> {
    let mut config =
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(file(tls, "ca_file")?));
    if tls["certificate_file"].is_string() {
        let identity = Identity::from_pem(
            file(tls, "certificate_file")?,
            file(tls, "private_key_file")?,
        );
        config = config.identity(identity);
    }
    Ok(config)
}

fn credential(value: &Value) -> Result<std::result::Result<Option<Credential>, InvalidCredential>> {
    let Some((kind, value)) = value.as_object().and_then(|object| object.iter().next()) else {
        return Ok(Ok(None));
    };
    let credential = match kind.as_str() {
        "api_key" => Credential::api_key(text(value)?),
        "bearer" => Credential::bearer(text(value)?),
        "session_cookie" => Credential::session_cookie(text(value)?),
        "basic" => Credential::basic(text(&value[0])?, text(&value[1])?),
        other => return Err(other.into()),
    };
    Ok(credential.map(Some))
}

fn request<Q: Message + Default>(pool: &DescriptorPool, call: &Value) -> Result<Request<Q>> {
    let name = format!("docspace.apikeys.v1.{}Request", text(&call["rpc"])?);
    let descriptor = pool.get_message_by_name(&name).ok_or(name)?;
    let message = DynamicMessage::deserialize(descriptor, &call["request"])?;
    let mut request = message.transcode_to::<Q>()?.into_request();
    for (name, value) in call["metadata"].as_object().into_iter().flatten() {
        request
            .metadata_mut()
            .insert(name.parse::<MetadataKey<Ascii>>()?, text(value)?.parse()?);
    }
    Ok(request)
}

fn answer<R: Message>(
    pool: &DescriptorPool,
    call: &Value,
    outcome: std::result::Result<R, docspace_apikeys::Error>,
) -> Result<Value> {
    let response = match outcome {
        Ok(response) => response,
        Err(error) => return Ok(failure(&error)),
    };
    let name = format!("docspace.apikeys.v1.{}Response", text(&call["rpc"])?);
    let mut message = DynamicMessage::new(pool.get_message_by_name(&name).ok_or(name)?);
    message.transcode_from(&response)?;
    Ok(json!({"response": message}))
}

fn failure(error: &docspace_apikeys::Error) -> Value {
    let quotas: Vec<_> = error
        .quota_violations()
        .iter()
        .map(
            |violation| json!({"subject": violation.subject, "description": violation.description}),
        )
        .collect();
    let violations: Vec<_> = error
        .field_violations()
        .iter()
        .map(|violation| json!({"field": violation.field, "description": violation.description}))
        .collect();
    json!({"error": {
        "code": code_name(error.code()),
        "message": error.message(),
        "reason": error.reason(),
        "domain": error.domain(),
        "metadata": error.metadata(),
        "field_violations": violations,
        "retry_delay": error.retry_delay().map(|delay| delay.as_secs_f64()),
        "request_id": error.request_id(),
        "quota_violations": quotas,
        "http_status": error.http_status(),
        "from_gateway": error.is_from_gateway(),
        "known_not_applied": error.is_known_not_applied(),
        "safe_to_retry": error.is_safe_to_retry(),
        "backoff": error.backoff(1).as_secs_f64().to_string(),
    }})
}

/// Returns the name in the specification of gRPC: `NOT_FOUND` for `NotFound`.
fn code_name(code: tonic::Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}
