#include "tests/emulator/conditions.h"

#include <algorithm>
#include <boost/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace docspace::emulator {
namespace {

namespace json = boost::json;

constexpr std::pair<std::string_view, bool Conditions::*> kMembers[] = {
    {"restoring", &Conditions::restoring},
    {"addressRefused", &Conditions::address_refused},
    {"oauth2Down", &Conditions::oauth2_down},
    {"databaseDown", &Conditions::database_down},
    {"suspended", &Conditions::suspended},
    {"unpaid", &Conditions::unpaid},
    {"developerToolsLimited", &Conditions::developer_tools_limited},
    {"revocationUndone", &Conditions::revocation_undone},
};

}  // namespace

Conditions ParseConditions(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) throw std::invalid_argument("Conditions are a JSON object.");
  Conditions conditions;
  for (const auto& member : value.get_object()) {
    const auto* const named =
        std::ranges::find(kMembers, std::string_view(member.key()),
                          &std::pair<std::string_view, bool Conditions::*>::first);
    if (named == std::end(kMembers)) {
      throw std::invalid_argument(std::string(member.key()) + " is no condition");
    }
    if (!member.value().is_bool()) {
      throw std::invalid_argument(std::string(member.key()) + " is true or false");
    }
    conditions.*(named->second) = member.value().get_bool();
  }
  return conditions;
}

}  // namespace docspace::emulator
