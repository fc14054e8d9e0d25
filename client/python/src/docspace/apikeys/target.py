"""Which targets cannot lead to another machine."""

import ipaddress
import re


def is_loopback(target: str) -> bool:
    """Whether `target` is a Unix socket, the name localhost, or loopback addresses only.

    False for every form that this function does not know.
    """
    scheme, _, rest = target.partition(":")
    if scheme in ("unix", "unix-abstract"):
        return True
    if scheme in ("ipv4", "ipv6"):
        return all(_is_loopback_host(address) for address in rest.split(","))
    if scheme == "dns":
        # dns:[//authority/]host[:port]
        return _is_loopback_host(rest[2:].partition("/")[2] if rest.startswith("//") else rest)
    return _is_loopback_host(target)


def _is_loopback_host(endpoint: str) -> bool:
    found = re.fullmatch(r"\[([^\]]*)\](?::\d*)?|([^:]*)(?::\d*)?", endpoint)
    host = (found[1] or found[2]) if found else endpoint
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
