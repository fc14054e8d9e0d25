package dev.docspace.apikeys;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which targets of gRPC cannot lead to another machine. */
final class Target {
  private static final Pattern ENDPOINT = Pattern.compile("(?:\\[([^\\]]*)]|([^:]*))(?::\\d*)?");
  private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
  private static final Pattern IPV4_LOOPBACK = Pattern.compile("127(?:\\." + OCTET + "){3}");

  private Target() {}

  /**
   * Whether {@code target} is a Unix socket, the name localhost, or a loopback address; false for every
   * form that this method does not know.
   */
  static boolean isLoopback(String target) {
    int colon = target.indexOf(':');
    String scheme = colon < 0 ? "" : target.substring(0, colon);
    return switch (scheme) {
      case "unix" -> true;
      // dns:[//authority/]host[:port]
      case "dns" -> isLoopbackHost(target.substring(colon + 1).replaceFirst("^//[^/]*/", ""));
      default -> isLoopbackHost(target);
    };
  }

  private static boolean isLoopbackHost(String endpoint) {
    Matcher parts = ENDPOINT.matcher(endpoint);
    if (!parts.matches()) return false;
    if (parts.group(1) != null) return isLoopbackIpv6(parts.group(1));
    String host = parts.group(2);
    return host.equalsIgnoreCase("localhost") || IPV4_LOOPBACK.matcher(host).matches();
  }

  private static boolean isLoopbackIpv6(String literal) {
    try {
      // Brackets keep this from asking a name server.
      return InetAddress.getByName("[" + literal + "]").isLoopbackAddress();
    } catch (UnknownHostException notAnAddress) {
      return false;
    }
  }
}
