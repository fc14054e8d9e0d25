#include "server/metrics/openmetrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace docspace::gateway {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr const char* kLatency = "grpc_server_handling_seconds";

// Returns the shortest text that stands for the number. Bounds of buckets must have a fraction or
// an exponent in OpenMetrics: `1.0`.
std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> buffer{};
  char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
}

// Returns `{name="value",…}`, or an empty text without labels. `bound` is the upper bound of a
// bucket, if it is one.
std::string Labels(const ClientMetric& metric, std::optional<double> bound = std::nullopt) {
  std::string labels;
  const auto add = [&labels](const std::string& name, const std::string& value) {
    absl::StrAppend(&labels, labels.empty() ? "" : ",", name, "=\"", Escaped(value), "\"");
  };
  for (const ClientMetric::Label& label : metric.label) add(label.name, label.value);
  if (bound) add("le", Number(*bound));
  return labels.empty() ? labels : absl::StrCat("{", labels, "}");
}

std::string ValueOf(const ClientMetric& metric, const std::string& name) {
  for (const ClientMetric::Label& label : metric.label) {
    if (label.name == name) return label.value;
  }
  return "";
}

// Returns ` # {trace_id="…"} 0.25 1700000000.123`, or an empty text.
std::string ExemplarOf(const ClientMetric& metric, double bound,
                       const LatencyExemplars& exemplars) {
  const auto exemplar =
      exemplars.Find(ValueOf(metric, "grpc_method"), ValueOf(metric, "portal"), bound);
  if (!exemplar) return "";
  const std::int64_t milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(exemplar->time.time_since_epoch())
          .count();
  return absl::StrFormat(" # {trace_id=\"%s\"} %s %d.%03d", exemplar->trace_id,
                         Number(exemplar->seconds), milliseconds / 1000, milliseconds % 1000);
}

void AppendHistogram(const std::string& name, const ClientMetric& metric,
                     const LatencyExemplars& exemplars, std::string& text) {
  for (const ClientMetric::Bucket& bucket : metric.histogram.bucket) {
    absl::StrAppend(&text, name, "_bucket", Labels(metric, bucket.upper_bound), " ",
                    bucket.cumulative_count);
    if (name == kLatency) text += ExemplarOf(metric, bucket.upper_bound, exemplars);
    text += '\n';
  }
  absl::StrAppend(&text, name, "_count", Labels(metric), " ", metric.histogram.sample_count, "\n");
  absl::StrAppend(&text, name, "_sum", Labels(metric), " ", Number(metric.histogram.sample_sum),
                  "\n");
}

const char* TypeOf(const MetricFamily& family) {
  switch (family.type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Histogram:
      return "histogram";
    default:
      return "unknown";
  }
}

void AppendFamily(const MetricFamily& family, const LatencyExemplars& exemplars,
                  std::string& text) {
  constexpr absl::string_view kTotal = "_total";
  const bool is_counter = family.type == MetricType::Counter;
  // The suffix of a counter belongs to its samples, and not to its family.
  const std::string name(is_counter ? absl::StripSuffix(family.name, kTotal)
                                    : absl::string_view(family.name));
  absl::StrAppend(&text, "# TYPE ", name, " ", TypeOf(family), "\n");
  if (!family.help.empty()) {
    absl::StrAppend(&text, "# HELP ", name, " ", Escaped(family.help), "\n");
  }
  for (const ClientMetric& metric : family.metric) {
    if (family.type == MetricType::Histogram) {
      AppendHistogram(name, metric, exemplars, text);
      continue;
    }
    const double value = is_counter                         ? metric.counter.value
                         : family.type == MetricType::Gauge ? metric.gauge.value
                                                            : metric.untyped.value;
    absl::StrAppend(&text, name, is_counter ? kTotal : "", Labels(metric), " ", Number(value),
                    "\n");
  }
}

struct MediaRange {
  absl::string_view type;
  double weight = 1;
};

// Parses one item of `Accept`. A malformed weight counts as 0.
MediaRange ParseMediaRange(absl::string_view item) {
  MediaRange range;
  bool is_first = true;
  for (absl::string_view part : absl::StrSplit(item, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (is_first) {
      range.type = part;
      is_first = false;
    } else if (absl::ConsumePrefix(&part, "q=") || absl::ConsumePrefix(&part, "Q=")) {
      if (!absl::SimpleAtod(part, &range.weight) || !(range.weight >= 0)) range.weight = 0;
    }
  }
  return range;
}

}  // namespace

bool PrefersOpenMetrics(std::string_view accept) {
  double openmetrics = 0;
  double plain = 0;
  for (const absl::string_view item :
       absl::StrSplit(absl::string_view(accept.data(), accept.size()), ',')) {
    const MediaRange range = ParseMediaRange(item);
    if (absl::EqualsIgnoreCase(range.type, "application/openmetrics-text")) {
      openmetrics = std::max(openmetrics, range.weight);
    } else if (absl::EqualsIgnoreCase(range.type, "text/plain")) {
      plain = std::max(plain, range.weight);
    }
  }
  return openmetrics > 0 && openmetrics >= plain;
}

std::string ToOpenMetrics(const std::vector<MetricFamily>& families,
                          const LatencyExemplars& exemplars) {
  std::string text;
  for (const MetricFamily& family : families) AppendFamily(family, exemplars, text);
  return text + "# EOF\n";
}

}  // namespace docspace::gateway
