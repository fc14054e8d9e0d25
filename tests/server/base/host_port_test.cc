#include "server/base/host_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace docspace::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Sound {
  std::string text;
  HostPort expected;
};

class SoundHostPort : public ::testing::TestWithParam<Sound> {};

TEST_P(SoundHostPort, IsReadAndWrittenAgain) {
  const auto parsed = ParseHostPort(GetParam().text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->host, GetParam().expected.host);
  EXPECT_EQ(parsed->port, GetParam().expected.port);
  EXPECT_TRUE(IsHost(parsed->host));
  EXPECT_EQ(FormatHostPort(parsed->host, parsed->port), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Table, SoundHostPort,
                         ::testing::Values(Sound{"localhost", {"localhost"}},
                                           Sound{"portal.example:8443", {"portal.example", 8443}},
                                           Sound{"portal.example.:443", {"portal.example.", 443}},
                                           Sound{"a_b-c.example:1", {"a_b-c.example", 1}},
                                           Sound{"0.0.0.0:0", {"0.0.0.0", 0}},
                                           Sound{"192.0.2.1:65535", {"192.0.2.1", 65535}},
                                           Sound{"[::1]", {"::1"}},
                                           Sound{"[::]:50051", {"::", 50051}},
                                           Sound{"[2001:DB8::1]:80", {"2001:DB8::1", 80}},
                                           Sound{"[::ffff:192.0.2.1]:80", {"::ffff:192.0.2.1", 80}},
                                           Sound{"[fe80::1%eth0]:50051", {"fe80::1%eth0", 50051}}));

struct Wrong {
  std::string text;
  std::string why;
};

class WrongHostPort : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongHostPort, IsRefusedWithTheReasonAndNotRepeated) {
  const auto parsed = ParseHostPort(GetParam().text);
  ASSERT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(GetParam().why));
  if (GetParam().text.size() > 5) {
    EXPECT_THAT(std::string(parsed.status().message()), Not(HasSubstr(GetParam().text)));
  }
}

constexpr const char* kHost = "no host";
constexpr const char* kName = "impossible host name";
constexpr const char* kIpv6 = "impossible IPv6 address";
constexpr const char* kPort = "port that is not a number";

INSTANTIATE_TEST_SUITE_P(
    Table, WrongHostPort,
    ::testing::Values(
        Wrong{"", kHost}, Wrong{":", kHost}, Wrong{":443", kHost}, Wrong{"[]", kHost},
        Wrong{"[]:443", kHost},
        // An IPv6 address without brackets, whose end is ambiguous.
        Wrong{"::", kHost}, Wrong{"::1:50051", kHost}, Wrong{"2001:db8::1", kPort},
        Wrong{"[", "unfinished"}, Wrong{"[::1", "unfinished"}, Wrong{"[::1:443", "unfinished"},
        Wrong{"[::1]]:443", kPort}, Wrong{"[[::1]]:443", kIpv6}, Wrong{"[::1]443", kPort},
        Wrong{"[::1].example:443", kPort}, Wrong{"[::1]@evil:443", kPort}, Wrong{"::1]:443", kHost},
        Wrong{"[portal.example]:443", kIpv6}, Wrong{"[192.0.2.1]:443", kIpv6},
        Wrong{"[12345::1]", kIpv6}, Wrong{"[1::2::3]", kIpv6}, Wrong{"[1:2:3:4:5:6:7:8:9]", kIpv6},
        Wrong{"[fe80::1%]", kIpv6}, Wrong{"[%eth0]", kIpv6}, Wrong{"[fe80::1%a b]", kIpv6},
        Wrong{std::string("[::1\0]:443", 10), kIpv6}, Wrong{".", kName}, Wrong{".example", kName},
        Wrong{"a..b:1", kName}, Wrong{"a..", kName}, Wrong{"a b:1", kName}, Wrong{" a:1", kName},
        Wrong{"user@host:1", kName}, Wrong{"host/path:1", kName}, Wrong{"host\\evil:1", kName},
        Wrong{"host?q:1", kName}, Wrong{"host#f:1", kName}, Wrong{"host%41:1", kName},
        Wrong{"*:1", kName}, Wrong{"host\r\nX-Injected", kName},
        Wrong{std::string("host\0:1", 7), kName}, Wrong{"p\xD0\xBErtal:1", kName},
        Wrong{"host]:1", kName}, Wrong{"host:", kPort}, Wrong{"host: 1", kPort},
        Wrong{"host:1 ", kPort}, Wrong{"host:+1", kPort}, Wrong{"host:-1", kPort},
        Wrong{"host:0x50", kPort}, Wrong{"host:65536", kPort},
        Wrong{"host:99999999999999999999", kPort}, Wrong{"host:http", kPort},
        Wrong{"host:1:2", kPort}, Wrong{"host:1/path", kPort}, Wrong{"host:1\n", kPort},
        Wrong{std::string("host:1\0", 7), kPort}, Wrong{"host:\xD9\xA1", kPort}));

TEST(HostTest, IsANameOrAnAddressWithoutBracketsAndPort) {
  for (const std::string text : {"portal.example", "a.", "127.0.0.1", "::1", "fe80::1%eth0"}) {
    EXPECT_TRUE(IsHost(text)) << text;
  }
  for (const std::string text : {"", ".", "a..b", "a:1", "127.0.0.1:1", "[::1]", "::1]", "a/b"}) {
    EXPECT_FALSE(IsHost(text)) << text;
  }
}

}  // namespace
}  // namespace docspace::gateway
