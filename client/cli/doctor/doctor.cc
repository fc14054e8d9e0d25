#include "client/cli/doctor/doctor.h"

#include <utility>

#include "client/cli/doctor/examination.h"
#include "client/cli/doctor/report.h"
#include "client/cli/error_report.h"
#include "client/cli/exit_code.h"
#include "client/cli/table.h"
#include "client/cli/terminal_text.h"

namespace docspace::apikeys::cli {

int RunDoctor(const std::shared_ptr<grpc::Channel>& channel, Credential credential,
              ClientOptions options, const std::function<int()>& stop, OutputFormat output,
              Console& console) {
  Examination examination(channel, std::move(credential), std::move(options), stop);
  if (const std::optional<Refusal> refusal = examination.Prepare()) {
    console.err << Paint("error:", Emphasis::kBad, console.ColoursErr())
                << " the examination was not started, and nothing was created: " << refusal->why
                << '\n';
    if (!refusal->error) return static_cast<int>(ExitCode::kInvalid);
    ReportError(*refusal->error, Access::kRead, "", console.ColoursErr(), console.err);
    return static_cast<int>(ExitCodeOf(*refusal->error, Access::kRead));
  }
  const Report report = examination.Run();
  PrintReport(report, output, console);
  for (const std::string& key : report.keys_left) {
    console.err << Paint("warning:", Emphasis::kBad, console.ColoursErr())
                << " delete this key, which expires within a day: " << Escape(key) << '\n';
  }
  return ExitStatusOf(report);
}

}  // namespace docspace::apikeys::cli
