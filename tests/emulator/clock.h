// The portal's time in .NET's resolution, and date-times in the portal's notation.
#ifndef TESTS_EMULATOR_CLOCK_H_
#define TESTS_EMULATOR_CLOCK_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace docspace::emulator {

// Units of 100 ns, as in .NET.
using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
using Time = std::chrono::sys_time<Ticks>;

// `Clock` shows the system's time until it is set. Not thread-safe.
class Clock {
 public:
  Time Now() const;
  // Stops the clock at `now`; `Advance` moves it forward.
  void Set(Time now) { stopped_at_ = now; }
  void Advance(Ticks by);

 private:
  std::optional<Time> stopped_at_;
  Ticks ahead_{0};
};

// Returns local time at `offset` with seven digits, such as `2026-06-15T13:30:00.1234567+03:00`, or
// with `Z` if there is no offset.
std::string WireDateTime(Time time, std::chrono::minutes offset);

// Returns a .NET TimeSpan, such as `03:00:00` or `-05:30:00`.
std::string WireTimeSpan(std::chrono::minutes offset);

// The date-time with which the portal says "no value".
inline constexpr const char* kMinimumDateTime = "0001-01-01T00:00:00.0000000Z";

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_CLOCK_H_
