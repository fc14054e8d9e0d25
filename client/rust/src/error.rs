use std::collections::HashMap;
use std::ops::Deref;
use std::time::Duration;
use std::{error, fmt, iter};

use tonic::{Code, Status, TimeoutExpired};
use tonic_types::{ErrorInfo, StatusExt};

use crate::RetryPolicy;

/// The domain of the gateway's own errors.
pub const DOMAIN: &str = "apikeys.docspace.onlyoffice.com";

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A call that failed.
#[derive(Clone, Debug)]
pub struct Error(Box<ErrorDetails>);

/// What the error says: `error.reason`. Read from the call's `grpc-status-details-bin`.
#[derive(Clone, Debug)]
pub struct ErrorDetails {
    pub code: Code,
    /// For a person, not a program.
    pub message: String,
    /// `RATE_LIMITED`, `KEY_NOT_FOUND`, …; empty where tonic or gRPC made the error.
    pub reason: String,
    /// Of the reason: [`DOMAIN`] where the gateway made the error.
    pub domain: String,
    /// `http_status`, `upstream_type` and the like, where known.
    pub metadata: HashMap<String, String>,
    pub field_violations: Vec<FieldViolation>,
    /// How long to wait at least before another try.
    pub retry_delay: Option<Duration>,
}

/// What is wrong with a field, named as in the proto: `expires_in_days`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    pub field: String,
    pub description: String,
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Status::new(code, message).into()
    }
}

impl Deref for Error {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.0
    }
}

impl ErrorDetails {
    /// Finds the call in the gateway's log. May be empty.
    pub fn request_id(&self) -> &str {
        self.metadata.get("request_id").map_or("", String::as_str)
    }

    /// Whether the gateway made the error. If not, the gateway may have seen the call or not.
    pub fn is_from_gateway(&self) -> bool {
        self.domain == DOMAIN
    }

    /// Whether another attempt, of a write too, cannot act twice and may succeed, after a [back-off](Self::backoff).
    /// [`Client`](crate::Client) has tried such calls again already, as its policy says.
    pub fn is_safe_to_retry(&self) -> bool {
        self.is_from_gateway()
            && match self.code {
                Code::Unavailable => true,
                Code::ResourceExhausted => {
                    matches!(self.reason.as_str(), "RATE_LIMITED" | "GATEWAY_OVERLOADED")
                }
                _ => false,
            }
    }

    /// How long to wait before the next attempt, when `attempts` have been made so far, by a
    /// [`RetryPolicy`](crate::RetryPolicy) of up to 30 seconds.
    pub fn backoff(&self, attempts: u32) -> Duration {
        let policy = RetryPolicy { max_backoff: Duration::from_secs(30), ..RetryPolicy::default() };
        policy.delay(self, attempts, fastrand::f64())
    }
}

/// Details that cannot be read are passed over: code and message stay.
impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().cloned().unwrap_or_else(|| ErrorInfo::new("", "", HashMap::new()));
        Self(Box::new(ErrorDetails {
            code: code(&status),
            message: message(&status),
            reason: info.reason,
            domain: info.domain,
            metadata: info.metadata,
            field_violations: details
                .bad_request()
                .map_or_else(Vec::new, |bad| bad.field_violations.iter().map(FieldViolation::from).collect()),
            // A year is as good as never.
            retry_delay: details
                .retry_info()
                .and_then(|retry| retry.retry_delay)
                .map(|delay| delay.min(YEAR)),
        }))
    }
}

impl From<&tonic_types::FieldViolation> for FieldViolation {
    fn from(violation: &tonic_types::FieldViolation) -> Self {
        Self { field: violation.field.clone(), description: violation.description.clone() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.code)?;
        if !self.reason.is_empty() {
            write!(out, " {}", self.reason)?;
        }
        write!(out, ": {}", self.message)
    }
}

impl error::Error for Error {}

fn causes(status: &Status) -> impl Iterator<Item = &(dyn error::Error + 'static)> {
    iter::successors(error::Error::source(status), |cause| cause.source())
}

// Only what tonic makes of an error of the connection has a cause. Its code is then CANCELLED or UNKNOWN
// more often than not, where gRPC's other libraries say UNAVAILABLE, or DEADLINE_EXCEEDED of a timer.
fn code(status: &Status) -> Code {
    if causes(status).any(|cause| cause.is::<TimeoutExpired>()) {
        Code::DeadlineExceeded
    } else if causes(status).next().is_some() {
        Code::Unavailable
    } else {
        status.code()
    }
}

