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
 * Who calls: one of the credentials that a DocSpace portal knows, for {@code
 * stub.withCallCredentials(credential)}.
 *
 * <p>It is not sent in plaintext, and the call fails with {@code UNAUTHENTICATED}, unless the gateway
 * is on this machine; see {@link #alsoOverPlaintext()}. {@link #toString()} does not show it.
 *
 * <p>A value that could not travel safely is refused with an {@link IllegalArgumentException} whose
 * message never repeats it: an empty one, one of more than 16 KiB, a token with anything but the
 * visible ASCII characters.
 */
public final class Credential extends CallCredentials {
  private static final int LIMIT = 16 * 1024;

  private final Metadata.Key<String> name;
  private final String value;
  private final boolean overPlaintext;

  private Credential(String name, String value, boolean overPlaintext) {
    this(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value, overPlaintext);
  }

  private Credential(Metadata.Key<String> name, String value, boolean overPlaintext) {
    if (value.length() > LIMIT) throw new IllegalArgumentException("the credential is over 16 KiB");
    this.name = name;
    this.value = value;
    this.overPlaintext = overPlaintext;
  }

  /** An API key of the portal: {@code sk-…}. */
  public static Credential apiKey(String key) {
    if (!key.startsWith("sk-")) throw new IllegalArgumentException("an API key begins with sk-");
    return new Credential("apikeybearer", checked(key), false);
  }

  /** A JWT, an OAuth 2.0 access token or an OpenID Connect token. */
  public static Credential bearer(String token) {
    return new Credential("authorization", "Bearer " + checked(token), false);
  }

  /** A password: no control characters, and no colon in the email. */
  public static Credential basic(String email, String password) {
    if (email.isEmpty() || email.indexOf(':') >= 0) {
      throw new IllegalArgumentException("the email is empty or holds a colon");
    }
    String both = email + ":" + password;
    if (both.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("the email or the password holds a control character");
    }
    String encoded = Base64.getEncoder().encodeToString(both.getBytes(UTF_8));
    return new Credential("authorization", "Basic " + encoded, false);
  }

  /** The value of the portal's {@code asc_auth_key} cookie. */
  public static Credential sessionCookie(String token) {
    if (token.indexOf(';') >= 0) throw new IllegalArgumentException("the token holds a semicolon");
    return new Credential("asc_auth_key", checked(token), false);
  }

  /** The same, for a network that encrypts what it carries, such as a service mesh. */
  public Credential alsoOverPlaintext() {
    return new Credential(name, value, true);
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    if (overPlaintext || call.getSecurityLevel() == SecurityLevel.PRIVACY_AND_INTEGRITY || isLocal(call)) {
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
          "the token is empty, or holds a space, a control character or one outside ASCII");
    }
    return token;
  }
}
