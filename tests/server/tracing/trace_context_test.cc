#include "server/tracing/trace_context.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace docspace::gateway::tracing {
namespace {

using namespace std::string_literals;

const TraceContext kContext = {.trace_id = {0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3,
                                            0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36},
                               .span_id = {0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7},
                               .sampled = true};

// The header form of kContext.
const std::string kTraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceParent, IsReadAndWritten) {
  EXPECT_EQ(ReadTraceParent(kTraceParent), kContext);
  EXPECT_EQ(WriteTraceParent(kContext), kTraceParent);
  TraceContext unsampled = kContext;
  unsampled.sampled = false;
  EXPECT_EQ(WriteTraceParent(unsampled), kTraceParent.substr(0, 53) + "00");
  EXPECT_EQ(TraceIdOf(kTraceParent), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(SpanIdOf(kTraceParent), "00f067aa0ba902b7");
}

TEST(TraceParent, TheLastBitOfTheFlagsSaysSampled) {
  const auto sampled = [](const std::string& flags) {
    return ReadTraceParent(kTraceParent.substr(0, 53) + flags).value().sampled;
  };
  for (const char* flags : {"01", "03", "0f", "ff"}) EXPECT_TRUE(sampled(flags)) << flags;
  for (const char* flags : {"00", "02", "fe", "10"}) EXPECT_FALSE(sampled(flags)) << flags;
}

TEST(TraceParent, OfALaterVersionIsReadAsFarAsItIsKnown) {
  const std::string known = kTraceParent.substr(2);
  for (const std::string& value :
       {"01" + known, "cc" + known, "01" + known + "-", "fe" + known + "-what-comes-then",
        "01" + known + "-" + std::string(200, 'x')}) {
    EXPECT_EQ(ReadTraceParent(value), kContext) << value;
  }
}

TEST(TraceParent, IllFormedIsNone) {
  const std::string known = kTraceParent.substr(2);
  const std::string bad[] = {
      "",
      "00",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0G",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7\r\n1",
      "00----------------------------------------------------1",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      "ff" + known,
      "FE" + known,
      "0x" + known,
      "00" + known + "-",
      "00" + known + "-more",
      "01" + known + "more",
      "01" + known + "-\r\n",
      "01" + known + "-\x80",
      "01" + known + "-" + std::string(201, 'x'),
  };
  for (const std::string& value : bad) {
    EXPECT_FALSE(IsTraceParent(value)) << value;
    EXPECT_EQ(ReadTraceParent(value), std::nullopt) << value;
  }
}

TEST(TraceState, IsPrintableAndBounded) {
  EXPECT_TRUE(IsTraceState("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"));
  EXPECT_TRUE(IsTraceState(std::string(4096, 's')));
  for (const std::string& value : {""s, std::string(4097, 's'), "a=\x01"s, "a=\r\nb"s, "a=\xc3"s}) {
    EXPECT_FALSE(IsTraceState(value)) << value;
  }
}

}  // namespace
}  // namespace docspace::gateway::tracing
