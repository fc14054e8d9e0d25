#include "tests/faults/name_service.h"

#include <string>
#include <utility>

namespace docspace::gateway::testkit {

void NameService::Next(http::Addresses addresses) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(addresses));
}

void NameService::Always(http::Addresses addresses) {
  const std::lock_guard lock(mutex_);
  always_ = std::move(addresses);
}

std::size_t NameService::questions() const {
  const std::lock_guard lock(mutex_);
  return questions_;
}

http::Resolve NameService::AsResolver() {
  return [this](std::string, std::uint16_t) -> http::Task<http::Resolved> { co_return Answer(); };
}

http::Resolved NameService::Answer() {
  const std::lock_guard lock(mutex_);
  ++questions_;
  http::Addresses addresses = always_;
  if (!next_.empty()) {
    addresses = std::move(next_.front());
    next_.pop_front();
  }
  const auto error = addresses.empty()
                         ? http::asio::error::make_error_code(http::asio::error::host_not_found)
                         : boost::system::error_code();
  return {error, std::move(addresses)};
}

}  // namespace docspace::gateway::testkit
