# frozen_string_literal: true

# The contract suite's runner for Ruby; tests/contract/README.md has the protocol.

require "json"

require "docspace/apikeys"

def credential_of(call)
  kind, value = call["credential"]&.first
  kind && Docspace::ApiKeys::Credential.public_send(kind, *value)
end

def transport_of(call)
  tls = call["tls"] or return { plaintext: true, allow_remote_plaintext: call["allow_remote_plaintext"] }
  contents = %w[ca_file private_key_file certificate_file].map { |name| tls[name] && File.read(tls[name]) }
  { tls: GRPC::Core::ChannelCredentials.new(*contents) }
end

def failure(error)
  {
    code: error.code_name,
    message: error.details,
    reason: error.reason,
    domain: error.domain,
    metadata: error.reason_metadata,
    field_violations: error.field_violations.map(&:to_h),
    retry_delay: error.retry_delay,
    request_id: error.request_id,
    quota_violations: error.quota_violations.map(&:to_h),
    http_status: error.http_status,
    from_gateway: error.from_gateway?,
    known_not_applied: error.known_not_applied?,
    safe_to_retry: error.safe_to_retry?,
    backoff: error.backoff(1).to_s
  }
end

def run(call)
  timeout = call["timeout_ms"] / 1000.0
  keys = Docspace::ApiKeys.connect(call["target"], credential_of(call), timeout: timeout, **transport_of(call))
  rpc = call["rpc"]
  request = Docspace::ApiKeys::V1.const_get("#{rpc}Request").decode_json(JSON.generate(call["request"]))
  response = keys.public_send(rpc.gsub(/(?<!^)[A-Z]/, '_\0').downcase, request, metadata: call["metadata"])
  { response: JSON.parse(response.to_json) }
rescue Docspace::ApiKeys::Error => e
  { error: failure(e) }
rescue ArgumentError => e
  { refused: e.message }
end

$stdout.sync = true
$stdin.each_line { |line| puts JSON.generate(run(JSON.parse(line))) }
