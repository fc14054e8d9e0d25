// The configuration file: YAML whose keys are the flags' names without `--`.
#ifndef SERVER_CONFIG_CONFIG_FILE_H_
#define SERVER_CONFIG_CONFIG_FILE_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace docspace::gateway {

// What the file says of one setting, in the form that its flag takes.
struct FileValue {
  std::string value;
  // Counted from 1.
  int line = 0;
};

// Reads `path`, by name of setting. A list becomes its items joined by commas; a map, one
// `name=value` for each entry, where a value that is a map itself is its `url` and `;name=value`
// for each other member: `{acme: {url: https://10.0.0.7, host: docs.acme.example}}` is
// `acme=https://10.0.0.7;host=docs.acme.example`.
//
// INVALID_ARGUMENT, with the line, for what is no YAML, a key that is there twice, deeper nesting,
// more than 1 MiB; NOT_FOUND where the file cannot be read. Messages repeat no value.
absl::StatusOr<std::map<std::string, FileValue>> ReadConfigFile(const std::string& path);

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_CONFIG_FILE_H_
