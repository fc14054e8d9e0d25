// The option of protobuf's JSON printer whose name depends on the release.
#ifndef CLIENT_CLI_JSON_PRINT_DEFAULTS_H_
#define CLIENT_CLI_JSON_PRINT_DEFAULTS_H_

namespace docspace::apikeys::cli {

// Makes the printer print fields that have their default value. `Options` is
// google::protobuf::util::JsonPrintOptions; it is a parameter of the template, because only then
// `requires` can ask for a member. Protobuf 26 renamed the member, and 3.21 has only the old name.
template <typename Options>
void PrintDefaults(Options& options) {
  if constexpr (requires { options.always_print_fields_with_no_presence; }) {
    options.always_print_fields_with_no_presence = true;
  } else {
    options.always_print_primitive_fields = true;
  }
}

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_JSON_PRINT_DEFAULTS_H_
