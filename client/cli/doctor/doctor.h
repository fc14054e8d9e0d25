// The command that examines the portal behind a gateway.
#ifndef CLIENT_CLI_DOCTOR_DOCTOR_H_
#define CLIENT_CLI_DOCTOR_DOCTOR_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>

#include "client/cli/command_line.h"
#include "client/cli/console.h"
#include "client/cpp/client.h"

namespace docspace::apikeys::cli {

// Examines the portal with `credential` and prints a report on `console.out`, or an error on
// `console.err` if the examination is not started because it could not clean up. Returns the exit
// status of the tool: that of the error or of the report, see ExitStatusOf. `options.timeout` is
// for each call. `stop` is the same as for Examination.
int RunDoctor(const std::shared_ptr<grpc::Channel>& channel, Credential credential,
              ClientOptions options, const std::function<int()>& stop, OutputFormat output,
              Console& console);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_DOCTOR_DOCTOR_H_
