#include "server/access/access_watch.h"

#include "server/log/event_log.h"

namespace docspace::gateway {

absl::StatusOr<std::unique_ptr<AccessWatch>> AccessWatch::Start(
    const Files& files, std::chrono::steady_clock::duration refresh,
    std::shared_ptr<spdlog::logger> logger) {
  std::unique_ptr<AccessWatch> watch(new AccessWatch(std::move(logger)));
  bool has_files = false;
  for (const auto& [name, of_portal] : files) {
    absl::StatusOr<http::AccessSecrets> first = ReadAccessFiles(of_portal);
    if (!first.ok()) return first.status();
    has_files = has_files || !of_portal.empty();
    watch->portals_.push_back(
        {.name = name,
         .files = of_portal,
         .complaint = "",
         .newest = std::make_shared<const http::AccessSecrets>(*std::move(first))});
  }
  if (has_files) {
    watch->thread_.emplace(refresh, [self = watch.get()] {
      for (Portal& portal : self->portals_) self->Refresh(portal);
    });
  }
  return watch;
}

AccessWatch::AccessWatch(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}

std::vector<http::AccessSecretsSource> AccessWatch::Sources() const {
  std::vector<http::AccessSecretsSource> sources;
  for (const Portal& portal : portals_) {
    if (portal.files.empty()) {
      sources.emplace_back();
    } else {
      sources.emplace_back([this, &portal] { return NewestOf(portal); });
    }
  }
  return sources;
}

std::shared_ptr<const http::AccessSecrets> AccessWatch::NewestOf(const Portal& portal) const {
  const std::lock_guard lock(mutex_);
  return portal.newest;
}

void AccessWatch::Reload() {
  if (thread_) thread_->RunNow();
}

void AccessWatch::Refresh(Portal& portal) {
  if (portal.files.empty()) return;
  absl::StatusOr<http::AccessSecrets> read = ReadAccessFiles(portal.files);
  if (!read.ok()) {
    std::string complaint(read.status().message());
    if (complaint == portal.complaint) return;
    portal.complaint = std::move(complaint);
    LogWarning(*logger_, "access_rejected",
               portal.complaint + "; the previous content stays in use for portal " + portal.name);
    return;
  }
  portal.complaint.clear();
  if (*read == *NewestOf(portal)) return;
  auto newer = std::make_shared<const http::AccessSecrets>(*std::move(read));
  {
    const std::lock_guard lock(mutex_);
    portal.newest = std::move(newer);
  }
  LogEvent(*logger_, "access_loaded", "the files of portal " + portal.name + " are in use");
}

}  // namespace docspace::gateway
