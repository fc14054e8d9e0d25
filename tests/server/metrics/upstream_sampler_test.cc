#include "server/metrics/upstream_sampler.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "server/http/caching_resolver.h"
#include "server/http/connector.h"
#include "server/http/origin.h"

namespace docspace::gateway {
namespace {

class UpstreamSamplerTest : public ::testing::Test {
 protected:
  ~UpstreamSamplerTest() override { loop_.Stop(); }

  EventLoop loop_{[](std::string_view) {}};
  http::Client client_{
      loop_.context(), http::Origin{.host = "localhost", .port = 1},
      std::make_unique<http::Connector>(
          loop_.context(),
          std::make_unique<http::CachingResolver>(loop_.context(), "localhost", std::uint16_t{1},
                                                  std::chrono::hours(1), http::SystemResolve),
          nullptr, http::ConnectOptions()),
      http::PoolOptions(), http::ClientOptions()};
};

TEST_F(UpstreamSamplerTest, AsksEachClient) {
  UpstreamSampler sampler(std::chrono::minutes(1));
  sampler.Add("a", loop_, client_);
  sampler.Add("b", loop_, client_);
  const auto samples = sampler.Take();
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].portal, "a");
  EXPECT_EQ(samples[1].portal, "b");
  EXPECT_EQ(samples[1].state.retries_available, 3U);
  EXPECT_TRUE(samples[1].state.circuit_closed);
}

TEST_F(UpstreamSamplerTest, ALoopThatIsBusyIsNotWaitedForAndItsLastAnswerIsGiven) {
  UpstreamSampler sampler(std::chrono::milliseconds(20));
  sampler.Add("a", loop_, client_);
  while (sampler.Take()[0].state.retries_available != 3) {
  }
  std::promise<void> go_on;
  loop_.Post([held = go_on.get_future().share()] { held.wait(); });
  EXPECT_EQ(sampler.Take()[0].state.retries_available, 3U);
  go_on.set_value();
}

}  // namespace
}  // namespace docspace::gateway
