#include "server/caller/caller_identity.h"

#include <gtest/gtest.h>

namespace docspace::gateway {
namespace {

TEST(CallerIdentity, AnAddressIsWrittenAsUsual) {
  EXPECT_EQ(PeerAddress("ipv4:192.0.2.1:50000"), "192.0.2.1:50000");
  EXPECT_EQ(PeerAddress("ipv6:%5B2001:db8::1%5D:50000"), "[2001:db8::1]:50000");
  EXPECT_EQ(PeerAddress("ipv6:%5Bfe80::1%25eth0%5D:1"), "[fe80::1%eth0]:1");
  EXPECT_EQ(PeerAddress("unix:/run/x"), "unix:/run/x");
  EXPECT_EQ(PeerAddress(""), "");
}

TEST(CallerIdentity, TheAddressAloneIsWrittenPlainly) {
  EXPECT_EQ(PeerIpAddress("ipv4:192.0.2.1:50000"), "192.0.2.1");
  EXPECT_EQ(PeerIpAddress("ipv6:%5B2001:db8::1%5D:50000"), "2001:db8::1");
  EXPECT_EQ(PeerIpAddress("ipv6:[2001:db8::1]:50000"), "2001:db8::1");
  EXPECT_EQ(PeerIpAddress("ipv6:%5B::ffff:192.0.2.1%5D:1"), "192.0.2.1");
  EXPECT_EQ(PeerIpAddress("ipv6:%5Bfe80::1%25eth0%5D:1"), "fe80::1");
}

TEST(CallerIdentity, APeerWithoutAnAddressHasNone) {
  for (const char* peer : {"", "unix:/run/x", "unix:192.0.2.1:1", "inproc", "ipv4:", "ipv4:name:1",
                           "ipv6:%5B::1", "192.0.2.1:1"}) {
    EXPECT_EQ(PeerIpAddress(peer), "") << peer;
  }
}

}  // namespace
}  // namespace docspace::gateway
