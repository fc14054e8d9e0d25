#include "server/tracing/tracer.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

namespace docspace::gateway::tracing {
namespace {

Tracer Sampling(double ratio) {
  return Tracer({.root_ratio = ratio}, [](const Span&) {});
}

TEST(Tracer, ARootHasRandomIds) {
  const Tracer tracer = Sampling(1);
  std::set<TraceId> trace_ids;
  std::set<SpanId> span_ids;
  for (int i = 0; i < 1000; ++i) {
    const TraceContext root = tracer.Begin(std::nullopt);
    trace_ids.insert(root.trace_id);
    span_ids.insert(root.span_id);
  }
  EXPECT_EQ(trace_ids.size(), 1000U);
  EXPECT_EQ(span_ids.size(), 1000U);
  EXPECT_FALSE(trace_ids.contains(TraceId{}));
}

TEST(Tracer, RootsAreSampledByTheirRatio) {
  const auto sampled = [](double ratio) {
    const Tracer tracer = Sampling(ratio);
    int count = 0;
    for (int i = 0; i < 10'000; ++i) count += tracer.Begin(std::nullopt).sampled ? 1 : 0;
    return count;
  };
  EXPECT_EQ(sampled(0), 0);
  EXPECT_EQ(sampled(1), 10'000);
  // 40 standard deviations away.
  EXPECT_NEAR(sampled(0.5), 5'000, 2'000);
  EXPECT_NEAR(sampled(0.01), 100, 90);
}

TEST(Tracer, TheRatioDecidesOfAllIfTheParentDoesNot) {
  for (const bool parents : {true, false}) {
    const TraceContext parent = {.trace_id = {1}, .span_id = {2}, .sampled = parents};
    for (const double ratio : {0.0, 1.0}) {
      const Tracer tracer({.root_ratio = ratio, .parent_decides = false}, [](const Span&) {});
      const TraceContext child = tracer.Begin(parent);
      EXPECT_EQ(child.trace_id, parent.trace_id);
      EXPECT_NE(child.span_id, parent.span_id);
      EXPECT_EQ(child.sampled, ratio == 1.0);
    }
  }
}

TEST(Tracer, TheParentDecidesOfItsChildren) {
  for (const bool parents : {true, false}) {
    const TraceContext parent = {.trace_id = {1}, .span_id = {2}, .sampled = parents};
    const TraceContext child = Sampling(parents ? 0 : 1).Begin(parent);
    EXPECT_EQ(child.trace_id, parent.trace_id);
    EXPECT_NE(child.span_id, parent.span_id);
    EXPECT_EQ(child.sampled, parents);
  }
}

}  // namespace
}  // namespace docspace::gateway::tracing
