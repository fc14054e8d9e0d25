use std::fmt;

use crate::v1::ApiKey;

/// All but the secret.
impl fmt::Debug for ApiKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            name,
            key,
            key_postfix,
            permissions,
            last_used,
            create_on,
            create_by,
            expires_at,
            is_active,
        } = self;
        out.debug_struct("ApiKey")
            .field("id", id)
            .field("name", name)
            .field("key", &key.as_ref().map(|_| "redacted"))
            .field("key_postfix", key_postfix)
            .field("permissions", permissions)
            .field("last_used", last_used)
            .field("create_on", create_on)
            .field("create_by", create_by)
            .field("expires_at", expires_at)
            .field("is_active", is_active)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::CreateApiKeyResponse;

    #[test]
    fn shows_a_key_without_its_secret() {
        let api_key = ApiKey { id: Some("7".into()), key: Some("sk-planted".into()), ..ApiKey::default() };
        let shown = format!("{:?}", CreateApiKeyResponse { api_key: Some(api_key), ..Default::default() });
        assert!(shown.contains("id: Some(\"7\")"), "{shown}");
        assert!(!shown.contains("planted"), "{shown}");
    }
}
