#include "server/docspace/date_time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace docspace::gateway {
namespace {

constexpr std::int64_t kMinSeconds = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kMaxSeconds = 253402300799;  // 9999-12-31T23:59:59Z
constexpr int kMaxOffsetMinutes = 14 * 60;

// Scanner reads a text from its start. Once a part is not as expected, the scanner stays failed.
// The caller must check by Has that the text is long enough for what it reads next.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool Accept(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  // Returns whether at least `count` characters are left.
  bool Has(std::ptrdiff_t count) const { return end_ - at_ >= count; }

  void Expect(char c) { failed_ |= *at_++ != c; }

  int Digit() {
    const unsigned digit = static_cast<unsigned char>(*at_++) - unsigned{'0'};
    failed_ |= digit > 9;
    return static_cast<int>(digit);
  }
  int TwoDigits(int max) {
    const int tens = Digit();
    const int value = tens * 10 + Digit();
    failed_ |= value > max;
    return value;
  }

  // Reads 1 to 9 digits after a decimal point.
  int Nanoseconds() {
    constexpr int kUnits[] = {0,      100'000'000, 10'000'000, 1'000'000, 100'000,
                              10'000, 1'000,       100,        10,        1};
    constexpr std::ptrdiff_t kMaxDigits = std::size(kUnits) - 1;
    const char* const start = at_;
    const char* const last = Has(kMaxDigits) ? at_ + kMaxDigits : end_;
    int value = 0;
    for (; at_ != last && *at_ >= '0' && *at_ <= '9'; ++at_) value = value * 10 + (*at_ - '0');
    failed_ |= at_ == start;
    return value * kUnits[at_ - start];
  }

  // Reads `hh:mm`.
  int OffsetMinutes() {
    if (!Has(5)) {
      failed_ = true;
      return 0;
    }
    const int hours = TwoDigits(14);
    Expect(':');
    const int minutes = hours * 60 + TwoDigits(59);
    failed_ |= minutes > kMaxOffsetMinutes;
    return minutes;
  }

  bool Done() const { return !failed_ && at_ == end_; }

 private:
  const char* at_;
  const char* end_;
  bool failed_ = false;
};

}  // namespace

DateTime ParseDateTime(std::string_view text, google::protobuf::Timestamp& instant) {
  Scanner scan(text);
  if (!scan.Has(sizeof "yyyy-mm-ddThh:mm:ss" - 1)) return DateTime::kMalformed;
  const int century = scan.TwoDigits(99);
  const int year = century * 100 + scan.TwoDigits(99);
  scan.Expect('-');
  const int month = scan.TwoDigits(12);
  scan.Expect('-');
  const int day = scan.TwoDigits(31);
  scan.Expect('T');
  const int hour = scan.TwoDigits(23);
  scan.Expect(':');
  const int minute = scan.TwoDigits(59);
  scan.Expect(':');
  const int second = scan.TwoDigits(59);
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
  if (!scan.Has(sizeof "hh:mm:00" - 1)) return false;
  scan.OffsetMinutes();
  scan.Expect(':');
  scan.TwoDigits(0);
  return scan.Done();
}

}  // namespace docspace::gateway
