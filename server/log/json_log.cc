#include "server/log/json_log.h"

namespace docspace::gateway {

std::string JsonLine(const LogLine& line) {
  constexpr std::size_t kUsualSize = 1024;
  rapidjson::StringBuffer text(nullptr, kUsualSize);
  rapidjson::Writer<rapidjson::StringBuffer> writer(text);
  const auto add = [&writer](std::string_view name, std::string_view value) {
    WriteKey(writer, name);
    WriteString(writer, value);
  };
  writer.StartObject();
  add("time", FormatLogTime(line.time()));
  add("level", NameOf(line.level()));
  add("event", line.event());
  for (const LogLine::Field& field : line.fields()) {
    WriteKey(writer, field.name);
    WriteJson(field.value, writer);
  }
  writer.EndObject();
  return {text.GetString(), text.GetSize()};
}

std::unique_ptr<spdlog::formatter> JsonFormatter() { return MakeFormatter(&JsonLine); }

}  // namespace docspace::gateway
