// A connection of a test to the emulator, octet by octet.
#ifndef TESTS_EMULATOR_TEST_CONNECTION_H_
#define TESTS_EMULATOR_TEST_CONNECTION_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace docspace::emulator {

// Blocking; throws boost::system::system_error where it cannot connect or write.
class TestConnection {
 public:
  explicit TestConnection(std::uint16_t port);
  // From that address of loopback.
  TestConnection(std::uint16_t port, const char* from);

  void Send(std::string_view octets);
  // Up to and with `mark`, or to the end.
  std::string ReadUntil(std::string_view mark);
  // All there is until the emulator ends the connection; `end` tells how it did.
  std::string ReadToEnd();
  const boost::system::error_code& end() const { return end_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  std::string unread_;
  boost::system::error_code end_;
};

// A whole request without a body, credentials by `headers` (each with its CRLF).
std::string Get(std::string_view target, std::string_view headers);
std::string Post(std::string_view target, std::string_view headers, std::string_view body);

// What one request on a connection of its own gets.
std::string Exchange(std::uint16_t port, std::string_view request);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_TEST_CONNECTION_H_
