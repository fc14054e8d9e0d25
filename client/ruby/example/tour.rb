# frozen_string_literal: true

# Lists, creates, updates and deletes a key: DOCSPACE_API_KEY=sk-… tour.rb HOST:PORT [NAME]
#
# DOCSPACE_CA_FILE: the authorities to trust, instead of those that gRPC brings.

require "docspace/apikeys"

include Docspace::ApiKeys::V1

# Creates a key and returns its id, whatever befalls.
def create(keys, name)
  tries = 0
  begin
    tries += 1
    request = CreateApiKeyRequest.new(name: name, permissions: ["files:read"], expires_in_days: 30)
    created = keys.create_api_key(request)
    puts "created #{name}" # The secret, created.api_key.key, is never to be printed.
    created.api_key.id
  rescue Docspace::ApiKeys::Error => e
    if e.reason == "WRITE_OUTCOME_UNKNOWN"
      # Perhaps the key is there, but nobody will ever learn its secret.
      found = keys.get_api_keys(GetApiKeysRequest.new).api_keys.find { |key| key.name == name }
      if found
        puts "found #{name}"
        return found.id
      end
    elsif !e.safe_to_retry?
      raise
    end
    raise if tries == 3

    sleep(e.retry_delay || 0)
    retry
  end
end

def tour(keys, name)
  puts "#{keys.get_api_keys(GetApiKeysRequest.new).api_keys.size} keys"
  id = create(keys, name)
  puts "updated #{name}" if keys.update_api_key(UpdateApiKeyRequest.new(key_id: id, is_active: false)).updated
  deleted = keys.delete_api_key(DeleteApiKeyRequest.new(key_id: id), deadline: Time.now + 5).deleted
  puts "deleted #{name}" if deleted
end

begin
  target, name = ARGV
  ca_file = ENV.fetch("DOCSPACE_CA_FILE", nil)
  tls = GRPC::Core::ChannelCredentials.new(ca_file && File.read(ca_file))
  credential = Docspace::ApiKeys::Credential.api_key(ENV.fetch("DOCSPACE_API_KEY"))
  tour(Docspace::ApiKeys.connect(target, credential, tls: tls), name || "Example")
rescue Docspace::ApiKeys::Error => e
  e.field_violations.each { |violation| warn "#{violation.field}: #{violation.description}" }
  warn "DOCSPACE_API_KEY is not accepted: renew it" if e.code == GRPC::Core::StatusCodes::UNAUTHENTICATED
  warn "#{e.message} (request #{e.request_id})"
  exit 1
end
