#include "server/base/json_writer.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <new>
#include <string>

namespace docspace::gateway {
namespace {

std::string Quoted(std::string_view text) {
  JsonWriter writer;
  writer.String(text);
  return writer.json();
}

// RapidJSON's own writer, which looks at each byte, says what is right. The character is at each
// position of the bytes that are checked together, and behind them.
TEST(JsonWriter, WritesEachCharacterAsRapidJsonDoes) {
  for (int code = 0; code < 0x100; ++code) {
    for (std::size_t at = 0; at < 2 * kJsonPadding + 3; ++at) {
      std::string text(2 * kJsonPadding + 3, 'x');
      text[at] = static_cast<char>(code);
      rapidjson::StringBuffer expected;
      rapidjson::Writer<rapidjson::StringBuffer> writer(expected);
      writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
      ASSERT_EQ(Quoted(text), expected.GetString()) << code << " at " << at;
    }
  }
}

TEST(JsonWriter, WritesTextsOfEachLength) {
  for (std::size_t size = 0; size < 3 * kJsonPadding; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(Quoted(text), '"' + text + '"');
    if (size > 0) {
      EXPECT_EQ(Quoted(text.substr(1) + '\n'), '"' + text.substr(1) + "\\n\"");
    }
  }
}

TEST(JsonWriter, WritesObjects) {
  JsonWriter writer;
  writer.StartObject();
  writer.Member("a", "b\"c");
  writer.Key("d");
  writer.StartArray();
  writer.String("");
  writer.Uint(7);
  writer.EndArray();
  writer.EndObject();
  EXPECT_EQ(writer.json(), R"({"a":"b\"c","d":["",7]})");
}

#ifndef DOCSPACE_SANITIZER  // A sanitizer ends the process if it is asked for so much memory.
TEST(JsonWriter, S6_ThrowsWithoutMemory) {
  JsonWriter writer(std::numeric_limits<std::size_t>::max() / 4);
  EXPECT_THROW(writer.StartObject(), std::bad_alloc);
}
#endif

}  // namespace
}  // namespace docspace::gateway
