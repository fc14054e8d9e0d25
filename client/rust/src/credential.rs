use std::{error, fmt};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

const LIMIT: usize = 16 * 1024;

/// The credential of a call, of one of the four kinds that a DocSpace portal accepts.
///
/// The functions refuse an empty value, one whose metadata entry is longer than 16 KiB, and a token with any other
/// characters than visible ASCII. `Debug` does not show the value. It is an [`Interceptor`], so that tonic's own
/// client accepts it too.
#[derive(Clone)]
pub struct Credential {
    name: &'static str,
    value: MetadataValue<Ascii>,
}

/// The reason why a credential was refused. It does not repeat the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCredential(&'static str);

impl Credential {
    /// An API key of the portal: `sk-…`.
    pub fn api_key(key: &str) -> Result<Self, InvalidCredential> {
        if !key.starts_with("sk-") {
            return Err(InvalidCredential("an API key begins with sk-"));
        }
        Self::new("apikeybearer", token(key)?)
    }

    /// A JWT, an OAuth 2.0 access token or an OpenID Connect token, without a scheme word.
    pub fn bearer(bearer: &str) -> Result<Self, InvalidCredential> {
        Self::new("authorization", &format!("Bearer {}", token(bearer)?))
    }

    /// A user's email and password. Refuses control characters, and a colon in the email.
    pub fn basic(email: &str, password: &str) -> Result<Self, InvalidCredential> {
        if email.is_empty() || email.contains(':') || password.is_empty() {
            return Err(InvalidCredential(
                "the email is empty or contains a colon, or the password is empty",
            ));
        }
        let both = format!("{email}:{password}");
        if both.contains(|character: char| character.is_ascii_control()) {
            return Err(InvalidCredential("the email or the password contains a control character"));
        }
        Self::new("authorization", &format!("Basic {}", STANDARD.encode(both)))
    }

    /// The value of the portal's `asc_auth_key` cookie. Refuses a semicolon.
    pub fn session_cookie(cookie: &str) -> Result<Self, InvalidCredential> {
        if cookie.contains(';') {
            return Err(InvalidCredential("the session token contains a semicolon"));
        }
        Self::new("asc_auth_key", token(cookie)?)
    }

    fn new(name: &'static str, value: &str) -> Result<Self, InvalidCredential> {
        if value.len() > LIMIT {
            return Err(InvalidCredential("the credential is longer than 16 KiB"));
        }
        let mut value: MetadataValue<Ascii> =
            value.parse().map_err(|_| InvalidCredential("the credential cannot be sent"))?;
        value.set_sensitive(true);
        Ok(Self { name, value })
    }
}

impl Interceptor for Credential {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert(self.name, self.value.clone());
        Ok(request)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Credential({})", self.name)
    }
}

impl fmt::Display for InvalidCredential {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl error::Error for InvalidCredential {}

fn token(text: &str) -> Result<&str, InvalidCredential> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(InvalidCredential(
            "the token is empty, or contains a space, a control character or a character outside ASCII",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(credential: Result<Credential, InvalidCredential>) -> String {
        let mut credential = credential.unwrap();
        let name = credential.name;
        let request = credential.call(Request::new(())).unwrap();
        format!("{name}={}", request.metadata().get(name).unwrap().to_str().unwrap())
    }

    #[test]
    fn becomes_the_metadata_that_the_gateway_takes() {
        assert_eq!(sent(Credential::api_key("sk-0")), "apikeybearer=sk-0");
        assert_eq!(sent(Credential::bearer("e30.e30.")), "authorization=Bearer e30.e30.");
        assert_eq!(sent(Credential::basic("é", "pä:ss")), "authorization=Basic w6k6cMOkOnNz");
        assert_eq!(sent(Credential::session_cookie("0123")), "asc_auth_key=0123");
    }

    #[test]
    fn refuses_what_could_not_travel() {
        for bad in ["", "sk-0\r\nx: y", "sk-0 ", "sk-\0", "sk-é", &format!("sk-{}", "0".repeat(LIMIT))] {
            assert!(Credential::api_key(bad).is_err());
            assert!(Credential::bearer(bad).is_err());
            assert!(Credential::session_cookie(bad).is_err());
        }
        assert!(Credential::api_key("e30.e30.").is_err());
        assert!(Credential::session_cookie("a;b").is_err());
        assert!(Credential::basic("", "c").is_err());
        assert!(Credential::basic("a", "").is_err());
        assert!(Credential::basic("a:b", "c").is_err());
        assert!(Credential::basic("a", "b\n").is_err());
        assert!(Credential::basic("a\x7f", "b").is_err());
        assert!(Credential::basic("a", &"b".repeat(12 * 1024)).is_err());
        assert!(Credential::bearer(&"0".repeat(LIMIT - 6)).is_err());
        assert!(Credential::bearer(&"0".repeat(LIMIT - 7)).is_ok());
    }

    #[test]
    fn is_not_shown() {
        let mut credential = Credential::api_key("sk-planted").unwrap();
        assert_eq!(format!("{credential:?}"), "Credential(apikeybearer)");
        let request = credential.call(Request::new(())).unwrap();
        assert!(!format!("{request:?}").contains("planted"));
        let refusal = Credential::bearer("sk planted").unwrap_err();
        assert!(!format!("{refusal} {refusal:?}").contains("planted"));
    }
}
