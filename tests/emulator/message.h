// HTTP messages as the emulator sees them, and how an answer is delivered or not.
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
  // As received: path and query, still escaped.
  std::string target{};
  std::vector<Header> headers{};
  std::string body{};
  // Which connection it came on, counted from 1: a client that reuses connections repeats it.
  std::uint64_t connection = 0;

  // All values of a header, in order; names are compared without case.
  std::vector<std::string> All(std::string_view name) const;
  // The first of them, empty where there is none.
  std::string Find(std::string_view name) const;
};

// What happens between the answer and the wire.
struct Delivery {
  enum class Drop {
    kNo,
    // Closed without an answer.
    kClose,
    // Reset without an answer.
    kReset,
  };
  Drop drop = Drop::kNo;
  // Waited before the first byte.
  std::chrono::milliseconds delay{0};
  // Bytes of the body after which it just stops: what announced the length stays as it was.
  std::optional<std::size_t> truncate_after{};
  // What the request occupies until the first byte of its response.
  std::shared_ptr<void> place{};
};

struct Response {
  int status = 200;
  std::vector<Header> headers{};
  std::string body{};
  // Sent in chunks instead of with Content-Length, as the portal sends all JSON.
  bool chunked = false;
  Delivery delivery{};

  // As of Request.
  std::string Find(std::string_view name) const;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_MESSAGE_H_
