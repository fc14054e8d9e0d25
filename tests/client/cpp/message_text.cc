#include "tests/client/cpp/message_text.h"

#include <google/protobuf/text_format.h>

#include <stdexcept>

namespace docspace::apikeys {

std::string MessageText(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  if (!printer.PrintToString(message, &text)) throw std::runtime_error("a message has no text");
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace docspace::apikeys
