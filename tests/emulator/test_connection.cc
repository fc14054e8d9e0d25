#include "tests/emulator/test_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace docspace::emulator {
namespace {

namespace asio = boost::asio;

}  // namespace

TestConnection::TestConnection(std::uint16_t port) {
  socket_.connect({asio::ip::address_v4::loopback(), port});
}

TestConnection::TestConnection(std::uint16_t port, const char* from) {
  socket_.open(asio::ip::tcp::v4());
  socket_.bind({asio::ip::make_address(from), 0});
  socket_.connect({asio::ip::address_v4::loopback(), port});
}

void TestConnection::Send(std::string_view octets) { asio::write(socket_, asio::buffer(octets)); }

std::string TestConnection::ReadUntil(std::string_view mark) {
  const std::size_t size = asio::read_until(socket_, asio::dynamic_buffer(unread_), mark, end_);
  if (end_) return std::exchange(unread_, {});
  std::string read = unread_.substr(0, size);
  unread_.erase(0, size);
  return read;
}

std::string TestConnection::ReadToEnd() {
  asio::read(socket_, asio::dynamic_buffer(unread_), end_);
  return std::exchange(unread_, {});
}

std::string Get(std::string_view target, std::string_view headers) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: portal.example\r\n" +
         std::string(headers) + "\r\n";
}

std::string Post(std::string_view target, std::string_view headers, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: portal.example\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

std::string Exchange(std::uint16_t port, std::string_view request) {
  TestConnection connection(port);
  const std::size_t line = request.find("\r\n") + 2;
  connection.Send(std::string(request.substr(0, line)) + "Connection: close\r\n" +
                  std::string(request.substr(line)));
  return connection.ReadToEnd();
}

}  // namespace docspace::emulator
