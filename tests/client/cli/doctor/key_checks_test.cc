#include "client/cli/doctor/key_checks.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace docspace::apikeys::cli {
namespace {

constexpr std::int64_t kNow = 1'780'000'000;
constexpr std::int64_t kDay = 86'400;
const std::string kDigits(60, '0');

std::chrono::system_clock::time_point Now() { return std::chrono::system_clock::from_time_t(kNow); }

v1::ApiKey Created() {
  v1::ApiKey key;
  key.set_id("3fa85f64-5717-4562-b3fc-2c963f66afa6");
  key.set_name("doctor");
  key.set_key("sk-" + kDigits + "abcd");
  key.set_key_postfix("abcd");
  key.add_permissions("files:read");
  key.set_is_active(true);
  key.mutable_create_on()->set_seconds(kNow);
  key.mutable_create_on()->set_nanos(123'456'700);
  key.mutable_expires_at()->set_seconds(kNow + kDay);
  key.mutable_expires_at()->set_nanos(123'456'700);
  key.mutable_create_by()->set_id("5f3c1a52-6b1e-4b8e-9f6e-0d4b1c2a3e4f");
  key.mutable_create_by()->set_display_name("O&#39;Admin");
  key.mutable_create_by()->set_profile_url("https://portal.example/accounts");
  return key;
}

v1::ApiKey Listed() {
  v1::ApiKey key = Created();
  key.set_key("sk-***abcd");
  key.mutable_create_on()->set_nanos(0);
  key.mutable_expires_at()->set_nanos(0);
  return key;
}

TEST(KeyChecks, FindNothingInWhatThePortalPromises) {
  EXPECT_EQ(DifferenceOfSecret(Created()), "");
  EXPECT_EQ(DifferenceOfCreated(Created(), "files:read"), "");
  EXPECT_EQ(DifferenceOfDates(Created(), 1, Now()), "");
  EXPECT_EQ(DifferenceOfCreator(Created()), "");
  EXPECT_EQ(DifferenceOfListed(Created(), Listed()), "");
  EXPECT_EQ(DifferenceOfKeptDates(Created(), Listed()), "");
}

struct Row {
  const char* name;
  std::function<void(v1::ApiKey&)> change;
  std::function<std::string(const v1::ApiKey&)> check;
};

const std::function<std::string(const v1::ApiKey&)> kSecret = DifferenceOfSecret;
const std::function<std::string(const v1::ApiKey&)> kCreator = DifferenceOfCreator;
std::string OfCreated(const v1::ApiKey& key) { return DifferenceOfCreated(key, "files:read"); }
std::string OfDates(const v1::ApiKey& key) { return DifferenceOfDates(key, 1, Now()); }

TEST(KeyChecks, FindEachDifferenceOfACreation) {
  const Row rows[] = {
      {"short secret", [](v1::ApiKey& key) { key.set_key("sk-abcd"); }, kSecret},
      {"masked secret", [](v1::ApiKey& key) { key.set_key("sk-***abcd"); }, kSecret},
      {"upper case", [](v1::ApiKey& key) { key.set_key("sk-" + kDigits + "ABCD"); }, kSecret},
      {"postfix", [](v1::ApiKey& key) { key.set_key_postfix("abce"); }, kSecret},
      {"id", [](v1::ApiKey& key) { key.set_id("7"); }, OfCreated},
      {"permissions", [](v1::ApiKey& key) { key.clear_permissions(); }, OfCreated},
      {"inactive", [](v1::ApiKey& key) { key.set_is_active(false); }, OfCreated},
      {"used", [](v1::ApiKey& key) { key.mutable_last_used(); }, OfCreated},
      {"no creation", [](v1::ApiKey& key) { key.clear_create_on(); }, OfDates},
      {"no expiry", [](v1::ApiKey& key) { key.clear_expires_at(); }, OfDates},
      {"two days", [](v1::ApiKey& key) { key.mutable_expires_at()->set_seconds(kNow + 2 * kDay); },
       OfDates},
      {"another clock",
       [](v1::ApiKey& key) {
         key.mutable_create_on()->set_seconds(kNow - 3600);
         key.mutable_expires_at()->set_seconds(kNow - 3600 + kDay);
       },
       OfDates},
      {"no creator", [](v1::ApiKey& key) { key.clear_create_by(); }, kCreator},
      {"raw name", [](v1::ApiKey& key) { key.mutable_create_by()->set_display_name("O'A"); },
       kCreator},
      {"relative", [](v1::ApiKey& key) { key.mutable_create_by()->set_profile_url("/a"); },
       kCreator}};
  for (const Row& row : rows) {
    v1::ApiKey key = Created();
    row.change(key);
    EXPECT_NE(row.check(key), "") << row.name;
    EXPECT_EQ(row.check(key).find(kDigits), std::string::npos) << row.name;
  }
}

TEST(KeyChecks, FindEachDifferenceOfALaterRead) {
  v1::ApiKey unmasked = Listed();
  unmasked.set_key(Created().key());
  EXPECT_NE(DifferenceOfListed(Created(), unmasked), "");
  v1::ApiKey inactive = Listed();
  inactive.set_is_active(false);
  EXPECT_NE(DifferenceOfListed(Created(), inactive), "");
  v1::ApiKey late = Listed();
  late.mutable_create_on()->set_seconds(kNow - 1);
  EXPECT_NE(DifferenceOfKeptDates(Created(), late), "");
}

TEST(KeyChecks, WantTheNewestFirst) {
  v1::GetApiKeysResponse list;
  list.add_api_keys()->mutable_create_on()->set_seconds(2);
  list.add_api_keys()->mutable_create_on()->set_seconds(2);
  list.add_api_keys()->mutable_create_on()->set_seconds(1);
  EXPECT_EQ(DifferenceOfOrder(list), "");
  list.add_api_keys()->mutable_create_on()->set_seconds(3);
  EXPECT_NE(DifferenceOfOrder(list), "");
}

TEST(KeyChecks, WantTheEnvelope) {
  v1::GetApiKeysResponse list;
  list.set_status(0);
  list.set_status_code(200);
  list.add_links()->set_action("GET");
  list.mutable_links(0)->set_href("https://portal.example/api/2.0/keys");
  EXPECT_EQ(DifferenceOfEnvelope(list), "");
  list.set_total(1);
  EXPECT_EQ(DifferenceOfEnvelope(list), "total is present");
  list.clear_total();
  list.clear_links();
  EXPECT_NE(DifferenceOfEnvelope(list), "");
}

TEST(FormOf, TellsWhatBecameOfAName) {
  const std::string name = "<&> é 🔑";
  EXPECT_EQ(FormOf(name, name), NameForm::kAsGiven);
  EXPECT_EQ(FormOf(name, "<&> é ?"), NameForm::kWithoutLongCharacters);
  EXPECT_EQ(FormOf(name, "&lt;&amp;&gt; &#233; &#128273;"), NameForm::kHtmlEncoded);
  EXPECT_EQ(FormOf(name, "&lt;&amp;&gt; é ?"), NameForm::kHtmlEncodedWithoutLongCharacters);
  EXPECT_EQ(FormOf(name, "<&> e"), NameForm::kOther);
}

TEST(PrecisionOf, IsThatOfTheDates) {
  EXPECT_EQ(PrecisionOf(Listed()), Precision::kSeconds);
  v1::ApiKey key = Listed();
  key.mutable_create_on()->set_nanos(123'456'000);
  EXPECT_EQ(PrecisionOf(key), Precision::kMicroseconds);
  EXPECT_EQ(PrecisionOf(Created()), Precision::kExact);
}

}  // namespace
}  // namespace docspace::apikeys::cli
