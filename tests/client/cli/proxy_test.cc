#include "client/cli/proxy.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace docspace::apikeys::cli {
namespace {

struct Row {
  const char* host;
  const char* no_proxy;
  bool exempt;
};

// Each row has been compared with the behavior of curl 7.88.1.
TEST(IsExempt, G18_FollowsTheRulesOfCurl) {
  const Row kRows[] = {
      {"gateway.example", "", false},
      {"gateway.example", "*", true},
      {"gateway.example", "other.example,*", false},
      {"gateway.example", "gateway.example", true},
      {"GATEWAY.example", "gateway.EXAMPLE", true},
      {"gateway.example", "example", true},
      {"gateway.example", ".example", true},
      {"gateway.example", ".gateway.example", true},
      {"gateway.example", "way.example", false},
      {"example", "gateway.example", false},
      {"gateway.example", "example.", true},
      {"gateway.example.", "example", true},
      {"gateway.example", "a.example, b.example\tgateway.example", true},
      {"gateway.example", ",,gateway.example", true},
      {"gateway.example", "gateway.example:443", false},
      {"gateway.example", "*.example", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.0/24", true},
      {"192.0.2.1", "192.0.2.0/31", true},
      {"192.0.2.2", "192.0.2.0/31", false},
      {"192.0.2.1", "0.0.0.0/0", false},
      {"192.0.2.1", "192.0.2.1/33", false},
      {"192.0.2.1", "192.0.2.1/", true},
      {"192.0.2.1", "192.0.2.1/x", true},
      {"192.0.2.1", "192.0.2.1/-1", false},
      {"192.0.2.1", "2.1", false},
      {"2001:db8::1", "2001:db8::1", true},
      {"2001:db8::1", "2001:DB8:0::1", true},
      {"2001:db8::1", "2001:db8::/32", true},
      {"2001:db8::1", "2001:db9::/32", false},
      {"192.0.2.1", "::/0", false},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(IsExempt(row.host, row.no_proxy), row.exempt) << row.host << " in " << row.no_proxy;
  }
}

class ProxyForTest : public testing::Test {
 protected:
  std::string Uri(const char* target) {
    const auto proxy = ProxyFor(target, Variables());
    return proxy ? proxy->uri.Reveal() : "none";
  }

  cli::Variables Variables() const {
    return [this](const char* name) {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::string_view() : std::string_view(found->second);
    };
  }

  std::map<std::string, std::string> variables_;
};

TEST_F(ProxyForTest, TakesTheVariablesOfGrpcInItsOrder) {
  EXPECT_EQ(Uri("gateway.example:443"), "none");
  variables_["http_proxy"] = "http://one:3128";
  EXPECT_EQ(Uri("gateway.example:443"), "http://one:3128");
  variables_["https_proxy"] = "http://two:3128";
  EXPECT_EQ(Uri("gateway.example:443"), "http://two:3128");
  variables_["grpc_proxy"] = "http://three:3128";
  EXPECT_EQ(Uri("gateway.example:443"), "http://three:3128");
}

TEST_F(ProxyForTest, LeavesOutThisMachineAndWhatIsExempt) {
  variables_["https_proxy"] = "http://proxy:3128";
  EXPECT_EQ(Uri("localhost:443"), "none");
  EXPECT_EQ(Uri("127.0.0.1:443"), "none");
  EXPECT_EQ(Uri("unix:/run/gateway.socket"), "none");
  variables_["NO_PROXY"] = "gateway.example";
  EXPECT_EQ(Uri("gateway.example:443"), "none");
  EXPECT_EQ(Uri("dns:///gateway.example:443"), "none");
  variables_["no_proxy"] = "other.example";
  EXPECT_EQ(Uri("gateway.example:443"), "http://proxy:3128");
  variables_["no_grpc_proxy"] = "gateway.example";
  EXPECT_EQ(Uri("gateway.example:443"), "none");
}

TEST_F(ProxyForTest, DescribesTheProxyWithoutItsPassword) {
  variables_["https_proxy"] = "http://user:planted@proxy.example:3128/path?planted";
  EXPECT_EQ(ProxyFor("gateway.example:443", Variables())->description,
            "https_proxy (proxy.example:3128)");
}

}  // namespace
}  // namespace docspace::apikeys::cli
