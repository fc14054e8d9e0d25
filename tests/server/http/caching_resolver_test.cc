#include "server/http/caching_resolver.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "tests/server/http/connectors.h"
#include "tests/testkit/loop.h"

namespace docspace::gateway::http {
namespace {

using gateway::testkit::Loop;
using gateway::testkit::Running;

// Answers when it is told to. Used on the loop's thread.
struct Resolver {
  explicit Resolver(asio::io_context& loop) : answer(loop, Clock::time_point::max()) {}

  Resolve AsFunction() {
    return [this](std::string asked_host, std::uint16_t asked_port) -> Task<Resolved> {
      host = asked_host;
      port = asked_port;
      ++calls;
      if (throws) throw std::runtime_error("no thread can be started");
      co_await answer.async_wait(kAsTuple);
      co_return std::tuple(error, addresses);
    };
  }

  void Answer(boost::system::error_code with_error, Addresses with_addresses) {
    error = with_error;
    addresses = std::move(with_addresses);
    answer.cancel();
  }

  Timer answer;
  int calls = 0;
  bool throws = false;
  std::string host;
  std::uint16_t port = 0;
  boost::system::error_code error;
  Addresses addresses;
};

class CachingResolverTest : public ::testing::Test {
 protected:
  ~CachingResolverTest() override { loop_.Stop(); }

  void Open(Clock::duration refresh, const std::string& host = "portal.example") {
    caching_ = std::make_unique<CachingResolver>(loop_.context(), host, std::uint16_t{443}, refresh,
                                                 resolver_.AsFunction());
  }

  Running<Addresses> StartGet() {
    return loop_.Start<Addresses>([this] { return caching_->Get(); });
  }
  Addresses Get() { return StartGet().Get(); }

  int calls() {
    return loop_.Call([this] { return resolver_.calls; });
  }
  void Answer(Addresses addresses) { Answer({}, std::move(addresses)); }
  void Fail() { Answer(asio::error::host_not_found, {}); }
  void Answer(boost::system::error_code error, Addresses addresses) {
    loop_.Call([&] { resolver_.Answer(error, std::move(addresses)); });
    loop_.Call([] {});  // What follows is posted behind what this has woken.
  }

  Loop loop_;
  Resolver resolver_{loop_.context()};
  std::unique_ptr<CachingResolver> caching_;
};

TEST_F(CachingResolverTest, DoesNotResolveAnAddress) {
  Open(Clock::duration::zero(), "::1");
  const Addresses addresses = Get();
  ASSERT_EQ(addresses.size(), 1u);
  EXPECT_EQ(addresses[0].address().to_string(), "::1");
  EXPECT_EQ(addresses[0].port(), 443);
  loop_.Call([this] { caching_->RequestRefresh(); });
  EXPECT_EQ(calls(), 0);
}

TEST_F(CachingResolverTest, ResolvesOnceForAllWhoWait) {
  Open(std::chrono::hours(1));
  auto one = StartGet();
  auto two = StartGet();
  EXPECT_EQ(calls(), 1);
  Answer(At({1, 2}));
  EXPECT_EQ(one.Get(), At({1, 2}));
  EXPECT_EQ(two.Get(), At({1, 2}));
  EXPECT_EQ(Get(), At({1, 2}));
  EXPECT_EQ(calls(), 1);
  EXPECT_EQ(loop_.Call([this] { return resolver_.host; }), "portal.example");
  EXPECT_EQ(loop_.Call([this] { return resolver_.port; }), 443);
}

TEST_F(CachingResolverTest, C3_ANameThatDoesNotResolveHasNoAddressAndIsTriedAgain) {
  Open(std::chrono::hours(1));
  auto get = StartGet();
  EXPECT_EQ(calls(), 1);
  Fail();
  EXPECT_TRUE(get.Get().empty());
  auto again = StartGet();
  EXPECT_EQ(calls(), 2);
  Answer(At({7}));
  EXPECT_EQ(again.Get(), At({7}));
}

TEST_F(CachingResolverTest, C12_UsesWhatItKnowsWhileItResolvesAgain) {
  Open(Clock::duration::zero());
  auto first = StartGet();
  calls();
  Answer(At({1}));
  EXPECT_EQ(first.Get(), At({1}));
  EXPECT_EQ(Get(), At({1}));
  EXPECT_EQ(calls(), 2);
  Answer(At({2}));
  EXPECT_EQ(Get(), At({2}));
}

TEST_F(CachingResolverTest, C12_AFailureKeepsTheLastAddresses) {
  Open(Clock::duration::zero());
  auto first = StartGet();
  calls();
  Answer(At({1}));
  first.Get();
  Get();
  EXPECT_EQ(calls(), 2);
  Fail();
  EXPECT_EQ(Get(), At({1}));
}

TEST_F(CachingResolverTest, DoesNotResolveAgainWithinASecondOfTheLastTime) {
  Open(std::chrono::hours(1));
  auto first = StartGet();
  calls();
  Answer(At({1}));
  first.Get();
  for (int i = 0; i < 100; ++i) loop_.Call([this] { caching_->RequestRefresh(); });
  EXPECT_EQ(calls(), 1);
}

TEST_F(CachingResolverTest, G2_ACallThatIsCancelledLeavesTheOthersWaiting) {
  Open(std::chrono::hours(1));
  auto cancelled = StartGet();
  auto other = StartGet();
  calls();
  cancelled.Cancel();
  EXPECT_THROW(cancelled.Get(), boost::system::system_error);
  Answer(At({1}));
  EXPECT_EQ(other.Get(), At({1}));
  EXPECT_EQ(calls(), 1);
}

TEST_F(CachingResolverTest, MayGoWhileItResolves) {
  Open(std::chrono::hours(1));
  auto cancelled = StartGet();
  calls();
  cancelled.Cancel();
  EXPECT_THROW(cancelled.Get(), boost::system::system_error);
  loop_.Call([this] { caching_.reset(); });
  Answer(At({1}));
}

TEST_F(CachingResolverTest, S6_AResolverThatThrowsIsTriedAgain) {
  Open(std::chrono::hours(1));
  loop_.Call([this] { resolver_.throws = true; });
  EXPECT_TRUE(Get().empty());
  loop_.Call([this] { resolver_.throws = false; });
  auto again = StartGet();
  EXPECT_EQ(calls(), 2);
  Answer(At({1}));
  EXPECT_EQ(again.Get(), At({1}));
}

TEST_F(CachingResolverTest, TheSystemsResolverKnowsLocalhost) {
  const auto [error, addresses] = loop_.Run<std::tuple<boost::system::error_code, Addresses>>(
      [] { return SystemResolve("localhost", 8092); });
  ASSERT_FALSE(error) << error.message();
  ASSERT_FALSE(addresses.empty());
  for (const auto& address : addresses) {
    EXPECT_TRUE(address.address().is_loopback());
    EXPECT_EQ(address.port(), 8092);
  }
}

}  // namespace
}  // namespace docspace::gateway::http
