// The portal's time: .NET's resolution, and date-times as the portal writes them.
#ifndef TESTS_EMULATOR_CLOCK_H_
#define TESTS_EMULATOR_CLOCK_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace docspace::emulator {

// 100 ns, as .NET counts.
using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
using Time = std::chrono::sys_time<Ticks>;

// The system's time until it is set. Not thread-safe.
class Clock {
 public:
  Time Now() const;
  // Stops the clock at `now`; `Advance` moves it on.
  void Set(Time now) { stopped_at_ = now; }
  void Advance(Ticks by);

 private:
  std::optional<Time> stopped_at_;
  Ticks ahead_{0};
};

// `2026-06-15T13:30:00.1234567+03:00`: local time at `offset`, seven digits, `Z` for no offset.
std::string WireDateTime(Time time, std::chrono::minutes offset);

// `03:00:00`, `-05:30:00`: a .NET TimeSpan.
std::string WireTimeSpan(std::chrono::minutes offset);

// The portal's "no value".
inline constexpr const char* kMinimumDateTime = "0001-01-01T00:00:00.0000000Z";

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_CLOCK_H_
