// Writes manual pages: the language of man(7).
#ifndef TOOLS_DOCS_ROFF_H_
#define TOOLS_DOCS_ROFF_H_

#include <string>
#include <string_view>

namespace docspace {

// ManualPage collects the text of one page. It takes plain text and escapes it.
class ManualPage {
 public:
  // `section` is the chapter of the manual: "8" for daemons. `title` is the line that whatis(1)
  // shows.
  ManualPage(std::string_view name, std::string_view section, std::string_view version,
             std::string_view title);

  void Section(std::string_view name);
  void Subsection(std::string_view name);
  void Paragraph(std::string_view text);
  // Adds an entry of a list: a term in bold, with what follows it in italics, and its explanation.
  void Entry(std::string_view term, std::string_view value, std::string_view text);
  // Adds lines that are shown as they are.
  void Verbatim(std::string_view lines);
  // Adds a text of --help. A line that ends with a colon is a heading for the lines that follow it
  // up to an empty line.
  void HelpText(std::string_view text);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace docspace

#endif  // TOOLS_DOCS_ROFF_H_
