#include "server/admin/status_json.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "server/base/rapidjson.h"
#include "server/base/version.h"

namespace docspace::gateway {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;
using prometheus::ClientMetric;
using prometheus::MetricType;

void Member(Writer& writer, std::string_view name, std::string_view value) {
  WriteKey(writer, name);
  WriteString(writer, value);
}

void Number(Writer& writer, double value) {
  if (std::isfinite(value)) {
    writer.Double(value);
  } else {
    writer.Null();
  }
}

void Member(Writer& writer, std::string_view name, double value) {
  WriteKey(writer, name);
  Number(writer, value);
}

double Seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void WriteHistogram(Writer& writer, const ClientMetric::Histogram& histogram) {
  Member(writer, "count", static_cast<double>(histogram.sample_count));
  Member(writer, "sum", histogram.sample_sum);
  WriteKey(writer, "buckets");
  writer.StartArray();
  for (const auto& bucket : histogram.bucket) {
    writer.StartArray();
    Number(writer, bucket.upper_bound);
    writer.Uint64(bucket.cumulative_count);
    writer.EndArray();
  }
  writer.EndArray();
}

void WriteSample(Writer& writer, MetricType type, const ClientMetric& sample) {
  writer.StartObject();
  WriteKey(writer, "labels");
  writer.StartObject();
  for (const auto& label : sample.label) Member(writer, label.name, label.value);
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

void WriteError(Writer& writer, const RecentError& error) {
  writer.StartObject();
  Member(writer, "time", Seconds(error.time));
  Member(writer, "method", error.method);
  Member(writer, "portal", error.portal);
  Member(writer, "code", error.code);
  Member(writer, "reason", error.reason);
  Member(writer, "http_status", static_cast<double>(error.http_status));
  Member(writer, "request_id", error.request_id);
  writer.EndObject();
}

}  // namespace

std::string StatusJson(std::span<const prometheus::MetricFamily> metrics,
                       std::span<const RecentError> errors) {
  rapidjson::StringBuffer text;
  Writer writer(text);
  writer.StartObject();
  Member(writer, "version", kVersion);
  Member(writer, "time", Seconds(std::chrono::system_clock::now()));
  WriteKey(writer, "metrics");
  writer.StartObject();
  for (const auto& family : metrics) {
    WriteKey(writer, family.name);
    writer.StartArray();
    for (const ClientMetric& sample : family.metric) WriteSample(writer, family.type, sample);
    writer.EndArray();
  }
  writer.EndObject();
  WriteKey(writer, "errors");
  writer.StartArray();
  for (const RecentError& error : errors) WriteError(writer, error);
  writer.EndArray();
  writer.EndObject();
  return {text.GetString(), text.GetSize()};
}

}  // namespace docspace::gateway
