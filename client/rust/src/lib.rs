//! The API keys of an ONLYOFFICE DocSpace portal, through its gRPC gateway.
//!
//! [`Client`] has the six RPCs, with a credential, a deadline, retries of reads and typed errors. [`v1`] has the
//! messages, and tonic's own client for everything else.

mod client;
mod credential;
mod error;
mod redaction;
mod retry;
mod secret;

/// The messages and the client that are generated from the proto.
#[allow(clippy::all, clippy::pedantic, missing_docs)]
pub mod v1 {
    include!("generated/docspace.apikeys.v1.rs");
}

pub use client::Client;
pub use credential::{Credential, InvalidCredential};
pub use error::{DOMAIN, Error, FieldViolation, QuotaViolation};
pub use retry::RetryPolicy;
pub use secret::{Secret, take_secret};
