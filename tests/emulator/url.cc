#include "tests/emulator/url.h"

#include <algorithm>
#include <charconv>

namespace docspace::emulator {

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* digits = text.data() + i + 1;
      if (std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
        decoded += static_cast<char>(value);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

std::string PercentEncoded(std::string_view url) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : url) {
    if (c > ' ' && c < 0x7F && c != '"') {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4U];
    encoded += kDigits[byte & 0xFU];
  }
  return encoded;
}

std::string PathOf(std::string_view target) {
  return PercentDecoded(target.substr(0, target.find('?')));
}

std::string QueryParameter(std::string_view target, std::string_view name) {
  std::string_view query = target;
  query.remove_prefix(std::min(query.find('?'), query.size()));
  while (!query.empty()) {
    query.remove_prefix(1);
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size());
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && PercentDecoded(pair.substr(0, equals)) == name) {
      std::string value(pair.substr(equals + 1));
      std::replace(value.begin(), value.end(), '+', ' ');
      return PercentDecoded(value);
    }
  }
  return {};
}

bool IsGuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash_due = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash_due
            ? text[i] != '-'
            : std::string_view("0123456789abcdefABCDEF").find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace docspace::emulator
