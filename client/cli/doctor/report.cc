#include "client/cli/doctor/report.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "client/cli/table.h"
#include "client/cli/terminal_text.h"

namespace docspace::apikeys::cli {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;

constexpr int kSignalOffset = 128;

std::string_view NameOf(Report::Verdict verdict) {
  switch (verdict) {
    case Report::Verdict::kAgrees:
      return "agrees";
    case Report::Verdict::kDiffers:
      return "differs";
    case Report::Verdict::kNotMade:
      return "not made";
  }
  return "";
}

Emphasis EmphasisOf(Report::Verdict verdict) {
  switch (verdict) {
    case Report::Verdict::kAgrees:
      return Emphasis::kGood;
    case Report::Verdict::kDiffers:
      return Emphasis::kBad;
    case Report::Verdict::kNotMade:
      return Emphasis::kStrong;
  }
  return Emphasis::kNone;
}

void PrintTables(const Report& report, Console& console) {
  std::vector<Row> checks;
  for (const Report::Check& check : report.checks) {
    Row row = {{std::string(NameOf(check.verdict)), EmphasisOf(check.verdict)}, {check.name}};
    if (!check.detail.empty()) row.push_back({check.detail});
    checks.push_back(std::move(row));
  }
  PrintTable(checks, console.ColoursOut(), console.out);
  console.out << '\n';

  std::vector<Row> summary;
  const auto add = [&summary](const char* label, std::string text) {
    summary.push_back({{label, Emphasis::kFaint}, {std::move(text)}});
  };
  add("release", report.release);
  add("database", report.database);
  for (const std::string& limit : report.limits) add("limits", limit);
  add("checks", std::to_string(report.Count(Report::Verdict::kAgrees)) + " agree, " +
                    std::to_string(report.Count(Report::Verdict::kDiffers)) + " differ, " +
                    std::to_string(report.Count(Report::Verdict::kNotMade)) + " not made");
  add("keys left", report.keys_left.empty() ? "none" : "");
  for (const std::string& key : report.keys_left) add("", key);
  PrintTable(summary, console.ColoursOut(), console.out);
}

void AddStrings(const std::vector<std::string>& strings, ListValue& list) {
  for (const std::string& text : strings) list.add_values()->set_string_value(text);
}

void PrintJson(const Report& report, Console& console) {
  Struct object;
  auto& members = *object.mutable_fields();
  members["release"].set_string_value(report.release);
  members["database"].set_string_value(report.database);
  AddStrings(report.limits, *members["limits"].mutable_list_value());
  ListValue& checks = *members["checks"].mutable_list_value();
  for (const Report::Check& check : report.checks) {
    auto& fields = *checks.add_values()->mutable_struct_value()->mutable_fields();
    fields["name"].set_string_value(check.name);
    fields["verdict"].set_string_value(std::string(NameOf(check.verdict)));
    fields["detail"].set_string_value(check.detail);
  }
  AddStrings(report.keys_left, *members["keysLeft"].mutable_list_value());
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  // Protobuf has checked that each string of a response is UTF-8, so this cannot fail.
  if (google::protobuf::util::MessageToJsonString(object, &json, options).ok()) console.out << json;
}

}  // namespace

void Report::Add(std::string name, std::string difference) {
  const Verdict verdict = difference.empty() ? Verdict::kAgrees : Verdict::kDiffers;
  checks.push_back({std::move(name), verdict, std::move(difference)});
}

void Report::AddNotMade(std::string name, std::string why) {
  checks.push_back({std::move(name), Verdict::kNotMade, std::move(why)});
}

std::size_t Report::Count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(checks.begin(), checks.end(),
                    [verdict](const Check& check) { return check.verdict == verdict; }));
}

int ExitStatusOf(const Report& report) {
  if (!report.keys_left.empty()) return static_cast<int>(ExitCode::kOutcomeUnknown);
  if (report.signal != 0) return kSignalOffset + report.signal;
  if (report.Count(Report::Verdict::kDiffers) != 0) return static_cast<int>(ExitCode::kOther);
  if (report.Count(Report::Verdict::kNotMade) != 0) return static_cast<int>(ExitCode::kUnavailable);
  return static_cast<int>(ExitCode::kOk);
}

void PrintReport(const Report& report, OutputFormat format, Console& console) {
  if (format == OutputFormat::kJson) {
    PrintJson(report, console);
  } else {
    PrintTables(report, console);
  }
  console.out << std::flush;
}

}  // namespace docspace::apikeys::cli
