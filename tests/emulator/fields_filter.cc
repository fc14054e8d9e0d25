#include "tests/emulator/fields_filter.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace docspace::emulator {
namespace {

namespace json = boost::json;

struct Fields {
  // A member without children is kept completely.
  std::map<std::string, Fields, std::less<>> members;
};

Fields Parse(std::string_view paths) {
  Fields root;
  while (!paths.empty()) {
    std::string_view path = paths.substr(0, paths.find(','));
    paths.remove_prefix(std::min(path.size() + 1, paths.size()));
    Fields* parent = &root;
    while (!path.empty()) {
      const std::string_view name = path.substr(0, path.find('.'));
      path.remove_prefix(std::min(name.size() + 1, path.size()));
      parent = &parent->members[std::string(name)];
    }
  }
  return root;
}

json::value Filter(json::value value, const Fields& fields) {
  if (fields.members.empty()) return value;
  if (value.is_array()) {
    for (json::value& element : value.get_array()) element = Filter(std::move(element), fields);
    return value;
  }
  if (!value.is_object()) return value;
  json::object kept;
  for (auto& member : value.get_object()) {
    const auto field = fields.members.find(std::string_view(member.key()));
    if (field == fields.members.end()) continue;
    kept[member.key()] = Filter(std::move(member.value()), field->second);
  }
  return kept;
}

}  // namespace

json::value FilterFields(json::value value, std::string_view fields) {
  return Filter(std::move(value), Parse(fields));
}

}  // namespace docspace::emulator
