#include "client/cli/table.h"

#include <algorithm>
#include <cstddef>

#include "client/cli/terminal_text.h"

namespace docspace::apikeys::cli {
namespace {

std::string_view SequenceOf(Emphasis emphasis) {
  switch (emphasis) {
    case Emphasis::kNone:
      return "";
    case Emphasis::kStrong:
      return "\033[1m";
    case Emphasis::kGood:
      return "\033[32m";
    case Emphasis::kBad:
      return "\033[31m";
    case Emphasis::kFaint:
      return "\033[2m";
  }
  return "";
}

}  // namespace

std::string Paint(std::string_view text, Emphasis emphasis, bool colour) {
  if (!colour || emphasis == Emphasis::kNone || text.empty()) return std::string(text);
  return std::string(SequenceOf(emphasis)).append(text).append("\033[0m");
}

void PrintTable(const std::vector<Row>& rows, bool colour, std::ostream& out) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], DisplayWidth(Escape(row[column].text)));
    }
  }
  for (const Row& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string text = Escape(row[column].text);
      out << Paint(text, row[column].emphasis, colour);
      if (column + 1 < row.size()) out << std::string(widths[column] - DisplayWidth(text) + 2, ' ');
    }
    out << '\n';
  }
}

}  // namespace docspace::apikeys::cli
