# frozen_string_literal: true

# Lists, creates, updates and deletes a key: DOCSPACE_API_KEY=sk-… tour.rb HOST:PORT [NAME]
#
# DOCSPACE_CA_FILE names a file of authorities to trust instead of those of the gRPC library.

require "docspace/apikeys"

include Docspace::ApiKeys::V1

# Creates a key and returns its id, even if a response is lost.
def create(keys, name)
  attempts = 0
  begin
    attempts += 1
    request = CreateApiKeyRequest.new(name: name, permissions: ["files:read"], expires_in_days: 30)
    created = keys.create_api_key(request)
    # reveal is the only way to read the secret: pass it to the program that stores it.
    Docspace::ApiKeys.take_secret(created)
    puts "created #{name}"
    created.api_key.id
  rescue Docspace::ApiKeys::Error => e
    if e.reason == "WRITE_OUTCOME_UNKNOWN"
      # The key may exist, but its secret is lost.
      found = keys.get_api_keys(GetApiKeysRequest.new).api_keys.find { |key| key.name == name }
      if found
        puts "found #{name}"
        return found.id
      end
    elsif !e.safe_to_retry?
      raise
    end
    raise if attempts == 3

    sleep(e.backoff(attempts))
    retry
  end
end

# Deletes a key. For a key of another user, older portals return false and newer ones deny access.
def delete(keys, id)
  keys.delete_api_key(DeleteApiKeyRequest.new(key_id: id), deadline: Time.now + 5).deleted
rescue Docspace::ApiKeys::Error => e
  raise unless e.reason == "ACCESS_DENIED"

  false
end

def tour(keys, name)
  puts "#{keys.get_api_keys(GetApiKeysRequest.new).api_keys.size} keys"
  id = create(keys, name)
  puts "updated #{name}" if keys.update_api_key(UpdateApiKeyRequest.new(key_id: id, is_active: false)).updated
  puts delete(keys, id) ? "deleted #{name}" : "not deleted: another user's key"
end

def main(target, name = "Example")
  ca_file = ENV.fetch("DOCSPACE_CA_FILE", nil)
  tls = GRPC::Core::ChannelCredentials.new(ca_file && File.read(ca_file))
  credential = Docspace::ApiKeys::Credential.api_key(ENV.fetch("DOCSPACE_API_KEY"))
  tour(Docspace::ApiKeys.connect(target, credential, tls: tls), name)
rescue Docspace::ApiKeys::Error => e
  e.field_violations.each { |violation| warn "#{violation.field}: #{violation.description}" }
  warn "DOCSPACE_API_KEY is not accepted: renew it" if e.code == GRPC::Core::StatusCodes::UNAUTHENTICATED
  warn "#{e.message} (request #{e.request_id})"
  exit 1
end

main(*ARGV)
