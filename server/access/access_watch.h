// Watches for access files that are replaced on disk while the gateway runs.
#ifndef SERVER_ACCESS_ACCESS_WATCH_H_
#define SERVER_ACCESS_ACCESS_WATCH_H_

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/access/access_files.h"
#include "server/base/repeating_thread.h"
#include "server/http/access_secrets.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// AccessWatch reads the access files of all portals again at each interval, on a thread of its own.
// A portal whose files are valid gets their new content; otherwise the previous one stays in use.
// Without any files there is no thread. Thread-safe.
class AccessWatch {
 public:
  // The files of each portal, with its name.
  using Files = std::vector<std::pair<std::string, AccessFiles>>;

  // Reads the files for the first time, and returns a running watch. Returns INVALID_ARGUMENT, with
  // the name of the file and the line, if one cannot be used.
  //
  // Each replacement is an event `access_loaded` in the log. Files that cannot be used are an event
  // `access_rejected`, logged once for each reason.
  static absl::StatusOr<std::unique_ptr<AccessWatch>> Start(
      const Files& files, std::chrono::steady_clock::duration refresh,
      std::shared_ptr<spdlog::logger> logger);

  AccessWatch(const AccessWatch&) = delete;
  AccessWatch& operator=(const AccessWatch&) = delete;

  // Returns a source for each portal, in the order of the files; null for a portal without files.
  // This object must outlive the sources.
  std::vector<http::AccessSecretsSource> Sources() const;

  // Makes the thread read the files again now. Does not block.
  void Reload();

 private:
  struct Portal {
    std::string name;
    AccessFiles files;
    // The last logged reason why the files cannot be used; empty when they can.
    std::string complaint;
    std::shared_ptr<const http::AccessSecrets> newest;
  };

  explicit AccessWatch(std::shared_ptr<spdlog::logger> logger);

  std::shared_ptr<const http::AccessSecrets> NewestOf(const Portal& portal) const;
  void Refresh(Portal& portal);

  const std::shared_ptr<spdlog::logger> logger_;
  // Guards `newest` of each portal. The other members are used by one thread only.
  mutable std::mutex mutex_;
  std::list<Portal> portals_;
  // The last member, so that it ends before the others are destroyed.
  std::optional<RepeatingThread> thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_ACCESS_ACCESS_WATCH_H_
