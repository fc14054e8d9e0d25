#include "tools/docs/roff.h"

#include <cctype>

namespace docspace {
namespace {

// Returns `text` so that no character of it is a command. A hyphen stays the ASCII character,
// because readers copy flags.
std::string Escape(std::string_view text) {
  std::string escaped;
  for (const char character : text) {
    const bool begins_line = escaped.empty() || escaped.back() == '\n';
    if (begins_line && (character == '.' || character == '\'')) escaped.append("\\&");
    if (character == '\\') {
      escaped.append("\\e");
    } else if (character == '-') {
      escaped.append("\\-");
    } else {
      escaped.push_back(character);
    }
  }
  return escaped;
}

std::string UpperCase(std::string_view text) {
  std::string upper;
  for (const unsigned char character : text) {
    upper.push_back(static_cast<char>(std::toupper(character)));
  }
  return upper;
}

// Removes the first line of `text` and returns it.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

ManualPage::ManualPage(std::string_view name, std::string_view section, std::string_view version,
                       std::string_view title) {
  // Without a date, so that the same source makes the same page.
  text_.append(".TH ").append(UpperCase(name)).append(" ").append(section);
  text_.append(" \"\" \"").append(name).append(" ").append(version).append("\"\n");
  Section("NAME");
  text_.append(Escape(name)).append(" \\- ").append(Escape(title)).append("\n");
}

void ManualPage::Section(std::string_view name) {
  text_.append(".SH ").append(Escape(name)).append("\n");
}

void ManualPage::Subsection(std::string_view name) {
  text_.append(".SS ").append(Escape(name)).append("\n");
}

void ManualPage::Paragraph(std::string_view text) {
  text_.append(".PP\n").append(Escape(text)).append("\n");
}

void ManualPage::Entry(std::string_view term, std::string_view value, std::string_view text) {
  text_.append(".TP\n\\fB").append(Escape(term)).append("\\fR");
  if (!value.empty()) text_.append(" \\fI").append(Escape(value)).append("\\fR");
  text_.append("\n").append(Escape(text)).append("\n");
}

void ManualPage::Verbatim(std::string_view lines) {
  text_.append(".nf\n").append(Escape(lines));
  if (!lines.ends_with('\n')) text_.append("\n");
  text_.append(".fi\n");
}

void ManualPage::HelpText(std::string_view text) {
  std::string lines;
  const auto flush = [&] {
    if (!lines.empty()) Verbatim(lines);
    lines.clear();
  };
  while (!text.empty()) {
    std::string_view line = TakeLine(text);
    if (line.ends_with(':')) {
      flush();
      line.remove_suffix(1);
      Subsection(line);
    } else if (!line.empty() || !lines.empty()) {
      lines.append(line).append("\n");
    }
  }
  flush();
}

}  // namespace docspace
