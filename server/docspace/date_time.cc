#include "server/docspace/date_time.h"

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace docspace::gateway {
namespace {

constexpr std::int64_t kMinSeconds = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kMaxSeconds = 253402300799;  // 9999-12-31T23:59:59Z
constexpr int kMaxOffsetMinutes = 14 * 60;

// Eight characters, or eight small numbers, the first in the lowest byte. All are looked at
// together, because a key has three date-times, and a look at each character takes a tenth of
// decoding.
using Eight = std::uint64_t;

Eight LoadEight(const char* text) {
  static_assert(std::endian::native == std::endian::little);
  Eight eight = 0;
  std::memcpy(&eight, text, sizeof eight);
  return eight;
}

// What eight characters must be: `0` stands for a digit, anything else for itself.
class Form {
 public:
  explicit constexpr Form(const char (&form)[9]) {
    for (int i = 0; i < 8; ++i) {
      text_ |= static_cast<Eight>(form[i]) << 8 * i;
      excess_ |= Eight{form[i] == '0' ? 0x80U - 10 : 0x80U - 1} << 8 * i;
    }
  }

  // Returns the values of the digits. Another character becomes 0 if it is as it must be.
  constexpr Eight Values(Eight text) const { return text ^ text_; }

  // Returns the high bits of the bytes of `values` whose character is not as it must be. A bit
  // above the lowest one may be missing or be there by a carry.
  constexpr Eight Misfits(Eight values) const {
    return ((values + excess_) | values) & 0x8080808080808080;
  }

 private:
  Eight text_ = 0;
  Eight excess_ = 0;
};

// Returns the number whose two digits are the bytes at `at` and behind.
int Pair(Eight digits, int at) {
  return static_cast<int>((digits * 10 + (digits >> 8)) >> 8 * at & 0xFF);
}

// Returns the number whose digits are all bytes.
std::uint32_t Number(Eight digits) {
  const Eight twos = (digits * 10 + (digits >> 8)) & 0x00FF00FF00FF00FF;
  const Eight fours = (twos * 100 + (twos >> 16)) & 0x0000FFFF0000FFFF;
  return static_cast<std::uint32_t>(fours * 10'000 + (fours >> 32));
}

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
    constexpr Form kDigits("00000000");
    Eight text = 0;
    if (Has(sizeof text)) {
      text = LoadEight(at_);
    } else {
      std::memcpy(&text, at_, static_cast<std::size_t>(end_ - at_));
    }
    Eight digits = kDigits.Values(text);
    // What is behind the end of the text is no digit either.
    const Eight misfits = kDigits.Misfits(digits);
    if (misfits == 0) {
      at_ += 8;
      const int ninth = Has(1) && *at_ >= '0' && *at_ <= '9' ? *at_++ - '0' : 0;
      return static_cast<int>(Number(digits)) * 10 + ninth;
    }
    const int count = std::countr_zero(misfits) / 8;
    failed_ |= count == 0;
    at_ += count;
    digits &= (Eight{1} << 8 * count) - 1;
    return static_cast<int>(Number(digits)) * 10;
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

DateTime ParseDateTime(std::string_view text, Instant& instant) {
  constexpr Form kDate("0000-00-");
  constexpr Form kDayToMinute("00T00:00");
  constexpr Form kTime("00:00:00");
  constexpr std::size_t kTimeAt = sizeof "yyyy-mm-ddT" - 1;
  constexpr std::size_t kFractionAt = kTimeAt + sizeof(Eight);
  if (text.size() < kFractionAt) return DateTime::kMalformed;
  const Eight date_digits = kDate.Values(LoadEight(text.data()));
  const Eight day_digits = kDayToMinute.Values(LoadEight(text.data() + sizeof(Eight)));
  const Eight time_digits = kTime.Values(LoadEight(text.data() + kTimeAt));
  if ((kDate.Misfits(date_digits) | kDayToMinute.Misfits(day_digits) |
       kTime.Misfits(time_digits)) != 0) {
    return DateTime::kMalformed;
  }
  const int year = Pair(date_digits, 0) * 100 + Pair(date_digits, 2);
  const int month = Pair(date_digits, 5);
  const int day = Pair(day_digits, 0);
  const int hour = Pair(time_digits, 0);
  const int minute = Pair(time_digits, 3);
  const int second = Pair(time_digits, 6);
  if (hour > 23 || minute > 59 || second > 59) return DateTime::kMalformed;

  Scanner scan(text.substr(kFractionAt));
  const int nanoseconds = scan.Accept('.') ? scan.Nanoseconds() : 0;
  int offset_minutes = 0;
  if (!scan.Accept('Z')) {
    const bool west = scan.Accept('-');
    if (!west && !scan.Accept('+')) return DateTime::kMalformed;
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
  instant = {.seconds = utc, .nanos = nanoseconds};
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
