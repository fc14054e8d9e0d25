package dev.docspace.apikeys;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.concurrent.Executor;

/**
 * The credential of a call, of one of the four kinds that a DocSpace portal accepts, for {@code
 * stub.withCallCredentials(credential)}.
 *
 * <p>It is not sent to another machine in plaintext: the call then fails with {@code UNAUTHENTICATED}, unless the
 * channel's {@link GatewayChannel.Options} allow it. {@code toString} does not show the value.
 *
 * <p>The methods throw an {@link IllegalArgumentException}, whose message never repeats the value, for an empty
 * value, for one whose metadata entry is longer than 16 KiB, and for a token with any other characters than visible
 * ASCII.
 */
public final class Credential extends CallCredentials {
  private static final int LIMIT = 16 * 1024;

  private final Metadata.Key<String> name;
  // Java's own serialization refuses this class; transient is for libraries that encode fields.
  private final transient String value;

  private Credential(String name, String value) {
    if (value.length() > LIMIT) throw new IllegalArgumentException("the credential is longer than 16 KiB");
    this.name = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    this.value = value;
  }

  /** An API key of the portal: {@code sk-…}. */
  public static Credential apiKey(String key) {
    if (!key.startsWith("sk-")) throw new IllegalArgumentException("an API key begins with sk-");
    return new Credential("apikeybearer", checked(key));
  }

  /** A JWT, an OAuth 2.0 access token or an OpenID Connect token, without a scheme word. */
  public static Credential bearer(String token) {
    return new Credential("authorization", "Bearer " + checked(token));
  }

  /** A user's email and password. Refuses control characters, and a colon in the email. */
  public static Credential basic(String email, String password) {
    if (email.isEmpty() || email.indexOf(':') >= 0 || password.isEmpty()) {
      throw new IllegalArgumentException("the email is empty or contains a colon, or the password is empty");
    }
    String both = email + ":" + password;
    if (both.chars().anyMatch(c -> c < 0x20 || c == 0x7F)) {
      throw new IllegalArgumentException("the email or the password contains a control character");
    }
    String encoded = Base64.getEncoder().encodeToString(both.getBytes(UTF_8));
    return new Credential("authorization", "Basic " + encoded);
  }

  /** The value of the portal's {@code asc_auth_key} cookie. Refuses a semicolon. */
  public static Credential sessionCookie(String token) {
    if (token.indexOf(';') >= 0) throw new IllegalArgumentException("the session token contains a semicolon");
    return new Credential("asc_auth_key", checked(token));
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    if (call.getSecurityLevel() == SecurityLevel.PRIVACY_AND_INTEGRITY
        || isLocal(call)
        || call.getCallOptions().getOption(GatewayChannel.REMOTE_PLAINTEXT)) {
      Metadata metadata = new Metadata();
      metadata.put(name, value);
      applier.apply(metadata);
    } else {
      applier.fail(
          Status.UNAUTHENTICATED.withDescription("the credential is not sent to another machine in plaintext"));
    }
  }

  @Override
  public String toString() {
    return "Credential[" + name.name() + "]";
  }

  private static boolean isLocal(RequestInfo call) {
    return call.getTransportAttrs().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress peer
        && peer.getAddress() != null
        && peer.getAddress().isLoopbackAddress();
  }

  private static String checked(String token) {
    if (token.isEmpty() || !token.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
      throw new IllegalArgumentException(
          "the token is empty, or contains a space, a control character or a character outside ASCII");
    }
    return token;
  }
}
