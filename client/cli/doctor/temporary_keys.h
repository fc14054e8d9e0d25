// The keys that an examination makes in a portal, and their removal.
#ifndef CLIENT_CLI_DOCTOR_TEMPORARY_KEYS_H_
#define CLIENT_CLI_DOCTOR_TEMPORARY_KEYS_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/cpp/client.h"

namespace docspace::apikeys::cli {

// The beginning of the name of every such key. Eight random hexadecimal digits follow.
inline constexpr std::string_view kTemporaryKeyPrefix = "doctor-";

// Returns whether a key of that name is left over from an examination.
bool IsTemporaryKeyName(std::string_view name);

// TemporaryKeys creates keys and removes them in RemoveAll. If the process is killed before that, a
// key remains that may only read files, and that expires within a day.
class TemporaryKeys {
 public:
  // `client` must outlive this object. `timer` provides the clock and the waits between the rounds
  // of RemoveAll.
  TemporaryKeys(const Client& client, RetryTimer timer);
  TemporaryKeys(const TemporaryKeys&) = delete;
  TemporaryKeys& operator=(const TemporaryKeys&) = delete;

  // Returns the beginning of the name of each key of this examination, such as `doctor-0123abcd`.
  const std::string& tag() const { return tag_; }

  // Creates a key with permission to read files, for `days` days. Remembers it, even if the outcome
  // is unknown.
  Result<v1::CreateApiKeyResponse> Create(const std::string& name, int days);

  // Deactivates and deletes the keys, and lists them again until none is left, because a key that
  // authenticates a call at the moment of its deletion can come back, by a defect of the portal.
  // Returns the rest: ids, or a line that names the tag if the keys could not be listed. Does
  // nothing if no creation was attempted.
  std::vector<std::string> RemoveAll();

 private:
  // Returns those of the keys that the portal still lists.
  Result<std::vector<std::string>> Remaining() const;

  const Client& client_;
  const RetryTimer timer_;
  const std::string tag_;
  std::set<std::string> ids_;
  bool was_tried_ = false;
  // True if a creation may still be in progress in the portal.
  bool may_appear_ = false;
};

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_DOCTOR_TEMPORARY_KEYS_H_
