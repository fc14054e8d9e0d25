#include "client/cli/doctor/stop_signals.h"

#include <ctime>
#include <initializer_list>

namespace docspace::apikeys::cli {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, &mask_before_);
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignored, &on_closed_pipe_before_);
}

StopSignals::~StopSignals() {
  sigaction(SIGPIPE, &on_closed_pipe_before_, nullptr);
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

int StopSignals::Arrived() {
  const timespec no_time{};
  const int signal = sigtimedwait(&signals_, nullptr, &no_time);
  // Further signals are taken too, because each would end the process once the mask is restored.
  if (signal > 0 && arrived_ == 0) arrived_ = signal;
  return arrived_;
}

}  // namespace docspace::apikeys::cli
