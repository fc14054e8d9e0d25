#include "bench/load/grpc_caller.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace docspace::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Accepts one connection and sends only the limit on concurrent calls.
class Server {
 public:
  explicit Server(char calls_at_a_time)
      : acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}), thread_([this, calls_at_a_time] {
          tcp::socket socket = acceptor_.accept();
          // A SETTINGS frame of six bytes: SETTINGS_MAX_CONCURRENT_STREAMS.
          const std::string settings = {0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, calls_at_a_time};
          asio::write(socket, asio::buffer(settings));
          boost::system::error_code ended;
          for (std::string rest(1024, ' '); !ended;) socket.read_some(asio::buffer(rest), ended);
        }) {}
  ~Server() { thread_.join(); }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::io_context loop_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

// Runs the loop until the caller is connected.
std::unique_ptr<Caller> Connect(asio::io_context& loop, const GrpcCall& call) {
  auto connected = asio::co_spawn(loop, GrpcCaller::Connect(call), asio::use_future);
  while (connected.wait_for(std::chrono::seconds(0)) != std::future_status::ready) loop.run_one();
  return connected.get();
}

TEST(GrpcCallerTest, ConnectsWhereTheServerTakesAsManyCallsAtATime) {
  const Server server(10);
  asio::io_context loop(1);
  EXPECT_NE(Connect(loop, {.port = server.port(), .in_flight = 10}), nullptr);
}

TEST(GrpcCallerTest, RefusesToHoldBackCallsThatTheServerDoesNotTake) {
  const Server server(10);
  asio::io_context loop(1);
  EXPECT_THROW(Connect(loop, {.port = server.port(), .in_flight = 11}), std::runtime_error);
}

}  // namespace
}  // namespace docspace::bench
