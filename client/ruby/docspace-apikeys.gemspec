# frozen_string_literal: true

Gem::Specification.new do |gem|
  gem.name = "docspace-apikeys"
  gem.version = "0.1.0"
  gem.license = "Apache-2.0"
  gem.summary = "The API keys of an ONLYOFFICE DocSpace portal over gRPC"
  gem.description = "Lists, creates, changes and deletes the API keys of a portal, through the gRPC gateway of DocSpace ApiKeys."
  gem.authors = ["DocSpace ApiKeys"]
  gem.homepage = "https://docspace.dev/apikeys/"
  gem.metadata = { "rubygems_mfa_required" => "true" }
  gem.required_ruby_version = ">= 3.1"
  # With the generated code, which tools/clients/generate.sh makes.
  gem.files = Dir.chdir(__dir__) { Dir["lib/**/*.rb", "README.md", "LICENSE"].sort }
  # Protobuf 4 does not load what Debian's protoc generates.
  gem.add_runtime_dependency "google-protobuf", "~> 3.21"
  gem.add_runtime_dependency "googleapis-common-protos-types", "~> 1.4"
  gem.add_runtime_dependency "grpc", "~> 1.51"
end
