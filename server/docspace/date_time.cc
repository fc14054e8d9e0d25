#include "server/docspace/date_time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace docspace::gateway {
namespace {

constexpr std::int64_t kMinSeconds = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kMaxSeconds = 253402300799;  // 9999-12-31T23:59:59Z
constexpr int kMaxOffsetMinutes = 14 * 60;

// Scanner reads a text from its start. Once a part is not as expected, the scanner stays failed.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool Accept(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  void Expect(char c) { failed_ |= !Accept(c); }

  // Reads a number of exactly `digits` digits.
  int Number(std::size_t digits, int max) {
    int value = 0;
    for (; digits > 0; --digits) {
      if (!AtDigit()) {
        failed_ = true;
        return 0;
      }
      value = value * 10 + TakeDigit();
    }
    failed_ |= value > max;
    return value;
  }

  // Reads 1 to 9 digits after a decimal point.
  int Nanoseconds() {
    failed_ |= !AtDigit();
    int value = 0;
    for (int unit = 100'000'000; unit > 0 && AtDigit(); unit /= 10) value += TakeDigit() * unit;
    return value;
  }

  // Reads `hh:mm`.
  int OffsetMinutes() {
    const int hours = Number(2, 14);
    Expect(':');
    const int minutes = hours * 60 + Number(2, 59);
    failed_ |= minutes > kMaxOffsetMinutes;
    return minutes;
  }

  bool Done() const { return !failed_ && text_.empty(); }

 private:
  bool AtDigit() const { return !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; }

  int TakeDigit() {
    const int digit = text_.front() - '0';
    text_.remove_prefix(1);
    return digit;
  }

  std::string_view text_;
  bool failed_ = false;
};

}  // namespace

DateTime ParseDateTime(std::string_view text, google::protobuf::Timestamp& instant) {
  Scanner scan(text);
  const int year = scan.Number(4, 9999);
  scan.Expect('-');
  const int month = scan.Number(2, 12);
  scan.Expect('-');
  const int day = scan.Number(2, 31);
  scan.Expect('T');
  const int hour = scan.Number(2, 23);
  scan.Expect(':');
  const int minute = scan.Number(2, 59);
  scan.Expect(':');
  const int second = scan.Number(2, 59);
  const int nanoseconds = scan.Accept('.') ? scan.Nanoseconds() : 0;
  int offset_minutes = 0;
  if (!scan.Accept('Z')) {
    const bool west = scan.Accept('-');
    if (!west) scan.Expect('+');
    offset_minutes = west ? -scan.OffsetMinutes() : scan.OffsetMinutes();
  }
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!scan.Done() || !date.ok() || year == 0) return DateTime::kMalformed;

  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t local = days * 86400 + hour * 3600 + minute * 60 + second;
  const std::int64_t utc = local - std::int64_t{offset_minutes} * 60;
  if (nanoseconds == 0 && (local == kMinSeconds || utc == kMinSeconds)) return DateTime::kAbsent;
  if (utc < kMinSeconds || utc > kMaxSeconds) return DateTime::kMalformed;
  instant.set_seconds(utc);
  instant.set_nanos(nanoseconds);
  return DateTime::kInstant;
}

bool IsTimeZoneOffset(std::string_view text) {
  Scanner scan(text);
  scan.Accept('-');
  scan.OffsetMinutes();
  scan.Expect(':');
  scan.Number(2, 0);
  return scan.Done();
}

}  // namespace docspace::gateway
