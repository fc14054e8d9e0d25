#include "server/log/console_log.h"

#include <spdlog/details/log_msg.h>
#include <spdlog/details/os.h>

#include <algorithm>

#include "server/base/rapidjson.h"

namespace docspace::gateway {
namespace {

using Json = rapidjson::Value;

constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::size_t kLevelWidth = 7;    // "warning"
constexpr std::size_t kMethodWidth = 17;  // "GetAllPermissions"

std::string_view ColourOf(std::string_view level) {
  if (level == "error") return "\x1b[31m";
  if (level == "warning") return "\x1b[33m";
  return level == "info" ? "\x1b[32m" : "\x1b[36m";
}

// As it is where it is plain; else escaped and in quotes, so that it can neither end the line nor
// speak to the terminal.
std::string Text(const Json& value, bool may_have_spaces) {
  if (value.IsString()) {
    std::string text(value.GetString(), value.GetStringLength());
    const auto is_plain = [may_have_spaces](char c) {
      return (c > 0x20 && c < 0x7F && c != '"') || (c == ' ' && may_have_spaces);
    };
    if (std::ranges::all_of(text, is_plain)) return text;
  }
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::ASCII<>> writer(buffer);
  value.Accept(writer);
  std::string text(buffer.GetString(), buffer.GetSize());
  std::ranges::replace(text, '\x7F', '?');
  return text;
}

std::string Padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

class Formatter : public spdlog::formatter {
 public:
  explicit Formatter(bool colours) : colours_(colours) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    const std::string text =
        ConsoleLine({message.payload.data(), message.payload.size()}, colours_) +
        spdlog::details::os::default_eol;
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<Formatter>(colours_);
  }

 private:
  const bool colours_;
};

}  // namespace

std::string ConsoleLine(std::string_view json, bool colours) {
  rapidjson::Document fields;
  fields.Parse(json.data(), json.size());
  if (fields.HasParseError() || !fields.IsObject()) return std::string(json);
  std::string line;
  const auto append = [&line, colours](std::string_view colour, std::string_view text) {
    if (colours && !colour.empty()) {
      line.append(colour).append(text).append(kPlain);
    } else {
      line.append(text);
    }
  };
  for (const auto& [name, value] : fields.GetObject()) {
    const std::string_view key(name.GetString(), name.GetStringLength());
    if (!line.empty()) line.push_back(' ');
    if (key == "time") {
      append(kDim, Text(value, false));
    } else if (key == "level") {
      const std::string level = Text(value, false);
      append(ColourOf(level), Padded(level, kLevelWidth));
    } else if (key == "method") {
      append("", Padded(Text(value, false), kMethodWidth));
    } else if (key == "event" || key == "code" || key == "message") {
      append("", Text(value, key == "message"));
    } else {
      append(kDim, std::string(key) + "=");
      append("", Text(value, false));
    }
  }
  return line;
}

std::unique_ptr<spdlog::formatter> ConsoleFormatter(bool colours) {
  return std::make_unique<Formatter>(colours);
}

}  // namespace docspace::gateway
