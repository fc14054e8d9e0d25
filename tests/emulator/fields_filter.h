// `?fields=id,createBy.displayName`: only those members of a response.
#ifndef TESTS_EMULATOR_FIELDS_FILTER_H_
#define TESTS_EMULATOR_FIELDS_FILTER_H_

#include <boost/json.hpp>
#include <string_view>

namespace docspace::emulator {

// Keeps of `value` what the comma-separated dotted paths name; in an array, of each element.
// A path names all that is below it. Values without members stay; so does everything where `fields`
// names nothing.
boost::json::value FilterFields(boost::json::value value, std::string_view fields);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_FIELDS_FILTER_H_
