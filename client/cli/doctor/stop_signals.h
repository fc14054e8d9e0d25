// Delays the signals that ask the process to end, so that it can first undo its changes.
#ifndef CLIENT_CLI_DOCTOR_STOP_SIGNALS_H_
#define CLIENT_CLI_DOCTOR_STOP_SIGNALS_H_

#include <csignal>

namespace docspace::apikeys::cli {

// While a StopSignals exists, SIGHUP, SIGINT and SIGTERM stay pending instead of ending the
// process, and a write to a closed pipe fails instead of ending it. Create it before the process
// has a second thread, because a thread inherits the mask of the one that starts it.
class StopSignals {
 public:
  StopSignals();
  // Restores the mask. A signal that is still pending then takes effect.
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Returns the signal that arrived first, or 0. Does not wait.
  int Arrived();

 private:
  sigset_t signals_{};
  sigset_t mask_before_{};
  struct sigaction on_closed_pipe_before_ {};
  int arrived_ = 0;
};

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_DOCTOR_STOP_SIGNALS_H_
