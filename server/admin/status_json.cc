#include "server/admin/status_json.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/json_writer.h"
#include "server/base/version.h"

namespace docspace::gateway {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

void Number(JsonWriter& writer, double value) {
  if (std::isfinite(value)) {
    writer.Double(value);
  } else {
    writer.Null();
  }
}

void Member(JsonWriter& writer, std::string_view name, double value) {
  writer.Key(name);
  Number(writer, value);
}

double Seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void WriteHistogram(JsonWriter& writer, const ClientMetric::Histogram& histogram) {
  Member(writer, "count", static_cast<double>(histogram.sample_count));
  Member(writer, "sum", histogram.sample_sum);
  writer.Key("buckets");
  writer.StartArray();
  for (const auto& bucket : histogram.bucket) {
    writer.StartArray();
    Number(writer, bucket.upper_bound);
    writer.Uint64(bucket.cumulative_count);
    writer.EndArray();
  }
  writer.EndArray();
}

void WriteSample(JsonWriter& writer, MetricType type, const ClientMetric& sample) {
  writer.StartObject();
  writer.Key("labels");
  writer.StartObject();
  for (const auto& label : sample.label) writer.Member(label.name, label.value);
  writer.EndObject();
  switch (type) {
    case MetricType::Histogram:
      WriteHistogram(writer, sample.histogram);
      break;
    case MetricType::Counter:
      Member(writer, "value", sample.counter.value);
      break;
    default:
      Member(writer, "value", sample.gauge.value);
  }
  writer.EndObject();
}

void WriteError(JsonWriter& writer, const RecentError& error) {
  writer.StartObject();
  Member(writer, "time", Seconds(error.time));
  writer.Member("method", error.method);
  writer.Member("portal", error.portal);
  writer.Member("code", error.code);
  writer.Member("reason", error.reason);
  Member(writer, "http_status", static_cast<double>(error.http_status));
  writer.Member("request_id", error.request_id);
  writer.EndObject();
}

}  // namespace

std::string StatusJson(std::span<const prometheus::MetricFamily> metrics,
                       std::span<const RecentError> errors) {
  JsonWriter writer;
  writer.StartObject();
  writer.Member("version", kVersion);
  Member(writer, "time", Seconds(std::chrono::system_clock::now()));
  writer.Key("metrics");
  writer.StartObject();
  for (const auto& family : metrics) {
    writer.Key(family.name);
    writer.StartArray();
    for (const ClientMetric& sample : family.metric) WriteSample(writer, family.type, sample);
    writer.EndArray();
  }
  writer.EndObject();
  writer.Key("errors");
  writer.StartArray();
  for (const RecentError& error : errors) WriteError(writer, error);
  writer.EndArray();
  writer.EndObject();
  return writer.json();
}

}  // namespace docspace::gateway
