// A test's connection to the emulator, which sends and receives raw bytes.
#ifndef TESTS_EMULATOR_TEST_CONNECTION_H_
#define TESTS_EMULATOR_TEST_CONNECTION_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace docspace::emulator {

// `TestConnection` is a blocking connection. Throws boost::system::system_error if it cannot
// connect or write.
class TestConnection {
 public:
  explicit TestConnection(std::uint16_t port);
  // Connects from that address of loopback.
  TestConnection(std::uint16_t port, const char* from);

  void Send(std::string_view octets);
  // Returns the bytes up to and including `mark`, or up to the end of the connection.
  std::string ReadUntil(std::string_view mark);
  // Returns all bytes until the emulator closes the connection. `end()` then says how it was
  // closed.
  std::string ReadToEnd();
  const boost::system::error_code& end() const { return end_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  std::string unread_;
  boost::system::error_code end_;
};

// Return whole requests, without and with a body. `headers` hold the credentials, each header with
// its CRLF.
std::string Get(std::string_view target, std::string_view headers);
std::string Post(std::string_view target, std::string_view headers, std::string_view body);

// Sends one request on a new connection and returns the response.
std::string Exchange(std::uint16_t port, std::string_view request);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_TEST_CONNECTION_H_
