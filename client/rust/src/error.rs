use std::collections::HashMap;
use std::time::Duration;
use std::{error, fmt, iter};

use tonic::{Code, Status, TimeoutExpired};
use tonic_types::{ErrorInfo, StatusExt};

use crate::RetryPolicy;

/// The domain of the gateway's own errors.
pub const DOMAIN: &str = "apikeys.docspace.onlyoffice.com";

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The error of a failed call, read from its `grpc-status-details-bin`.
#[derive(Clone, Debug)]
pub struct Error(Box<Details>);

// In a box, because a large error makes every `Result` large.
#[derive(Clone, Debug)]
struct Details {
    code: Code,
    message: String,
    reason: String,
    domain: String,
    metadata: HashMap<String, String>,
    field_violations: Vec<FieldViolation>,
    quota_violations: Vec<QuotaViolation>,
    retry_delay: Option<Duration>,
}

/// A field that was refused, named as in the proto (`expires_in_days`), and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    pub field: String,
    pub description: String,
}

/// A limit that was exceeded, and whom it applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaViolation {
    pub subject: String,
    pub description: String,
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Status::new(code, message).into()
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    /// A text for a person, not for a program.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// `RATE_LIMITED`, `KEY_NOT_FOUND`, …; empty if tonic or gRPC made the error.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The domain of the reason: [`DOMAIN`] if the gateway made the error.
    pub fn domain(&self) -> &str {
        &self.0.domain
    }

    /// The metadata of the reason: `http_status`, `upstream_type`, `request_id`, … if they are known.
    pub fn metadata(&self) -> &HashMap<String, String> {
        &self.0.metadata
    }

    /// The fields to correct after `INVALID_ARGUMENT`.
    pub fn field_violations(&self) -> &[FieldViolation] {
        &self.0.field_violations
    }

    /// The limits that were exceeded.
    pub fn quota_violations(&self) -> &[QuotaViolation] {
        &self.0.quota_violations
    }

    /// The least time to wait before another attempt; none if the gateway states none.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.0.retry_delay
    }

    /// The id of the call in the gateway's log; empty if it is not known.
    pub fn request_id(&self) -> &str {
        self.0.metadata.get("request_id").map_or("", String::as_str)
    }

    /// The status of the portal's response to the gateway; 0 if there was none.
    pub fn http_status(&self) -> u16 {
        let text = self.0.metadata.get("http_status").map_or("", String::as_str);
        let is_status = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_status { text.parse().unwrap_or(0) } else { 0 }
    }

    /// Whether the gateway made the error. If not, the gateway may or may not have received the call.
    pub fn is_from_gateway(&self) -> bool {
        self.0.domain == DOMAIN
    }

    /// Whether the gateway has stated that the portal did not carry out the call: by `UNAVAILABLE`, by
    /// `RATE_LIMITED` or `GATEWAY_OVERLOADED`, or by `write_sent` "false" after a deadline or a cancellation.
    /// False means only that nothing is known.
    pub fn is_known_not_applied(&self) -> bool {
        let unsent = self.0.metadata.get("write_sent").is_some_and(|sent| sent == "false");
        self.is_safe_to_retry() || (self.is_from_gateway() && unsent)
    }

    /// Whether another attempt, of a write too, cannot act twice and may succeed, after a
    /// [back-off](Self::backoff). [`Client`](crate::Client) has already repeated reads that failed with
    /// `UNAVAILABLE`, as its policy says.
    pub fn is_safe_to_retry(&self) -> bool {
        self.is_from_gateway()
            && match self.0.code {
                Code::Unavailable => true,
                Code::ResourceExhausted => {
                    matches!(self.0.reason.as_str(), "RATE_LIMITED" | "GATEWAY_OVERLOADED")
                }
                _ => false,
            }
    }

    /// Returns how long to wait before the next attempt, after `attempts` attempts, by a
    /// [`RetryPolicy`](crate::RetryPolicy) of up to 30 seconds.
    pub fn backoff(&self, attempts: u32) -> Duration {
        let policy = RetryPolicy { max_backoff: Duration::from_secs(30), ..RetryPolicy::default() };
        policy.delay(self, attempts, fastrand::f64())
    }
}

