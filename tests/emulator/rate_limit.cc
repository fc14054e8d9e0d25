#include "tests/emulator/rate_limit.h"

namespace docspace::emulator {

std::optional<Response> RateLimit::Count(const std::string& caller, Time now) {
  if (calls_ == 0) return std::nullopt;
  std::deque<Time>& counted = counted_[caller];
  while (!counted.empty() && counted.front() + window_ <= now) counted.pop_front();
  if (counted.size() < calls_) {
    counted.push_back(now);
    return std::nullopt;
  }
  return TooManyRequests(
      calls_, std::chrono::ceil<std::chrono::seconds>(counted.front() + window_ - now), now);
}

Response TooManyRequests(std::size_t limit, std::chrono::seconds retry_after, Time now) {
  const auto reset = std::chrono::ceil<std::chrono::seconds>(now + retry_after);
  return Response{
      .status = 429,
      .headers = {{"Retry-After", std::to_string(retry_after.count())},
                  {"X-RateLimit-Limit", std::to_string(limit)},
                  {"X-RateLimit-Remaining", "0"},
                  {"X-RateLimit-Reset", std::to_string(reset.time_since_epoch().count())}}};
}

}  // namespace docspace::emulator
