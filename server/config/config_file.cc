#include "server/config/config_file.h"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <set>
#include <string_view>
#include <utility>

namespace docspace::gateway {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1024} * 1024;

int LineOf(const YAML::Mark& mark) { return mark.line + 1; }

// Ends the reading of a file. It never leaves this source file.
struct ParseError {
  int line;
  std::string_view why;
};

const std::string& ParseScalar(const YAML::Node& node) {
  if (!node.IsScalar()) throw ParseError{LineOf(node.Mark()), "must be a single value"};
  return node.Scalar();
}

// Returns an item of a list or map. An item cannot contain what separates items.
const std::string& ParseItem(const YAML::Node& node, std::string_view separators) {
  const std::string& text = ParseScalar(node);
  if (text.find_first_of(separators) != std::string::npos) {
    throw ParseError{LineOf(node.Mark()), "must not contain a comma, semicolon or equals sign"};
  }
  return text;
}

template <class Visit>
void ForEachEntry(const YAML::Node& map, Visit visit) {
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const std::string& key = ParseItem(entry.first, ",;=");
    if (!seen.insert(key).second) throw ParseError{LineOf(entry.first.Mark()), "occurs twice"};
    visit(key, entry.second, LineOf(entry.first.Mark()));
  }
}

// Returns the members of a portal in the form of the flag: the URL, then `;name=value` for each
// other member.
std::string FormatPortal(const YAML::Node& map) {
  std::string url;
  std::string others;
  ForEachEntry(map, [&url, &others](const std::string& key, const YAML::Node& value, int) {
    if (key == "url") {
      url = ParseItem(value, ",;");
    } else {
      others.append(";").append(key).append("=").append(ParseItem(value, ",;"));
    }
  });
  return url + others;
}

// Returns a value in the form of its flag.
std::string FormatValue(const YAML::Node& node) {
  if (node.IsNull()) return "";
  std::string text;
  const auto append = [&text](const std::string& item) {
    text.append(text.empty() ? "" : ",").append(item);
  };
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) append(ParseItem(item, ","));
  } else if (node.IsMap()) {
    ForEachEntry(node, [&append](const std::string& name, const YAML::Node& value, int) {
      append(name + "=" + (value.IsMap() ? FormatPortal(value) : ParseItem(value, ",;")));
    });
  } else {
    text = ParseScalar(node);
  }
  return text;
}

absl::Status InvalidLine(int line, std::string_view why) {
  return absl::InvalidArgumentError("line " + std::to_string(line) + " " + std::string(why));
}

}  // namespace

absl::StatusOr<std::map<std::string, FileValue>> ReadConfigFile(const std::string& path) {
  std::ifstream file(path);
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return absl::NotFoundError("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxBytes) return InvalidLine(1, "begins a file of more than 1 MiB");

  std::map<std::string, FileValue> values;
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return values;
    if (!root.IsMap()) return InvalidLine(LineOf(root.Mark()), "must be `setting: value`");
    ForEachEntry(root, [&values](const std::string& key, const YAML::Node& value, int line) {
      values[key] = {FormatValue(value), line};
    });
  } catch (const ParseError& error) {
    return InvalidLine(error.line, error.why);
  } catch (const YAML::Exception& error) {
    return InvalidLine(LineOf(error.mark), "is not YAML");
  }
  return values;
}

}  // namespace docspace::gateway
