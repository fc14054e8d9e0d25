#include "tests/emulator/clock.h"

#include <array>
#include <cstdio>

namespace docspace::emulator {

Time Clock::Now() const {
  if (stopped_at_) return *stopped_at_;
  return std::chrono::time_point_cast<Ticks>(std::chrono::system_clock::now()) + ahead_;
}

void Clock::Advance(Ticks by) {
  if (stopped_at_) {
    *stopped_at_ += by;
  } else {
    ahead_ += by;
  }
}

std::string WireDateTime(Time time, std::chrono::minutes offset) {
  const Time local = time + offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Ticks> clock(local - day);
  std::array<char, 64> text{};
  std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%07d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  if (offset.count() == 0) return std::string(text.data()) + "Z";
  const std::string span = WireTimeSpan(offset);
  return text.data() + std::string(offset.count() < 0 ? "" : "+") + span.substr(0, span.size() - 3);
}

std::string WireTimeSpan(std::chrono::minutes offset) {
  const std::chrono::hh_mm_ss<std::chrono::minutes> span(offset);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%s%02d:%02d:00", span.is_negative() ? "-" : "",
                static_cast<int>(span.hours().count()), static_cast<int>(span.minutes().count()));
  return text.data();
}

}  // namespace docspace::emulator
