// The keys that an examination makes in a portal, and how they go again.
#ifndef CLIENT_CLI_DOCTOR_TEMPORARY_KEYS_H_
#define CLIENT_CLI_DOCTOR_TEMPORARY_KEYS_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/cpp/client.h"

namespace docspace::apikeys::cli {

// Every name of such a key begins so; eight random hexadecimal digits follow.
inline constexpr std::string_view kTemporaryKeyPrefix = "doctor-";

// Returns whether a key of that name is left over from an examination.
bool IsTemporaryKeyName(std::string_view name);

// The examination is over when RemoveAll has returned. If the process is killed before, a key stays
// behind that may read files only and expires within a day.
class TemporaryKeys {
 public:
  // `client` must outlive this object. `timer` measures and spends the time between the rounds of
  // RemoveAll.
  TemporaryKeys(const Client& client, RetryTimer timer);
  TemporaryKeys(const TemporaryKeys&) = delete;
  TemporaryKeys& operator=(const TemporaryKeys&) = delete;

  // `doctor-0123abcd`: the beginning of the name of each key of this examination.
  const std::string& tag() const { return tag_; }

  // Creates a key with permission to read files, for `days` days. Remembers it, even if the outcome
  // is not known.
  Result<v1::CreateApiKeyResponse> Create(const std::string& name, int days);

  // Deactivates and deletes the keys, and lists them again until none is left: a key that
  // authenticates a call at the moment of its deletion can come back, by a fault of the portal.
  // Returns what is left: ids, or a line that names the tag if the keys could not be listed. Does
  // nothing if no creation was tried.
  std::vector<std::string> RemoveAll();

 private:
  // What the portal still lists of them.
  Result<std::vector<std::string>> Remaining() const;

  const Client& client_;
  const RetryTimer timer_;
  const std::string tag_;
  std::set<std::string> ids_;
  bool was_tried_ = false;
  // A creation may still be under way in the portal.
  bool may_appear_ = false;
};

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_DOCTOR_TEMPORARY_KEYS_H_
