// The configuration file: YAML whose keys are the flags' names without `--`.
#ifndef SERVER_CONFIG_CONFIG_FILE_H_
#define SERVER_CONFIG_CONFIG_FILE_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace docspace::gateway {

// The value of one setting in the file, in the form that its flag has.
struct FileValue {
  std::string value;
  // Counted from 1.
  int line = 0;
};

// Reads the file at `path` and returns its values by the names of settings. A list becomes its
// items, joined by commas. A map becomes one `name=value` for each entry. If such a value is itself
// a map, it becomes its `url` and `;name=value` for each other member: for example
// `{acme: {url: https://10.0.0.7, host: docs.acme.example}}` becomes
// `acme=https://10.0.0.7;host=docs.acme.example`.
//
// Returns INVALID_ARGUMENT, which names the line, if the file is not valid YAML, has a key twice,
// is nested more deeply or is larger than 1 MiB; NOT_FOUND if it cannot be read. A message repeats
// no value.
absl::StatusOr<std::map<std::string, FileValue>> ReadConfigFile(const std::string& path);

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_CONFIG_FILE_H_
