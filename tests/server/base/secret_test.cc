#include "server/base/secret.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <new>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

namespace docspace::gateway {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(Printable<std::string>);
static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(Secret, RevealsItsValue) {
  EXPECT_EQ(Secret("sk-planted").Reveal(), "sk-planted");
  EXPECT_EQ(Secret().Reveal(), "");
}

TEST(Secret, ComparesByValue) {
  EXPECT_TRUE(Secret("a") == Secret("a"));
  EXPECT_FALSE(Secret("a") == Secret("b"));
}

TEST(Secret, CopiesAndAssigns) {
  const Secret secret("sk-planted");
  Secret copy = secret;
  EXPECT_EQ(copy.Reveal(), "sk-planted");
  copy = Secret("another");
  EXPECT_EQ(copy.Reveal(), "another");
  EXPECT_EQ(secret.Reveal(), "sk-planted");
}

// Short secrets are stored inside the object, long ones outside it.
class SecretMemoryTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(SecretMemoryTest, LeavesNothingBehindWhereItWas) {
  alignas(Secret) std::byte storage[sizeof(Secret)];
  auto* secret = new (storage) Secret(std::string(GetParam(), 's'));
  const Secret moved = std::move(*secret);
  EXPECT_EQ(moved.Reveal(), std::string(GetParam(), 's'));
  EXPECT_EQ(secret->Reveal(), "");  // NOLINT(bugprone-use-after-move): that is the question.
  // One byte alone may belong to a pointer of the string.
  const std::string left(reinterpret_cast<const char*>(storage), sizeof storage);
  EXPECT_EQ(left.find("ssss"), std::string::npos);
  secret->~Secret();
}

INSTANTIATE_TEST_SUITE_P(Sizes, SecretMemoryTest, ::testing::Values(4, 15));

TEST(Secret, OverwritesItsCharactersWhenItGoes) {
  alignas(Secret) std::byte storage[sizeof(Secret)];
  auto* secret = new (storage) Secret("short");
  secret->~Secret();
  // The object has been destroyed and its storage is the test's again, so its bytes may be read.
  const std::string left(reinterpret_cast<const char*>(std::launder(storage)), sizeof storage);
  EXPECT_EQ(left.find("short"), std::string::npos);
}

}  // namespace
}  // namespace docspace::gateway
