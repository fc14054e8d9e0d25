#include "client/cpp/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace docspace::apikeys {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(IsTarget, HoldsForHostsAndTheSchemesOfGrpc) {
  for (const char* target :
       {"gateway.example", "gateway.example:443", "[::1]:50051", "dns:///gateway.example:443",
        "dns://192.0.2.53/gateway.example", "ipv4:127.0.0.1:1,127.0.0.2:2", "unix:/run/socket",
        "unix:///run/socket", "xds:///gateway"}) {
    EXPECT_TRUE(IsTarget(target)) << target;
  }
  for (const char* target :
       {"http://gateway.example", "https://gateway.example:443", "grpc://gateway.example",
        "gateway.example:443/", "//gateway.example", "DNS:///gateway.example"}) {
    EXPECT_FALSE(IsTarget(target)) << target;
  }
}

TEST(IsLoopback, HoldsForThisMachineOnly) {
  for (const char* target :
       {"localhost:50051", "LOCALHOST", "127.0.0.1:50051", "127.8.9.10", "[::1]:50051", "::1",
        "[0:0:0:0:0:0:0:1]:1", "dns:localhost:50051", "dns:///localhost:50051",
        "dns://192.0.2.53/localhost:1", "ipv4:127.0.0.1:1,127.0.0.2:2", "ipv6:[::1]:1",
        "unix:/run/gateway.socket", "unix:///run/gateway.socket", "unix-abstract:gateway"}) {
    EXPECT_TRUE(IsLoopback(target)) << target;
  }
  for (const char* target : {"gateway.example:50051",
                             "192.0.2.1:50051",
                             "[2001:db8::1]:50051",
                             "0.0.0.0:50051",
                             "[::]:50051",
                             "localhost.example:50051",
                             "127.0.0.1.example:50051",
                             "127.1:50051",
                             "dns:///gateway.example:50051",
                             "dns://localhost/gateway.example",
                             "dns://localhost",
                             "dns:////localhost:1",
                             "ipv4:127.0.0.1:1,192.0.2.1:1",
                             "ipv4:192.0.2.1:1",
                             "ipv4:",
                             "xds:///localhost",
                             "[::1]x:1",
                             "[::1",
                             "localhost ",
                             "",
                             ":50051"}) {
    EXPECT_FALSE(IsLoopback(target)) << target;
  }
}

TEST(HostsOf, LeavesOutSchemePortAndBrackets) {
  EXPECT_THAT(HostsOf("gateway.example:443"), ElementsAre("gateway.example"));
  EXPECT_THAT(HostsOf("dns://192.0.2.53/gateway.example:443"), ElementsAre("gateway.example"));
  EXPECT_THAT(HostsOf("[2001:db8::1]:443"), ElementsAre("2001:db8::1"));
  EXPECT_THAT(HostsOf("ipv4:192.0.2.1:1,192.0.2.2"), ElementsAre("192.0.2.1", "192.0.2.2"));
  EXPECT_THAT(HostsOf("unix:/run/gateway.socket"), IsEmpty());
  EXPECT_THAT(HostsOf("xds:///gateway"), IsEmpty());
}

}  // namespace
}  // namespace docspace::apikeys
