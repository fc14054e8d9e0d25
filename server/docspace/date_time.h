// Parses the portal's date-times, as docs/portal-api.md#date-times describes them.
#ifndef SERVER_DOCSPACE_DATE_TIME_H_
#define SERVER_DOCSPACE_DATE_TIME_H_

#include <cstdint>
#include <string_view>

namespace docspace::gateway {

enum class DateTime {
  kInstant,
  // The portal's "no value": midnight of 0001-01-01, in UTC or in the local time of any offset.
  kAbsent,
  kMalformed,
};

// The time since 1970-01-01T00:00:00Z as google.protobuf.Timestamp counts it: `nanos` counts
// forward also if `seconds` is negative.
struct Instant {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
};

// Parses `2026-06-15T13:30:00.1234567+03:00`: 0 to 9 fractional digits, then `Z` or an offset of at
// most 14 hours. Sets `instant`, exactly, for kInstant only. A leap second (`:60`) is malformed,
// because a portal's clock has none and a Timestamp cannot hold one. So is the year 0, also in
// local time, because a portal's calendar begins with the year 1.
DateTime ParseDateTime(std::string_view text, Instant& instant);

// Returns whether `text` is an offset in the object form of a date-time: `03:00:00` or `-03:30:00`,
// of at most 14 hours.
bool IsTimeZoneOffset(std::string_view text);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_DATE_TIME_H_
