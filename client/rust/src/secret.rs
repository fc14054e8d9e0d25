use std::fmt;

use crate::v1::CreateApiKeyResponse;

/// The secret of a new key. [`Secret::reveal`] is the only way to its value: `Debug` does not show it, and
/// there is no `Display`.
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// The value; empty if there was no secret.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

/// Moves the secret out of the answer of `create_api_key` and leaves the masked form, as later answers show
/// it. `Debug` of an answer shows no secret, but its field `key` does. The result is empty if the answer has
/// no secret, or if it has been taken already.
pub fn take_secret(created: &mut CreateApiKeyResponse) -> Secret {
    let key = created.api_key.as_mut().and_then(|api_key| api_key.key.as_mut());
    let Some(key) = key.filter(|key| !key.is_empty() && !key.starts_with("sk-***")) else {
        return Secret::default();
    };
    let end = key.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    let masked = format!("sk-***{}", &key[end..]);
    Secret(std::mem::replace(key, masked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::ApiKey;

    #[test]
    fn moves_out_of_the_answer_and_is_not_shown() {
        let api_key = ApiKey { key: Some("sk-planted0123456789abcd".into()), ..ApiKey::default() };
        let mut created = CreateApiKeyResponse { api_key: Some(api_key), ..Default::default() };
        let secret = take_secret(&mut created);
        assert_eq!(secret.reveal(), "sk-planted0123456789abcd");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret Some(Secret)");
        assert_eq!(created.api_key.as_ref().unwrap().key(), "sk-***abcd");
        assert_eq!(take_secret(&mut created).reveal(), "");
        assert_eq!(take_secret(&mut CreateApiKeyResponse::default()).reveal(), "");
    }
}
