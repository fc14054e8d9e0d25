// API keys as rows of a table.
#ifndef CLIENT_CLI_KEY_TABLE_H_
#define CLIENT_CLI_KEY_TABLE_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string_view>
#include <vector>

#include "client/cli/table.h"
#include "docspace/apikeys/v1/api_keys.pb.h"

namespace docspace::apikeys::cli {

// `fields`: what was asked of the portal; the other columns are left out, for an unset member means
// something (`never`) only if it was asked for. Empty: all columns. No rows where no column is
// left.

// A header, then a row per key.
std::vector<Row> KeyTable(const google::protobuf::RepeatedPtrField<v1::ApiKey>& keys,
                          std::string_view fields);

// A row per member: its name, its value.
std::vector<Row> KeyCard(const v1::ApiKey& key, std::string_view fields);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_KEY_TABLE_H_
