#include "server/log/json_log.h"

#include <cstddef>
#include <string_view>
#include <variant>

#include "server/base/json_writer.h"

namespace docspace::gateway {

std::string JsonLine(const LogLine& line) {
  constexpr std::size_t kUsualSize = 1024;
  JsonWriter writer(kUsualSize);
  writer.StartObject();
  writer.Member("time", FormatLogTime(line.time()));
  writer.Member("level", NameOf(line.level()));
  writer.Member("event", line.event());
  for (const auto& [name, value] : line.fields()) {
    writer.Key(name);
    if (const auto* value_text = std::get_if<std::string_view>(&value)) {
      writer.String(*value_text);
    } else {
      const std::string number = PrintValue(value);
      writer.RawValue(number.data(), number.size(), rapidjson::kNumberType);
    }
  }
  writer.EndObject();
  return writer.json();
}

std::unique_ptr<spdlog::formatter> JsonFormatter() { return MakeFormatter(&JsonLine); }

}  // namespace docspace::gateway