/// Ignores details that cannot be read; code and message remain.
impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().cloned().unwrap_or_else(|| ErrorInfo::new("", "", HashMap::new()));
        Self(Box::new(Details {
            code: code(&status),
            message: message(&status),
            reason: info.reason,
            domain: info.domain,
            metadata: info.metadata,
            field_violations: details
                .bad_request()
                .map_or_else(Vec::new, |bad| bad.field_violations.iter().map(FieldViolation::from).collect()),
            quota_violations: details
                .quota_failure()
                .map_or_else(Vec::new, |quota| quota.violations.iter().map(QuotaViolation::from).collect()),
            // The limit is a year.
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

impl From<&tonic_types::QuotaViolation> for QuotaViolation {
    fn from(violation: &tonic_types::QuotaViolation) -> Self {
        Self { subject: violation.subject.clone(), description: violation.description.clone() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.code())?;
        if !self.reason().is_empty() {
            write!(out, " {}", self.reason())?;
        }
        write!(out, ": {}", self.message())
    }
}

impl error::Error for Error {}

fn causes(status: &Status) -> impl Iterator<Item = &(dyn error::Error + 'static)> {
    iter::successors(error::Error::source(status), |cause| cause.source())
}

// A status has a cause only if tonic made it from an error of the connection. Its code is then mostly CANCELLED or
// UNKNOWN; the other libraries of gRPC use UNAVAILABLE, or DEADLINE_EXCEEDED after a timer.
fn code(status: &Status) -> Code {
    if causes(status).any(|cause| cause.is::<TimeoutExpired>()) {
        Code::DeadlineExceeded
    } else if causes(status).next().is_some() {
        Code::Unavailable
    } else {
        status.code()
    }
}

// Only the causes describe an error of the connection.
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
        gateway_with(code, reason, ("http_status", "400"), retry_delay)
    }

    fn gateway_with(code: Code, reason: &str, entry: (&str, &str), retry_delay: Option<Duration>) -> Error {
        let metadata = [("request_id", "7"), entry].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut details = tonic_types::ErrorDetails::with_error_info(reason, DOMAIN, HashMap::from(metadata));
        details.add_quota_failure_violation("user", "5 in 15 minutes");
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
        assert_eq!(error.field_violations(), [violation]);
        let violation = QuotaViolation { subject: "user".into(), description: "5 in 15 minutes".into() };
        assert_eq!(error.quota_violations(), [violation]);
        assert_eq!(error.http_status(), 400);
        assert_eq!(error.retry_delay(), Some(delay));
        assert!(error.is_from_gateway());
    }

    #[test]
    fn reads_what_grpc_itself_says() {
        let error = Error::from(Status::unavailable("gone"));
        assert_eq!(error.to_string(), "Unavailable: gone");
        assert_eq!(error.request_id(), "");
        assert_eq!(error.retry_delay(), None);
        assert!(!error.is_from_gateway());
    }

    #[test]
    fn passes_over_details_that_cannot_be_read() {
        let status = Status::with_details(Code::NotFound, "no", b"\xff\xff".as_slice().into());
        assert_eq!(Error::from(status).to_string(), "NotFound: no");
    }

    #[test]
    fn is_safe_to_retry_if_the_gateway_states_that_nothing_was_done() {
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
    fn knows_whether_a_write_was_sent() {
        for (sent, known) in [("false", true), ("true", false)] {
            let entry = ("write_sent", sent);
            let error = gateway_with(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", entry, None);
            assert_eq!((error.is_known_not_applied(), error.is_safe_to_retry()), (known, false));
        }
        assert!(gateway(Code::Unavailable, "UPSTREAM_UNREACHABLE", None).is_known_not_applied());
        assert!(gateway(Code::ResourceExhausted, "RATE_LIMITED", None).is_known_not_applied());
        assert!(!gateway(Code::Unknown, "WRITE_OUTCOME_UNKNOWN", None).is_known_not_applied());
        assert!(!Error::from(Status::unavailable("gone")).is_known_not_applied());
    }

    #[test]
    fn has_no_http_status_without_three_digits() {
        for text in ["", "4 2", "+42", "99999"] {
            let error = gateway_with(Code::Internal, "X", ("http_status", text), None);
            assert_eq!(error.http_status(), 0);
        }
    }

    #[test]
    fn clamps_the_delay_of_the_gateway() {
        let error = gateway(Code::Unavailable, "UPSTREAM_UNAVAILABLE", Some(Duration::MAX));
        assert_eq!(error.retry_delay(), Some(YEAR));
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
