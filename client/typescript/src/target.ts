import { isIPv4, isIPv6 } from "node:net";

/**
 * Whether `target` is a Unix socket, the name localhost, or loopback addresses only; false for every form that
 * this function does not know.
 */
export function isLoopback(target: string): boolean {
  const [scheme, rest] = split(target, ":");
  switch (scheme) {
    case "unix":
      return true;
    case "ipv4":
    case "ipv6":
      return rest.split(",").every(isLoopbackHost);
    case "dns":
      // dns:[//authority/]host[:port]
      return isLoopbackHost(rest.startsWith("//") ? split(rest.slice(2), "/")[1] : rest);
    default:
      return isLoopbackHost(target);
  }
}

function isLoopbackHost(endpoint: string): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(endpoint) ?? [];
  const host = bracketed ?? plain ?? endpoint;
  if (host.toLowerCase() === "localhost") return true;
  return isIPv4(host) ? host.startsWith("127.") : isIPv6(host) && /^(0*:)*:?0*1$/.test(host);
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
