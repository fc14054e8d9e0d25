#include "server/log/console_log.h"

#include <algorithm>
#include <string_view>
#include <variant>

#include "server/base/ascii.h"
#include "server/base/rapidjson.h"

namespace docspace::gateway {
namespace {

constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::size_t kLevelWidth = 7;    // "warning"
constexpr std::size_t kMethodWidth = 17;  // "GetAllPermissions"

std::string_view ColourOf(LogLevel level) {
  if (level == spdlog::level::err) return "\x1b[31m";
  if (level == spdlog::level::warn) return "\x1b[33m";
  return level == spdlog::level::info ? "\x1b[32m" : "\x1b[36m";
}

// Returns a plain text as it is. It escapes and quotes any other text, so that this can neither end
// the line nor send commands to the terminal.
std::string Text(const LogLine::Value& value, bool may_have_spaces) {
  const auto* const its_text = std::get_if<std::string_view>(&value);
  if (its_text == nullptr) return PrintValue(value);
  const bool is_plain = may_have_spaces ? IsPrintableAscii(*its_text) : IsVisibleAscii(*its_text);
  if (is_plain && its_text->find('"') == std::string_view::npos) return std::string(*its_text);
  JsonBuffer buffer;
  JsonBufferWriter<rapidjson::ASCII<>> writer(buffer);
  writer.String(its_text->data(), static_cast<rapidjson::SizeType>(its_text->size()));
  std::string text(buffer.GetString(), buffer.GetSize());
  std::ranges::replace(text, '\x7F', '?');
  return text;
}

std::string Padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

}  // namespace

std::string ConsoleLine(const LogLine& line, bool colours) {
  std::string text;
  const auto append = [&text, colours](std::string_view colour, std::string_view more) {
    if (colours) {
      text.append(colour).append(more).append(kPlain);
    } else {
      text.append(more);
    }
  };
  append(kDim, FormatLogTime(line.time()));
  text.push_back(' ');
  append(ColourOf(line.level()), Padded(std::string(NameOf(line.level())), kLevelWidth));
  text.append(" ").append(line.event());
  for (const auto& [name, value] : line.fields()) {
    text.push_back(' ');
    if (name == "method") {
      text.append(Padded(Text(value, /*may_have_spaces=*/false), kMethodWidth));
    } else if (name == "code" || name == "message") {
      text.append(Text(value, /*may_have_spaces=*/name == "message"));
    } else {
      append(kDim, std::string(name) + "=");
      text.append(Text(value, /*may_have_spaces=*/false));
    }
  }
  return text;
}

std::unique_ptr<spdlog::formatter> ConsoleFormatter(bool colours) {
  return MakeFormatter([colours](const LogLine& line) { return ConsoleLine(line, colours); });
}

}  // namespace docspace::gateway
