// Parses the portal's date-times, by docs/portal-api.md#date-times.
#ifndef SERVER_DOCSPACE_DATE_TIME_H_
#define SERVER_DOCSPACE_DATE_TIME_H_

#include <google/protobuf/timestamp.pb.h>

#include <string_view>

namespace docspace::gateway {

enum class DateTime {
  kInstant,
  // The portal's "no value": midnight of 0001-01-01, in UTC or as local time of any offset.
  kAbsent,
  kMalformed,
};

// Reads `2026-06-15T13:30:00.1234567+03:00`: 0 to 9 fractional digits, then `Z` or an offset of at
// most 14 hours. Writes `instant`, exactly, for kInstant only. A leap second (`:60`) is malformed:
// a portal's clock has none, and a Timestamp cannot hold one. So is the year 0, in local time too:
// a portal's calendar begins with the year 1.
DateTime ParseDateTime(std::string_view text, google::protobuf::Timestamp& instant);

// Whether `text` is an offset as the object form of a date-time has it: `03:00:00` or `-03:30:00`,
// of at most 14 hours.
bool IsTimeZoneOffset(std::string_view text);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_DATE_TIME_H_
