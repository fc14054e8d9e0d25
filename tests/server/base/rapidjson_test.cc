#include "server/base/rapidjson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace docspace::gateway {
namespace {

// A stream like PaddedStream, which records the text at each place that the reader scans from.
struct RecordedStream : rapidjson::InsituStringStream {
  explicit RecordedStream(char* text) : rapidjson::InsituStringStream(text) {}
  static inline std::vector<std::string> scanned;
};

}  // namespace
}  // namespace docspace::gateway

namespace rapidjson {

template <>
struct StreamTraits<docspace::gateway::RecordedStream> {
  enum { copyOptimization = 1 };  // NOLINT(readability-identifier-naming): RapidJSON's name.
};

template <>
template <>
inline void Reader::ScanCopyUnescapedString(docspace::gateway::RecordedStream& is,
                                            docspace::gateway::RecordedStream& os) {
  EXPECT_EQ(&is, &os) << "a string that is parsed in place is read and written by one stream";
  docspace::gateway::RecordedStream::scanned.emplace_back(is.src_);
  while (*is.src_ >= ' ' && *is.src_ != '"' && *is.src_ != '\\') *is.dst_++ = *is.src_++;
}

}  // namespace rapidjson

namespace docspace::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

struct Ignorer : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Ignorer> {};

// A handler that violates a precondition of RapidJSON.
struct Blunderer : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Blunderer> {
  bool StartObject() {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    return writer.EndObject();
  }
};

template <class Handler>
std::string Parse(std::string body) {
  Handler handler;
  return ParseJson(body, handler);
}

TEST(ParseJson, R10_SaysWhyABodyIsNotJson) {
  EXPECT_EQ(Parse<Ignorer>(R"({"a":[1,"b",null]})"), "");
  EXPECT_EQ(Parse<Ignorer>(""), "not JSON: The document is empty.");
  EXPECT_EQ(Parse<Ignorer>(std::string("{}\0", 3)), "not JSON: a NUL octet");
  EXPECT_EQ(Parse<Ignorer>("\"\xC3\""), "not JSON: not in UTF-8");
}

// RapidJSON takes a NUL for the end of the text.
TEST(ParseJson, R10_RefusesANulAnywhere) {
  const std::string text = R"( { "a" : [ 1 , "b" , null ] } )";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    std::string with_nul = text;
    with_nul.insert(at, 1, '\0');
    EXPECT_THAT(Parse<Ignorer>(with_nul), StartsWith("not JSON: ")) << at;
  }
  EXPECT_EQ(Parse<Ignorer>(text), "");
}

// The control character is at each position of the bytes that are checked together.
TEST(ParseJson, R10_RefusesEveryControlCharacterInAString) {
  for (char control = 1; control < 0x20; ++control) {
    for (std::size_t at = 0; at < 40; ++at) {
      std::string text(40, 'x');
      text[at] = control;
      EXPECT_NE(Parse<Ignorer>("[\"" + text + "\"]"), "") << int{control} << " at " << at;
    }
  }
}

// Runs `function` on a thread with a stack of this size, in bytes.
template <class Function>
void RunOnStack(std::size_t size, Function function) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, size), 0);
  pthread_t thread{};
  const auto start = [](void* argument) -> void* {
    (*static_cast<Function*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, start, &function), 0);
  EXPECT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
}

std::string Repeated(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated.append(text);
  return repeated;
}

// The parser recurses for each level; a million levels need hundreds of times this stack.
TEST(ParseJson, R10_StopsAMillionLevelsOnASmallStack) {
  constexpr int kLevels = 1'000'000;
  constexpr std::size_t kStack = std::size_t{256} * 1024;
  RunOnStack(kStack, [] {
    for (const std::string_view level : {"[", R"({"a":)", R"([{"a":)", R"({"":[)"}) {
      EXPECT_NE(Parse<Ignorer>(Repeated(level, kLevels)), "") << level;
    }
    EXPECT_NE(Parse<Ignorer>(Repeated("[", kLevels) + Repeated("]", kLevels)), "");
  });
}

