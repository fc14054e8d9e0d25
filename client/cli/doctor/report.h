// The result of an examination of a portal.
#ifndef CLIENT_CLI_DOCTOR_REPORT_H_
#define CLIENT_CLI_DOCTOR_REPORT_H_

#include <string>
#include <vector>

#include "client/cli/command_line.h"
#include "client/cli/console.h"
#include "client/cli/exit_code.h"

namespace docspace::apikeys::cli {

// Report has no text that holds a secret.
struct Report {
  enum class Verdict {
    // The portal behaves as the contract says.
    kAgrees,
    kDiffers,
    // The check needs a call that was not made.
    kNotMade,
  };

  struct Check {
    std::string name;
    Verdict verdict = Verdict::kAgrees;
    // The observation that differs; empty for kAgrees.
    std::string detail;
  };

  // Adds a check that agrees if `difference` is empty.
  void Add(std::string name, std::string difference);
  void AddNotMade(std::string name, std::string why);

  std::size_t Count(Verdict verdict) const;

  // The generation of the portal's release; "unknown" with a reason if the signs contradict.
  std::string release = "unknown";
  // The precision and the characters that the portal's database keeps.
  std::string database = "unknown";
  // The limits that refused a call, or one line that says that none did.
  std::vector<std::string> limits;
  std::vector<Check> checks;
  // Ids of keys that could not be deleted again, or a line that says how to find them.
  std::vector<std::string> keys_left;
  // The signal that ended the examination early; 0: none.
  int signal = 0;
};

// Returns the exit status of the tool: 9 if a key may be left, else 128 and the signal that ended
// the examination, else 1 for a difference, else 8 for a check that was not made, else 0.
int ExitStatusOf(const Report& report);

// Prints the report to `console.out`, as a table for a person or as one object of JSON.
void PrintReport(const Report& report, OutputFormat format, Console& console);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_DOCTOR_REPORT_H_
