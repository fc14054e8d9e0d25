#include "server/rpc/reflection.h"

#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/support/status_code_enum.h>

#include <string_view>

namespace docspace::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;
using grpc::reflection::v1alpha::FileDescriptorResponse;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

constexpr std::size_t kMaxName = 256;

void Refuse(grpc::StatusCode code, const std::string& message, ServerReflectionResponse& response) {
  response.mutable_error_response()->set_error_code(code);
  response.mutable_error_response()->set_error_message(message);
}

void RefuseName(const std::string& name, ServerReflectionResponse& response) {
  Refuse(grpc::StatusCode::NOT_FOUND,
         name.size() <= kMaxName ? name + " not found" : "the name is longer than any here",
         response);
}

// Appends the file and each file that it needs, each of them once.
void AppendFile(const FileDescriptor& file, std::set<const FileDescriptor*>& added,
                FileDescriptorResponse& files) {
  if (!added.insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  // CopyTo leaves these names out.
  file.CopyJsonNameTo(&proto);
  files.add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AppendFile(*file.dependency(i), added, files);
}

}  // namespace

Reflection::Reflection(const std::vector<std::string>& services) : services_(services) {
  for (const std::string& name : services_) {
    const ServiceDescriptor* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service != nullptr) Add(*service->file());
  }
}

void Reflection::Add(const FileDescriptor& file) {
  const auto [place, is_new] = files_.try_emplace(std::string(file.name()));
  if (!is_new) return;
  std::set<const FileDescriptor*> added;
  AppendFile(file, added, place->second);
  const Files& files = place->second;
  for (int i = 0; i < file.message_type_count(); ++i) AddMessage(*file.message_type(i), files);
  for (int i = 0; i < file.enum_type_count(); ++i) AddEnum(*file.enum_type(i), files);
  for (int i = 0; i < file.extension_count(); ++i) AddExtension(*file.extension(i), files);
  for (int i = 0; i < file.service_count(); ++i) {
    const ServiceDescriptor& service = *file.service(i);
    symbols_[service.full_name()] = &files;
    for (int j = 0; j < service.method_count(); ++j) {
      symbols_[service.method(j)->full_name()] = &files;
    }
  }
  for (int i = 0; i < file.dependency_count(); ++i) Add(*file.dependency(i));
}

void Reflection::AddMessage(const Descriptor& message, const Files& files) {
  symbols_[message.full_name()] = &files;
  extension_numbers_.try_emplace(message.full_name());
  for (int i = 0; i < message.field_count(); ++i) symbols_[message.field(i)->full_name()] = &files;
  for (int i = 0; i < message.oneof_decl_count(); ++i) {
    symbols_[message.oneof_decl(i)->full_name()] = &files;
  }
  for (int i = 0; i < message.nested_type_count(); ++i) AddMessage(*message.nested_type(i), files);
  for (int i = 0; i < message.enum_type_count(); ++i) AddEnum(*message.enum_type(i), files);
  for (int i = 0; i < message.extension_count(); ++i) AddExtension(*message.extension(i), files);
}

void Reflection::AddEnum(const EnumDescriptor& names, const Files& files) {
  symbols_[names.full_name()] = &files;
  for (int i = 0; i < names.value_count(); ++i) symbols_[names.value(i)->full_name()] = &files;
}

void Reflection::AddExtension(const FieldDescriptor& extension, const Files& files) {
  symbols_[extension.full_name()] = &files;
  const std::string type(extension.containing_type()->full_name());
  extensions_[{type, extension.number()}] = &files;
  extension_numbers_[type].insert(extension.number());
}

ServerReflectionResponse Reflection::Answer(const ServerReflectionRequest& request) const {
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  const auto answer = [&response](const Files* files, const std::string& name) {
    if (files == nullptr) return RefuseName(name, response);
    *response.mutable_file_descriptor_response() = *files;
  };
  const auto find = [](const auto& table, const auto& name) -> const Files* {
    const auto found = table.find(name);
    return found == table.end() ? nullptr : found->second;
  };
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename: {
      const auto found = files_.find(request.file_by_filename());
      answer(found == files_.end() ? nullptr : &found->second, request.file_by_filename());
      break;
    }
    case ServerReflectionRequest::kFileContainingSymbol:
      answer(find(symbols_, request.file_containing_symbol()), request.file_containing_symbol());
      break;
    case ServerReflectionRequest::kFileContainingExtension: {
      const auto& extension = request.file_containing_extension();
      answer(
          find(extensions_, Extension(extension.containing_type(), extension.extension_number())),
          extension.containing_type());
      break;
    }
    case ServerReflectionRequest::kAllExtensionNumbersOfType: {
      const std::string& type = request.all_extension_numbers_of_type();
      const auto found = extension_numbers_.find(type);
      if (found == extension_numbers_.end()) {
        RefuseName(type, response);
        break;
      }
      auto& numbers = *response.mutable_all_extension_numbers_response();
      numbers.set_base_type_name(type);
      for (const int number : found->second) numbers.add_extension_number(number);
      break;
    }
    case ServerReflectionRequest::kListServices:
      for (const std::string& service : services_) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      break;
    default:
      Refuse(grpc::StatusCode::INVALID_ARGUMENT, "the request names nothing", response);
  }
  return response;
}

}  // namespace docspace::gateway
