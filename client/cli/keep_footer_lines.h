// The lines of CLI11's footers, which newer releases break again.
#ifndef CLIENT_CLI_KEEP_FOOTER_LINES_H_
#define CLIENT_CLI_KEEP_FOOTER_LINES_H_

namespace docspace::apikeys::cli {

// Makes CLI11 print a footer as it is. CLI11 2.5 breaks its lines to a width of its own unless this
// is called; 2.1 has neither. `Formatter` is CLI::FormatterBase; it is a parameter of the template,
// because only then `requires` can ask for a member.
template <typename Formatter>
void KeepFooterLines(Formatter& formatter) {
  if constexpr (requires { formatter.enable_footer_formatting(false); }) {
    formatter.enable_footer_formatting(false);
  }
}

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_KEEP_FOOTER_LINES_H_