// What befell a connection is in the causes alone.
fn message(status: &Status) -> String {
    let mut message = status.message().to_owned();
    for cause in causes(status).map(ToString::to_string) {
        if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gateway(code: Code, reason: &str, retry_delay: Option<Duration>) -> Error {
        let metadata = HashMap::from([("request_id".to_owned(), "7".to_owned())]);
        let mut details = tonic_types::ErrorDetails::with_error_info(reason, DOMAIN, metadata);
        if retry_delay.is_some() {
            details.set_retry_info(retry_delay);
        }
        details.add_bad_request_violation("name", "too long");
        Status::with_error_details(code, "because", details).into()
    }

    #[test]
    fn reads_all_that_the_gateway_says() {
        let delay = Duration::from_millis(1500);
        let error = gateway(Code::InvalidArgument, "INVALID_REQUEST", Some(delay));
        assert_eq!(error.to_string(), "InvalidArgument INVALID_REQUEST: because");
        assert_eq!(error.request_id(), "7");
        let violation = FieldViolation { field: "name".into(), description: "too long".into() };
        assert_eq!(error.field_violations, [violation]);
        assert_eq!(error.retry_delay, Some(delay));
        assert!(error.is_from_gateway());
    }

    #[test]
    fn reads_what_grpc_itself_says() {
        let error = Error::from(Status::unavailable("gone"));
        assert_eq!(error.to_string(), "Unavailable: gone");
        assert_eq!(error.request_id(), "");
        assert_eq!(error.retry_delay, None);
        assert!(!error.is_from_gateway());
    }

    #[test]
    fn passes_over_details_that_cannot_be_read() {
        let status = Status::with_details(Code::NotFound, "no", b"\xff\xff".as_slice().into());
        assert_eq!(Error::from(status).to_string(), "NotFound: no");
    }

    #[test]
    fn is_safe_to_retry_where_the_gateway_says_that_nothing_was_done() {
        let delay = Some(Duration::ZERO);
        assert!(gateway(Code::Unavailable, "UPSTREAM_UNREACHABLE", None).is_safe_to_retry());
        assert!(gateway(Code::ResourceExhausted, "RATE_LIMITED", delay).is_safe_to_retry());
        assert!(gateway(Code::ResourceExhausted, "RATE_LIMITED", None).is_safe_to_retry());
        assert!(gateway(Code::ResourceExhausted, "GATEWAY_OVERLOADED", None).is_safe_to_retry());
        assert!(!gateway(Code::ResourceExhausted, "", None).is_safe_to_retry());
        assert!(!gateway(Code::ResourceExhausted, "REQUEST_TOO_LARGE", None).is_safe_to_retry());
        assert!(!gateway(Code::Unknown, "WRITE_OUTCOME_UNKNOWN", delay).is_safe_to_retry());
        assert!(!Error::from(Status::unavailable("gone")).is_safe_to_retry());
    }

    #[test]
    fn clamps_the_delay_of_the_gateway() {
        let error = gateway(Code::Unavailable, "UPSTREAM_UNAVAILABLE", Some(Duration::MAX));
        assert_eq!(error.retry_delay, Some(YEAR));
        assert!(error.backoff(u32::MAX) >= YEAR);
    }

    #[test]
    fn backs_off_with_and_without_a_delay_of_the_gateway() {
        let delay = Some(Duration::from_secs(7));
        for (error, attempts, shortest, longest) in [
            (gateway(Code::ResourceExhausted, "RATE_LIMITED", None), 1, 500, 1000),
            (gateway(Code::ResourceExhausted, "RATE_LIMITED", None), 3, 2000, 4000),
            (gateway(Code::ResourceExhausted, "RATE_LIMITED", None), 10_000, 15_000, 30_000),
            (gateway(Code::ResourceExhausted, "RATE_LIMITED", delay), 1, 7000, 7200),
            (gateway(Code::Unavailable, "UPSTREAM_UNAVAILABLE", None), 2, 0, 400),
        ] {
            for _ in 0..100 {
                let wait = error.backoff(attempts).as_millis();
                assert!((shortest..=longest).contains(&wait), "{error} after {attempts}: {wait}");
            }
        }
    }
}
