// The filter of a response's members: `?fields=id,createBy.displayName`.
#ifndef TESTS_EMULATOR_FIELDS_FILTER_H_
#define TESTS_EMULATOR_FIELDS_FILTER_H_

#include <boost/json.hpp>
#include <string_view>

namespace docspace::emulator {

// Returns only those members of `value`, or of each element if it is an array, that the
// comma-separated dotted paths name. A path includes everything below it. Values without members
// stay unchanged, and so does `value` if `fields` names nothing.
boost::json::value FilterFields(boost::json::value value, std::string_view fields);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_FIELDS_FILTER_H_
