#include "server/base/wire_format.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace docspace::gateway {
namespace {

TEST(WireFormat, WritesIntegersAsProtobufDoes) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{127}, std::int64_t{128}, std::int64_t{-1},
        std::int64_t{1} << 35, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    google::protobuf::Duration duration;
    duration.set_seconds(value);
    duration.set_nanos(-7);
    std::string written;
    AppendInteger(written, google::protobuf::Duration::kSecondsFieldNumber, value);
    AppendInteger(written, google::protobuf::Duration::kNanosFieldNumber, -7);
    EXPECT_EQ(written, duration.SerializeAsString()) << value;
  }
}

TEST(WireFormat, WritesTextsOfAnyLengthAsProtobufDoes) {
  for (const std::size_t size : {1, 127, 128, 16'383, 16'384, 2'097'152}) {
    google::protobuf::StringValue text;
    text.set_value(std::string(size, 'x'));
    std::string written;
    AppendBytes(written, google::protobuf::StringValue::kValueFieldNumber, text.value());
    EXPECT_EQ(written, text.SerializeAsString()) << size;
    EXPECT_EQ(SizeOfBytes(size), written.size());
  }
}

}  // namespace
}  // namespace docspace::gateway
