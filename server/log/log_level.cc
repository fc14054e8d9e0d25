#include "server/log/log_level.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace docspace::gateway {
namespace {

constexpr std::array<std::pair<std::string_view, LogLevel>, 5> kLevels = {{
    {"debug", spdlog::level::debug},
    {"info", spdlog::level::info},
    {"warning", spdlog::level::warn},
    {"error", spdlog::level::err},
    {"off", spdlog::level::off},
}};

std::size_t IndexOf(LogLevel level) {
  std::size_t index = 0;
  while (kLevels.at(index).second < level) ++index;
  return index;
}

}  // namespace

std::optional<LogLevel> LogLevelOf(std::string_view name) {
  for (const auto& [known, level] : kLevels) {
    if (known == name) return level;
  }
  return std::nullopt;
}

std::string_view NameOf(LogLevel level) { return kLevels.at(IndexOf(level)).first; }

LogLevel MoreVerbose(LogLevel level) {
  return kLevels.at(std::max<std::size_t>(IndexOf(level), 1) - 1).second;
}

LogLevel LessVerbose(LogLevel level) {
  return kLevels.at(std::min(IndexOf(level) + 1, kLevels.size() - 1)).second;
}

}  // namespace docspace::gateway
