#include "server/log/recent_errors.h"

#include <gtest/gtest.h>

namespace docspace::gateway {
namespace {

RpcRecord Record(std::size_t number) {
  RpcRecord record;
  record.method = "GetApiKey";
  record.portal = "default";
  record.code = "INTERNAL";
  record.reason = "UPSTREAM_ERROR";
  record.http_status = 500;
  record.request_id = std::to_string(number);
  return record;
}

TEST(RecentErrors, AreNoneAtFirst) { EXPECT_TRUE(RecentErrors().List().empty()); }

TEST(RecentErrors, ComeNewestFirst) {
  RecentErrors errors;
  errors.Add(Record(1));
  errors.Add(Record(2));
  const auto list = errors.List();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].request_id, "2");
  EXPECT_EQ(list[1].request_id, "1");
  EXPECT_EQ(list[0].method, "GetApiKey");
  EXPECT_EQ(list[0].reason, "UPSTREAM_ERROR");
  EXPECT_EQ(list[0].http_status, 500);
}

TEST(RecentErrors, KeepsTheLastOnly) {
  RecentErrors errors;
  for (std::size_t i = 0; i < 3 * RecentErrors::kSize + 7; ++i) errors.Add(Record(i));
  const auto list = errors.List();
  ASSERT_EQ(list.size(), RecentErrors::kSize);
  EXPECT_EQ(list.front().request_id, std::to_string(3 * RecentErrors::kSize + 6));
  EXPECT_EQ(list.back().request_id, std::to_string(2 * RecentErrors::kSize + 7));
}

}  // namespace
}  // namespace docspace::gateway
