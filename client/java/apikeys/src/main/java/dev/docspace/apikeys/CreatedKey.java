package dev.docspace.apikeys;

import dev.docspace.apikeys.v1.ApiKey;
import dev.docspace.apikeys.v1.CreateApiKeyResponse;

/**
 * A new key and its secret, apart from each other.
 *
 * <p>Messages of Protobuf cannot be changed in Java, and their {@code toString} shows all their fields. Keep this
 * object instead of the response: {@code CreatedKey.takeSecret(keys.createApiKey(request))}.
 *
 * @param apiKey the key, its secret masked as in later responses
 * @param secret the secret; empty if the response has none
 */
public record CreatedKey(ApiKey apiKey, Secret secret) {
  public static CreatedKey takeSecret(CreateApiKeyResponse created) {
    ApiKey key = created.getApiKey();
    String value = key.getKey();
    if (value.isEmpty()) return new CreatedKey(key, new Secret(""));
    String masked = "sk-***" + value.substring(Math.max(0, value.length() - 4));
    return new CreatedKey(key.toBuilder().setKey(masked).build(), new Secret(value));
  }
}
