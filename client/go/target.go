package apikeys

import (
	"net"
	"net/netip"
	"strings"
)

// isLoopback reports whether target cannot lead to another machine: a Unix socket, the name localhost, or
// loopback addresses only. The result is false for every form that the function does not know.
func isLoopback(target string) bool {
	scheme, rest, found := strings.Cut(target, ":")
	switch {
	case !found:
		return isLoopbackHost(target)
	case scheme == "unix" || scheme == "unix-abstract":
		return true
	case scheme == "dns" || scheme == "passthrough":
		// dns:[//authority/]host[:port]
		if path, found := strings.CutPrefix(rest, "//"); found {
			_, rest, _ = strings.Cut(path, "/")
		}
		return isLoopbackHost(rest)
	default:
		return isLoopbackHost(target)
	}
}

func isLoopbackHost(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(endpoint, "["), "]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