TEST(ParseJson, R10_AdmitsWhatNestsAsDeepAsItMay) {
  const auto nested = [](int levels) { return Repeated("[", levels) + Repeated("]", levels); };
  EXPECT_EQ(Parse<Ignorer>(nested(kMaxJsonDepth)), "");
  EXPECT_NE(Parse<Ignorer>(nested(kMaxJsonDepth + 1)), "");
  // A level that has ended no longer counts.
  EXPECT_EQ(Parse<Ignorer>("[{\"a\":" + nested(kMaxJsonDepth - 2) + "}," +
                           nested(kMaxJsonDepth - 1) + ",{}]"),
            "");
}

TEST(ParseJson, ReadsNothingBehindItsPadding) {
  for (std::size_t size = 0; size < 100; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(Parse<Ignorer>('"' + text + '"'), "");
    EXPECT_EQ(Parse<Ignorer>("\"\\n" + text + '"'), "");
    EXPECT_NE(Parse<Ignorer>('"' + text), "");
    EXPECT_NE(Parse<Ignorer>("\"\\n" + text), "");
  }
}

TEST(ParseJson, DoesNotMoveABodyThatHasRoomBehindIt) {
  std::string body = R"({"a":[1,"b",null]})";
  body.reserve(body.size() + kJsonPadding);
  const char* const place = body.data();
  Ignorer ignorer;
  EXPECT_EQ(ParseJson(body, ignorer), "");
  EXPECT_EQ(body.data(), place);
}

TEST(FirstSpecialByte, FindsEachAmongAnyOthers) {
  for (int special = 0; special < 256; ++special) {
    const bool is_one = special < 0x20 || special == '"' || special == '\\';
    for (const char other :
         {'x', ' ', '!', '#', '[', ']', '\x7F', '\x80', '\xA2', '\xDC', '\xFF'}) {
      for (std::size_t at = 0; at < kJsonPadding; ++at) {
        std::string bytes(kJsonPadding, other);
        bytes[at] = static_cast<char>(special);
        EXPECT_EQ(FirstSpecialByte(bytes.data()), is_one ? at : kJsonPadding)
            << special << " at " << at;
        // A second special byte after it changes nothing.
        bytes[kJsonPadding - 1] = '"';
        EXPECT_EQ(FirstSpecialByte(bytes.data()), is_one ? at : kJsonPadding - 1)
            << special << " at " << at;
      }
    }
  }
}

// Detects that the specialization for PaddedStream is no longer used or no longer correct.
TEST(RapidJson, ScansAStringAtItsStartAndAfterEachEscapeByTheSpecialization) {
  RecordedStream::scanned.clear();
  std::string body = R"(["plain","es\ncaped\u00e9!"])";
  RecordedStream stream(body.data());
  rapidjson::Document document;
  document.ParseStream<rapidjson::kParseInsituFlag>(stream);
  ASSERT_FALSE(document.HasParseError());
  EXPECT_STREQ(document[0].GetString(), "plain");
  EXPECT_STREQ(document[1].GetString(), "es\ncaped\u00e9!");
  EXPECT_THAT(RecordedStream::scanned, ElementsAre(StartsWith("plain\""), StartsWith("es\\n"),
                                                   StartsWith("caped\\u"), StartsWith("!\"")));
}

TEST(MayEscapeSurrogates, IsTrueOfEveryEscapeOfASurrogate) {
  EXPECT_TRUE(MayEscapeSurrogates(R"("\uD83D\uDE00")"));
  EXPECT_TRUE(MayEscapeSurrogates(R"("\udc00")"));
  EXPECT_FALSE(MayEscapeSurrogates(R"("\u0026\n\u00d8 ud800")"));
}

TEST(ParseJson, R10_EndsTheParseNotTheProcessWhereAPreconditionIsBroken) {
  EXPECT_EQ(Parse<Blunderer>("[]"), "");
  EXPECT_EQ(Parse<Blunderer>("{}"), "not JSON: the parser failed");
}

}  // namespace
}  // namespace docspace::gateway
