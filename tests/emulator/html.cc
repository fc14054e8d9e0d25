#include "tests/emulator/html.h"

#include <boost/beast/http.hpp>

#include "tests/emulator/utf8.h"

namespace docspace::emulator {
namespace {

// Returns the entity of a character, or an empty string if the character stays unchanged.
std::string Entity(char32_t character) {
  switch (character) {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '&':
      return "&amp;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      break;
  }
  const bool is_latin1 = character >= 0xA0 && character <= 0xFF;
  if (!is_latin1 && character <= 0xFFFF) return "";
  return "&#" + std::to_string(static_cast<std::uint32_t>(character)) + ";";
}

}  // namespace

std::string HtmlEncoded(std::string_view utf8) {
  std::string encoded;
  ForEachCharacter(utf8, [&](char32_t character, std::string_view bytes) {
    const std::string entity = Entity(character);
    encoded += entity.empty() ? bytes : entity;
  });
  return encoded;
}

std::string Reason(int status) {
  return std::string(boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status))));
}

std::string ProxyPage(int status, std::string_view explanation) {
  const std::string number = std::to_string(status) + " ";
  const std::string heading = number + Reason(status);
  const std::string title = explanation.empty() ? heading : number + std::string(explanation);
  std::string page = "<html>\r\n<head><title>" + title +
                     "</title></head>\r\n<body>\r\n<center><h1>" + heading + "</h1></center>\r\n";
  if (!explanation.empty()) page += "<center>" + std::string(explanation) + "</center>\r\n";
  return page + "<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n";
}

}  // namespace docspace::emulator
