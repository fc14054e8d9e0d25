// API keys as rows of a table.
#ifndef CLIENT_CLI_KEY_TABLE_H_
#define CLIENT_CLI_KEY_TABLE_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string_view>
#include <vector>

#include "client/cli/table.h"
#include "docspace/apikeys/v1/api_keys.pb.h"

namespace docspace::apikeys::cli {

// `fields` are the members that the portal was asked for. Columns of other members are left out,
// because an unset member means something (`never`) only if it was requested. If `fields` is empty,
// there are all columns. If no column remains, there are no rows.

// Returns a header, and a row for each key.
std::vector<Row> KeyTable(const google::protobuf::RepeatedPtrField<v1::ApiKey>& keys,
                          std::string_view fields);

// Returns a row for each member: its name and its value.
std::vector<Row> KeyCard(const v1::ApiKey& key, std::string_view fields);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_KEY_TABLE_H_
