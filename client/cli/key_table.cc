#include "client/cli/key_table.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "client/cli/html_text.h"

namespace docspace::apikeys::cli {
namespace {

struct Column {
  const char* title;
  std::string_view rest_name;
  Cell (*cell)(const v1::ApiKey& key);
};

Cell OrDash(bool present, const std::string& text) {
  return present ? Cell{text} : Cell{"-", Emphasis::kFaint};
}

Cell TimeCell(bool present, google::protobuf::Timestamp time, const char* absent) {
  if (!present) return {absent, Emphasis::kFaint};
  time.set_nanos(0);
  return {google::protobuf::util::TimeUtil::ToString(time)};
}

Cell StateCell(const v1::ApiKey& key) {
  if (!key.has_is_active()) return {"-", Emphasis::kFaint};
  return key.is_active() ? Cell{"active", Emphasis::kGood} : Cell{"inactive", Emphasis::kBad};
}

Cell PermissionsCell(const v1::ApiKey& key) {
  if (key.permissions().empty()) return {"all"};
  std::string joined;
  for (const std::string& permission : key.permissions()) {
    joined += (joined.empty() ? "" : ",") + permission;
  }
  return {joined};
}

constexpr Column kColumns[] = {
    {"ID", "id", [](const v1::ApiKey& key) { return OrDash(key.has_id(), key.id()); }},
    {"NAME", "name", [](const v1::ApiKey& key) { return OrDash(key.has_name(), key.name()); }},
    {"KEY", "key", [](const v1::ApiKey& key) { return OrDash(key.has_key(), key.key()); }},
    {"STATE", "isActive", &StateCell},
    {"PERMISSIONS", "permissions", &PermissionsCell},
    {"CREATED", "createOn",
     [](const v1::ApiKey& key) { return TimeCell(key.has_create_on(), key.create_on(), "-"); }},
    {"LAST USED", "lastUsed",
     [](const v1::ApiKey& key) { return TimeCell(key.has_last_used(), key.last_used(), "never"); }},
    {"EXPIRES", "expiresAt",
     [](const v1::ApiKey& key) {
       return TimeCell(key.has_expires_at(), key.expires_at(), "never");
     }},
    {"CREATED BY", "createBy",
     [](const v1::ApiKey& key) {
       // The portal encodes the names of people, but not those of keys.
       return OrDash(key.create_by().has_display_name(),
                     DecodeHtml(key.create_by().display_name()));
     }},
};

bool AsksFor(std::string_view fields, std::string_view rest_name) {
  while (!fields.empty()) {
    const std::string_view field = fields.substr(0, fields.find(','));
    const std::string_view first = field.substr(0, field.find('.'));
    if (absl::EqualsIgnoreCase({first.data(), first.size()},
                               {rest_name.data(), rest_name.size()})) {
      return true;
    }
    fields.remove_prefix(std::min(fields.size(), field.size() + 1));
  }
  return false;
}

std::vector<Column> ColumnsFor(std::string_view fields) {
  std::vector<Column> columns;
  for (const Column& column : kColumns) {
    if (fields.empty() || AsksFor(fields, column.rest_name)) columns.push_back(column);
  }
  return columns;
}

}  // namespace

std::vector<Row> KeyTable(const google::protobuf::RepeatedPtrField<v1::ApiKey>& keys,
                          std::string_view fields) {
  const std::vector<Column> columns = ColumnsFor(fields);
  if (columns.empty()) return {};
  std::vector<Row> rows(1);
  for (const Column& column : columns) rows[0].push_back({column.title, Emphasis::kStrong});
  for (const v1::ApiKey& key : keys) {
    Row& row = rows.emplace_back();
    for (const Column& column : columns) row.push_back(column.cell(key));
  }
  return rows;
}

std::vector<Row> KeyCard(const v1::ApiKey& key, std::string_view fields) {
  std::vector<Row> rows;
  for (const Column& column : ColumnsFor(fields)) {
    rows.push_back({{column.title, Emphasis::kStrong}, column.cell(key)});
  }
  return rows;
}

}  // namespace docspace::apikeys::cli
