#include "tests/emulator/message.h"

#include <boost/beast/core/string.hpp>

namespace docspace::emulator {
namespace {

std::string First(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (boost::beast::iequals(header.name, name)) return header.value;
  }
  return {};
}

}  // namespace

std::vector<std::string> Request::All(std::string_view name) const {
  std::vector<std::string> values;
  for (const Header& header : headers) {
    if (boost::beast::iequals(header.name, name)) values.push_back(header.value);
  }
  return values;
}

std::string Request::Find(std::string_view name) const { return First(headers, name); }

std::string Response::Find(std::string_view name) const { return First(headers, name); }

}  // namespace docspace::emulator
