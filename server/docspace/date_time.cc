#include "server/docspace/date_time.h"

#include <chrono>
#include <cstdint>

namespace docspace::gateway {
namespace {

// Reads from the front of a text; once something is not as it must be, `ok` stays false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int Digits(int count) {
    int number = 0;
    for (; count > 0; --count) {
      const char c = Next();
      if (c < '0' || c > '9') {
        ok_ = false;
        return 0;
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }

  void Expect(char expected) {
    if (Next() != expected) ok_ = false;
  }

  bool Consume(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool AtDigit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  bool Finished() const { return ok_ && rest_.empty(); }

 private:
  char Next() {
    if (rest_.empty()) return '\0';
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// At most 9 digits; 10 makes it negative, which no fraction is.
std::int32_t Nanoseconds(Scanner& scanner) {
  std::int32_t nanoseconds = 0;
  std::int32_t scale = 100'000'000;
  for (; scanner.AtDigit(); scale /= 10) {
    if (scale == 0) return -1;
    nanoseconds += scale * scanner.Digits(1);
  }
  return nanoseconds;
}

constexpr std::chrono::seconds kMaxOffset = std::chrono::hours(14);

}  // namespace

DateTime ParseDateTime(std::string_view text, google::protobuf::Timestamp& instant) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): calendar arithmetic.
  Scanner scanner(text);
  const year the_year(scanner.Digits(4));
  scanner.Expect('-');
  const month the_month(static_cast<unsigned>(scanner.Digits(2)));
  scanner.Expect('-');
  const day the_day(static_cast<unsigned>(scanner.Digits(2)));
  scanner.Expect('T');
  const hours the_hours(scanner.Digits(2));
  scanner.Expect(':');
  const minutes the_minutes(scanner.Digits(2));
  scanner.Expect(':');
  const seconds the_seconds(scanner.Digits(2));
  const bool has_fraction = scanner.Consume('.');
  if (has_fraction && !scanner.AtDigit()) return DateTime::kMalformed;
  const std::int32_t nanoseconds = has_fraction ? Nanoseconds(scanner) : 0;

  seconds offset{0};
  if (!scanner.Consume('Z')) {
    const bool behind = scanner.Consume('-');
    if (!behind) scanner.Expect('+');
    const hours offset_hours(scanner.Digits(2));
    scanner.Expect(':');
    const minutes offset_minutes(scanner.Digits(2));
    if (offset_minutes >= hours(1)) return DateTime::kMalformed;
    offset = offset_hours + offset_minutes;
    if (offset > kMaxOffset) return DateTime::kMalformed;
    if (behind) offset = -offset;
  }

  const year_month_day date(the_year, the_month, the_day);
  if (!scanner.Finished() || !date.ok() || the_year < year(1) || the_hours >= hours(24) ||
      the_minutes >= hours(1) || the_seconds >= minutes(1) || nanoseconds < 0) {
    return DateTime::kMalformed;
  }
  const sys_seconds local = sys_days(date) + the_hours + the_minutes + the_seconds;
  constexpr sys_seconds kFirst = sys_days(year(1) / January / 1);
  constexpr sys_seconds kEnd = sys_days(year(10000) / January / 1);
  if (local == kFirst && nanoseconds == 0) return DateTime::kAbsent;
  const sys_seconds utc = local - offset;
  if (utc < kFirst || utc >= kEnd) return DateTime::kMalformed;
  instant.set_seconds(utc.time_since_epoch().count());
  instant.set_nanos(nanoseconds);
  return DateTime::kInstant;
}

}  // namespace docspace::gateway
