// Rows in aligned columns.
#ifndef CLIENT_CLI_TABLE_H_
#define CLIENT_CLI_TABLE_H_

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace docspace::apikeys::cli {

enum class Emphasis { kNone, kStrong, kGood, kBad, kFaint };

// Returns `text` in the colours of `emphasis`, or unchanged if `colour` is false.
std::string Paint(std::string_view text, Emphasis emphasis, bool colour);

struct Cell {
  // Any text. It is escaped when it is printed.
  std::string text;
  Emphasis emphasis = Emphasis::kNone;
};

using Row = std::vector<Cell>;

// Prints rows in columns that are as wide as their widest cell and two spaces apart; no line ends
// in spaces.
void PrintTable(const std::vector<Row>& rows, bool colour, std::ostream& out);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_TABLE_H_
