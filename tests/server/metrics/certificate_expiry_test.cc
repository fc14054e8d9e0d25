#include "server/metrics/certificate_expiry.h"

#include <gtest/gtest.h>

#include "tests/testkit/certificates.h"

namespace docspace::gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::system_clock;

TEST(CertificateExpiry, IsTheEarliestOfTheChain) {
  const testkit::CertificateAuthority authority;
  const std::string valid = authority.IssueFor("DNS:localhost").CertificatePem();
  const std::string expired = authority.IssueExpired("localhost").CertificatePem();

  const auto tomorrow = ExpiryOf(valid);
  ASSERT_TRUE(tomorrow);
  EXPECT_GT(*tomorrow, system_clock::now() + hours(22));
  EXPECT_LT(*tomorrow, system_clock::now() + hours(25));
  for (const std::string& chain : {valid + expired, expired + valid}) {
    const auto past = ExpiryOf(chain);
    ASSERT_TRUE(past);
    EXPECT_LT(*past, system_clock::now() - minutes(30));
  }
}

TEST(CertificateExpiry, IsNoneWithoutACertificate) {
  EXPECT_FALSE(ExpiryOf(""));
  EXPECT_FALSE(ExpiryOf("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
}

}  // namespace
}  // namespace docspace::gateway
