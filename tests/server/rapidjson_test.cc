#include "server/rapidjson.h"

#include <gtest/gtest.h>

#include <string>

namespace docspace::gateway {
namespace {

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

TEST(ParseJson, R10_EndsTheParseNotTheProcessWhereAPreconditionIsBroken) {
  EXPECT_EQ(Parse<Blunderer>("[]"), "");
  EXPECT_EQ(Parse<Blunderer>("{}"), "not JSON: the reader lost its way");
}

}  // namespace
}  // namespace docspace::gateway
