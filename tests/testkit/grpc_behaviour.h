// What gRPC does with peers that break rules, which differs between the releases of the platforms.
#ifndef TESTS_TESTKIT_GRPC_BEHAVIOUR_H_
#define TESTS_TESTKIT_GRPC_BEHAVIOUR_H_

#include <grpcpp/version_info.h>

namespace docspace::gateway::testkit {

// Whether this is at least gRPC 1.`minor`.
constexpr bool IsGrpc(int minor) {
  return GRPC_CPP_VERSION_MAJOR > 1 || GRPC_CPP_VERSION_MINOR >= minor;
}

// Whether one call's malformed `-bin` entry ends its whole connection: CVE-2023-32732, which gRPC
// 1.53.1, 1.54.2 and 1.55 correct.
inline constexpr bool kMalformedEntryEndsConnection = !IsGrpc(55);

// The following have been observed with gRPC 1.51 and 1.83; which release between them made the
// difference has not been tried.

// Whether gRPC refuses the streams beyond its limit of a peer that has not acknowledged the limit.
inline constexpr bool kRefusesSurplusStreams = IsGrpc(83);
// Whether a header block is bounded as a whole, and not each of its frames.
inline constexpr bool kBoundsHeaderBlocks = IsGrpc(83);
// Whether gRPC reads no further from a peer that does not read the acknowledgements of its pings.
inline constexpr bool kWaitsForReaderOfPings = IsGrpc(83);
// Whether gRPC's client resumes TLS sessions with a cache as the tests make it. The server resumes
// those of other clients in both releases.
inline constexpr bool kClientResumesSessions = !IsGrpc(83);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_GRPC_BEHAVIOUR_H_
