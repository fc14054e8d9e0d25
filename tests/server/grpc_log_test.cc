#include "server/grpc_log.h"

#include <gmock/gmock.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/testing/gateway_under_test.h"

namespace docspace::gateway {
namespace {

using ::testing::SizeIs;

TEST(GrpcLog, MakesALineOfWhatGrpcComplainsOf) {
  const testing::KeptLog log;
  LogGrpcThrough(log.logger());
  grpc_init();
  gpr_log(GPR_ERROR, "a \"%s\" of gRPC", "complaint");
  gpr_log(GPR_DEBUG, "a remark");
  grpc_shutdown();
  ASSERT_THAT(log.Lines(), SizeIs(1));
  const auto line = boost::json::parse(log.Lines()[0]).as_object();
  EXPECT_EQ(line.at("event"), "grpc");
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("message"), "a \"complaint\" of gRPC");
}

}  // namespace
}  // namespace docspace::gateway
