#include "tests/emulator/rate_limit.h"

namespace docspace::emulator {

std::optional<std::chrono::seconds> WindowLimit::Count(const std::string& caller, Time now) {
  if (calls_ == 0) return std::nullopt;
  std::deque<Time>& counted = counted_[caller];
  while (!counted.empty() && counted.front() + window_ <= now) counted.pop_front();
  if (counted.size() < calls_) {
    counted.push_back(now);
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::seconds>(counted.front() + window_ - now);
}

std::shared_ptr<void> PlaceLimit::Take(const std::string& caller) {
  std::shared_ptr<std::atomic<std::size_t>>& taken = taken_[caller];
  if (!taken) taken = std::make_shared<std::atomic<std::size_t>>(0);
  if (places_ != 0 && *taken >= places_) return nullptr;
  ++*taken;
  return {taken.get(), [taken](std::atomic<std::size_t>* count) { --*count; }};
}

std::variant<Response, std::shared_ptr<void>> RateLimiter::Admit(const std::string& caller,
                                                                 std::string_view method,
                                                                 Time now) {
  PlaceLimit& at_a_time = method == "GET" ? reads_ : writes_;
  std::shared_ptr<void> place = at_a_time.Take(caller);
  if (!place) return TooManyRequests(at_a_time.places());
  if (calls_.Count(caller, now)) return TooManyRequests(calls_.calls());
  if (method == "POST" || method == "PUT") {
    if (const auto wait = changes_.Count(caller, now)) {
      return TooManyRequestsToday(changes_.calls(), *wait, now);
    }
  }
  if (method == "POST" && creations_.Count(caller, now)) {
    return TooManyRequests(creations_.calls());
  }
  return place;
}

Response TooManyRequests(std::size_t limit) {
  return Response{
      .status = 429,
      .headers = {{"X-RateLimit-Limit", std::to_string(limit)}, {"X-RateLimit-Remaining", "0"}}};
}

Response TooManyRequestsToday(std::size_t limit, std::chrono::seconds retry_after, Time now) {
  const auto reset = std::chrono::ceil<std::chrono::seconds>(now + retry_after);
  Response response = TooManyRequests(limit);
  response.headers.push_back({"Retry-After", std::to_string(retry_after.count())});
  response.headers.push_back(
      {"X-RateLimit-Reset", std::to_string(reset.time_since_epoch().count())});
  return response;
}

}  // namespace docspace::emulator
