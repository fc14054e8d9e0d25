#include "server/base/rapidjson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
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

// Breaks a precondition of RapidJSON's.
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

// Whatever its place among the eight octets that are looked at at once.
TEST(ParseJson, R10_RefusesEveryControlCharacterInAString) {
  for (char control = 1; control < 0x20; ++control) {
    for (std::size_t at = 0; at < 40; ++at) {
      std::string text(40, 'x');
      text[at] = control;
      EXPECT_NE(Parse<Ignorer>("[\"" + text + "\"]"), "") << int{control} << " at " << at;
    }
  }
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

TEST(FirstSpecialOctet, FindsEachAmongAnyOthers) {
  for (int special = 0; special < 256; ++special) {
    const bool is_one = special < 0x20 || special == '"' || special == '\\';
    for (const char other :
         {'x', ' ', '!', '#', '[', ']', '\x7F', '\x80', '\xA2', '\xDC', '\xFF'}) {
      for (std::size_t at = 0; at < 8; ++at) {
        std::string octets(8, other);
        octets[at] = static_cast<char>(special);
        std::uint64_t word = 0;
        std::memcpy(&word, octets.data(), sizeof word);
        EXPECT_EQ(FirstSpecialOctet(word), is_one ? at : 8) << special << " at " << at;
      }
    }
  }
}

// Or the specialization for PaddedStream would no longer be used, or no longer be right.
TEST(RapidJson, ScansAStringAtItsStartAndAfterEachEscapeByTheSpecialization) {
  RecordedStream::scanned.clear();
  std::string body = R"(["plain","es\ncaped\u00e9!"])";
  RecordedStream stream(body.data());
  rapidjson::Document document;
  document.ParseStream<rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag>(stream);
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
