use std::time::Duration;

use tonic::Code;

use crate::Error;

/// Whether a call changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The retries of reads, after `UNAVAILABLE`: exponential back-off with full jitter, on top of the delay that the
/// gateway requests. A wait that does not fit into the call's deadline is not begun. A write is never repeated.
///
/// Most rate limits of a portal state no delay. [`Error::backoff`] then begins at one second, and is at least half
/// of the ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Includes the first attempt; 1 never retries.
    pub max_attempts: u32,
    pub initial_backoff: Duration,
    pub max_backoff: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            initial_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(5),
        }
    }
}

impl RetryPolicy {
    /// Returns how long the client waits before it repeats a call, or none if it does not, after `attempts` attempts
    /// (at least 1). `jitter` is uniform in `0.0..1.0`.
    pub(crate) fn next_delay(
        &self,
        access: Access,
        error: &Error,
        attempts: u32,
        remaining: Duration,
        jitter: f64,
    ) -> Option<Duration> {
        if access == Access::Write || error.code() != Code::Unavailable || attempts >= self.max_attempts {
            return None;
        }
        let delay = self.delay(error, attempts, jitter);
        (delay < remaining).then_some(delay)
    }

    /// Returns the wait after `attempts` attempts, for every error.
    pub(crate) fn delay(&self, error: &Error, attempts: u32, jitter: f64) -> Duration {
        let limited = error.code() == Code::ResourceExhausted && error.retry_delay().is_none();
        let initial =
            if limited { self.initial_backoff.max(Duration::from_secs(1)) } else { self.initial_backoff };
        let doublings = 2_u32.saturating_pow(attempts.saturating_sub(1));
        let backoff = initial.saturating_mul(doublings).min(self.max_backoff);
        let part = if limited { 0.5 + jitter / 2.0 } else { jitter };
        error.retry_delay().unwrap_or_default().saturating_add(backoff.mul_f64(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use tonic::Status;
    use tonic_types::StatusExt;

    const LONG: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);

    fn gateway(code: Code, reason: &str, retry_delay: Option<Duration>) -> Error {
        let mut details = tonic_types::ErrorDetails::with_error_info(reason, crate::DOMAIN, HashMap::new());
        if retry_delay.is_some() {
            details.set_retry_info(retry_delay);
        }
        Status::with_error_details(code, "because", details).into()
    }

    fn delay(access: Access, error: &Error, attempts: u32, remaining: Duration) -> Option<u128> {
        let delay = RetryPolicy::default().next_delay(access, error, attempts, remaining, 0.5);
        delay.map(|delay| delay.as_millis())
    }

    #[test]
    fn doubles_up_to_the_longest_back_off_and_ends() {
        let policy = RetryPolicy { max_attempts: 40, ..RetryPolicy::default() };
        let error = gateway(Code::Unavailable, "REASON", None);
        let delays = (1..=40).map(|n| policy.next_delay(Access::Read, &error, n, LONG, 0.5));
        let millis: Vec<_> = delays.map(|delay| delay.map(|delay| delay.as_millis())).collect();
        assert_eq!(millis[..6], [100, 200, 400, 800, 1600, 2500].map(Some));
        assert_eq!(millis[38..], [Some(2500), None]);
    }

    #[test]
    fn waits_as_long_as_the_gateway_says_if_that_fits() {
        let error = gateway(Code::Unavailable, "REASON", Some(SECOND));
        assert_eq!(delay(Access::Read, &error, 1, LONG), Some(1100));
        assert_eq!(delay(Access::Read, &error, 1, Duration::from_millis(1100)), None);
    }

    #[test]
    fn repeats_reads_that_fail_with_unavailable_and_no_write() {
        let broken = Error::from(Status::unavailable("the connection broke"));
        let down = gateway(Code::Unavailable, "REASON", None);
        for error in [&broken, &down] {
            assert_eq!(delay(Access::Read, error, 1, LONG), Some(100));
            assert_eq!(delay(Access::Write, error, 1, LONG), None);
        }
    }

    #[test]
    fn repeats_nothing_else() {
        for code in (0..17).map(Code::from_i32).filter(|code| *code != Code::Unavailable) {
            for access in [Access::Read, Access::Write] {
                assert_eq!(delay(access, &gateway(code, "RATE_LIMITED", None), 1, LONG), None, "{code:?}");
            }
        }
    }
}
