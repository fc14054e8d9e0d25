// HTTP messages of the emulator, and the delivery of a response.
#ifndef TESTS_EMULATOR_MESSAGE_H_
#define TESTS_EMULATOR_MESSAGE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace docspace::emulator {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method{};
  // Path and query as received, still escaped.
  std::string target{};
  std::vector<Header> headers{};
  std::string body{};
  // The number of the connection, from 1. Requests on a reused connection have the same number.
  std::uint64_t connection = 0;

  // Returns all values of a header, in order. Names are compared without case.
  std::vector<std::string> All(std::string_view name) const;
  // Returns the first value of a header, or an empty string if there is none.
  std::string Find(std::string_view name) const;
};

// `Delivery` says how a response is sent, or not sent.
struct Delivery {
  enum class Drop {
    kNo,
    // The connection is closed without a response.
    kClose,
    // The connection is reset without a response.
    kReset,
  };
  Drop drop = Drop::kNo;
  // The delay before the first byte.
  std::chrono::milliseconds delay{0};
  // The number of bytes of the body after which the response stops; the announced length stays
  // unchanged.
  std::optional<std::size_t> truncate_after{};
  // The place in a rate limit that the request occupies until the first byte of its response.
  std::shared_ptr<void> place{};
};

struct Response {
  int status = 200;
  std::vector<Header> headers{};
  std::string body{};
  // Whether the body is sent in chunks instead of with Content-Length, as the portal sends all
  // JSON.
  bool chunked = false;
  Delivery delivery{};

  // Returns the first value of a header, or an empty string if there is none.
  std::string Find(std::string_view name) const;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_MESSAGE_H_
