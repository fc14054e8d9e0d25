#include "tests/emulator/fields_filter.h"

#include <gtest/gtest.h>

namespace docspace::emulator {
namespace {

std::string Filtered(std::string_view json, std::string_view fields) {
  return boost::json::serialize(FilterFields(boost::json::parse(json), fields));
}

TEST(FilterFields, KeepsTheNamedMembersInTheirOrder) {
  EXPECT_EQ(Filtered(R"({"id":1,"name":"a","key":"k"})", "name,id"), R"({"id":1,"name":"a"})");
}

TEST(FilterFields, ReachesIntoNestedObjects) {
  constexpr std::string_view kJson = R"({"id":1,"createBy":{"id":2,"displayName":"O"}})";
  EXPECT_EQ(Filtered(kJson, "createBy.displayName"), R"({"createBy":{"displayName":"O"}})");
  EXPECT_EQ(Filtered(kJson, "createBy"), R"({"createBy":{"id":2,"displayName":"O"}})");
}

TEST(FilterFields, FiltersEachElementOfAList) {
  EXPECT_EQ(Filtered(R"([{"id":1,"name":"a"},{"id":2}])", "id"), R"([{"id":1},{"id":2}])");
}

TEST(FilterFields, KeepsNothingOfAnUnknownName) {
  EXPECT_EQ(Filtered(R"({"id":1})", "nonsense"), "{}");
}

TEST(FilterFields, LeavesValuesWithoutMembersAlone) {
  EXPECT_EQ(Filtered(R"(["*","*:read"])", "id"), R"(["*","*:read"])");
  EXPECT_EQ(Filtered("true", "id"), "true");
}

TEST(FilterFields, KeepsAllWhereNothingIsNamed) {
  EXPECT_EQ(Filtered(R"({"id":1})", ""), R"({"id":1})");
  EXPECT_EQ(Filtered(R"({"id":1})", ",,"), R"({"id":1})");
}

}  // namespace
}  // namespace docspace::emulator
