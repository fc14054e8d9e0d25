#include "server/http/connection_owner.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace docspace::gateway::http {
namespace {

Credential Make(const std::string& name, const std::string& value) {
  return Credential{name, Secret(value)};
}

TEST(ConnectionOwnersTest, IsTheSameForTheSameCredentialOnly) {
  const ConnectionOwners owners;
  std::set<ConnectionOwner> seen{ConnectionOwner{}};
  for (const auto& [name, value] :
       {std::pair("Authorization", "Bearer sk-1"), std::pair("Authorization", "Bearer sk-2"),
        std::pair("Authorization", "Basic sk-1"), std::pair("Cookie", "Bearer sk-1"),
        std::pair("Authorization", ""), std::pair("A", "b:c")}) {
    const ConnectionOwner owner = owners.Of(Make(name, value));
    EXPECT_EQ(owner, owners.Of(Make(name, value)));
    EXPECT_TRUE(seen.insert(owner).second) << name << " " << value;
  }
}

TEST(ConnectionOwnersTest, IsNobodyWithoutACredential) {
  EXPECT_EQ(ConnectionOwners().Of(std::nullopt), ConnectionOwner{});
}

TEST(ConnectionOwnersTest, CannotBeComputedWithoutTheKey) {
  const auto credential = Make("Authorization", "Bearer sk-1");
  EXPECT_NE(ConnectionOwners().Of(credential), ConnectionOwners().Of(credential));
}

}  // namespace
}  // namespace docspace::gateway::http
