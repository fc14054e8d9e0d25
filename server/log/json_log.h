// Log lines for programs: one JSON object per line.
#ifndef SERVER_LOG_JSON_LOG_H_
#define SERVER_LOG_JSON_LOG_H_

#include <memory>
#include <string>

#include "server/base/rapidjson.h"
#include "server/log/log_line.h"

namespace docspace::gateway {

// Returns {"time":…,"level":…,"event":…, and the fields in their order}, without a line end. The
// result is valid JSON for any fields.
std::string JsonLine(const LogLine& line);

// Returns a formatter for the sinks of a logger that receives LogLines. It prints each as JsonLine
// does.
std::unique_ptr<spdlog::formatter> JsonFormatter();

// Writes a field's value to a RapidJSON Writer. A duration is in milliseconds with up to three
// decimals.
template <class Writer>
void WriteJson(const LogLine::Value& value, Writer& writer) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    WriteString(writer, *text);
  } else if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    writer.Uint64(*number);
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    writer.Bool(*flag);
  } else {
    writer.SetMaxDecimalPlaces(3);
    writer.Double(
        std::chrono::duration<double, std::milli>(std::get<std::chrono::nanoseconds>(value))
            .count());
  }
}

}  // namespace docspace::gateway

#endif  // SERVER_LOG_JSON_LOG_H_
