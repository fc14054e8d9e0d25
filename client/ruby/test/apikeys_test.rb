# frozen_string_literal: true

# The behaviour that no case of the contract suite shows.

require "json"
require "pp"
require "yaml"

require "minitest/autorun"

require "docspace/apikeys"

module AssertHidden
  # Nothing that prints or stores +hidden+ shows its value.
  def assert_hidden(hidden)
    hidden_in_array = [hidden, { hidden: hidden }]
    texts = [hidden.to_s, hidden.inspect, hidden_in_array.inspect, hidden.pretty_inspect, format("%s %p", hidden, hidden)]
    texts += hidden.instance_variables.map { |name| hidden.instance_variable_get(name).inspect }
    texts.each { |text| refute_includes text, "planted" }
    assert_raises(TypeError) { Marshal.dump(hidden_in_array) }
    assert_raises(TypeError) { YAML.dump(hidden_in_array) }
    assert_raises(TypeError) { JSON.generate(hidden_in_array) }
    assert_raises(TypeError) { hidden.as_json }
  end
end

class CredentialTest < Minitest::Test
  include AssertHidden

  Credential = Docspace::ApiKeys::Credential

  def test_becomes_the_metadata_that_the_gateway_takes
    assert_equal({ "apikeybearer" => "sk-0" }, Credential.api_key("sk-0").metadata)
    assert_equal({ "authorization" => "Bearer e30.e30." }, Credential.bearer("e30.e30.").metadata)
    assert_equal({ "authorization" => "Basic w6k6cMOkOnNz" }, Credential.basic("é", "pä:ss").metadata)
    assert_equal({ "asc_auth_key" => "0123" }, Credential.session_cookie("0123").metadata)
  end

  def test_refuses_what_could_not_travel
    ["", "sk-0\r\nx: y", "sk-0 ", "sk-0\n", "sk-é"].each do |bad|
      %i[api_key bearer session_cookie].each { |kind| assert_raises(ArgumentError) { Credential.send(kind, bad) } }
    end
    assert_raises(ArgumentError) { Credential.api_key("e30.e30.") }
    [%w[a:b c], ["a", ""], ["", "c"], ["a", "c\n"], ["a\u007f", "c"], ["a", "c" * 12 * 1024]].each do |pair|
      assert_raises(ArgumentError) { Credential.basic(*pair) }
    end
    assert_raises(ArgumentError) { Credential.session_cookie("a;b") }
    assert_raises(ArgumentError) { Credential.api_key("sk-#{"0" * 16 * 1024}") }
    assert_raises(ArgumentError) { Credential.bearer("0" * ((16 * 1024) - 6)) }
    assert Credential.bearer("0" * ((16 * 1024) - 7))
  end

  def test_is_not_shown
    assert_hidden Credential.api_key("sk-planted")
  end
end

class SecretTest < Minitest::Test
  include AssertHidden
  include Docspace::ApiKeys::V1

  def test_moves_out_of_the_answer
    created = CreateApiKeyResponse.new(api_key: ApiKey.new(id: "7", key: "sk-planted0123456789abcd"))
    secret = Docspace::ApiKeys.take_secret(created)
    assert_equal "sk-planted0123456789abcd", secret.reveal
    assert_hidden secret
    refute_includes created.inspect + created.to_json, "planted"
    assert_equal "sk-***abcd", created.api_key.key
    assert_empty Docspace::ApiKeys.take_secret(created).reveal
    assert_empty Docspace::ApiKeys.take_secret(CreateApiKeyResponse.new).reveal
  end
end

class ConnectTest < Minitest::Test
  LOOPBACK = %w[
    localhost:50051 LOCALHOST 127.0.0.1:50051 127.8.9.10 [::1]:50051 dns:localhost:50051 dns:///localhost:50051
    dns://192.0.2.53/localhost:1 ipv4:127.0.0.1:1,127.0.0.2:2 ipv6:[::1]:1 unix:/run/gateway.socket unix-abstract:gateway
  ].freeze
  REMOTE = %w[
    gateway.example:50051 192.0.2.1:50051 [2001:db8::1]:50051 0.0.0.0:50051 localhost.example:50051
    127.0.0.1.example:50051 dns:///gateway.example:50051 dns://localhost/gateway.example ipv4:127.0.0.1:1,192.0.2.1:1
    ipv4:192.0.2.1:1 dns:////localhost:1 xds:///localhost 127.0.0.1/0
  ].freeze

  class Gateway < Docspace::ApiKeys::V1::ApiKeys::Service
    def get_api_keys(_request, _call)
      Docspace::ApiKeys::V1::GetApiKeysResponse.new(count: 1)
    end
  end

  def connect(target, **options)
    Docspace::ApiKeys.connect(target, nil, **options)
  end

  def test_refuses_plaintext_to_another_machine
    LOOPBACK.each { |target| connect(target, plaintext: true) }
    ["", *REMOTE].each { |target| assert_raises(ArgumentError, target) { connect(target, plaintext: true) } }
    connect(REMOTE.first, plaintext: true, allow_remote_plaintext: true)
  end

  def test_refuses_tls_together_with_plaintext
    assert_raises(ArgumentError) { connect("localhost:1", tls: GRPC::Core::ChannelCredentials.new, plaintext: true) }
  end

  def test_sends_plaintext_for_this_machine_through_no_proxy
    ENV["http_proxy"] = "http://127.0.0.1:1"
    server = GRPC::RpcServer.new
    port = server.add_http2_port("127.0.0.1:0", :this_port_is_insecure)
    server.handle(Gateway)
    thread = Thread.new { server.run }
    server.wait_till_running
    keys = connect("127.0.0.1:#{port}", plaintext: true)
    assert_equal 1, keys.get_api_keys(Docspace::ApiKeys::V1::GetApiKeysRequest.new).count
  ensure
    ENV.delete("http_proxy")
    server.stop
    thread.join
  end
end

class ErrorTest < Minitest::Test
  Codes = GRPC::Core::StatusCodes

  def error(code, *details)
    status = Google::Rpc::Status.new(code: code, details: details.map { |each| Google::Protobuf::Any.pack(each) })
    metadata = { "grpc-status-details-bin" => Google::Rpc::Status.encode(status) }
    Docspace::ApiKeys::Error.new(GRPC::BadStatus.new(code, "because", metadata))
  end

  def info(reason, domain: Docspace::ApiKeys::Error::DOMAIN, **metadata)
    metadata = { "request_id" => "7", **metadata.transform_keys(&:to_s) }
    Google::Rpc::ErrorInfo.new(reason: reason, domain: domain, metadata: metadata)
  end

  def delay(seconds)
    Google::Rpc::RetryInfo.new(retry_delay: Google::Protobuf::Duration.new(seconds: seconds, nanos: 500_000_000))
  end

  def test_reads_all_that_the_gateway_says
    violation = Google::Rpc::BadRequest::FieldViolation.new(field: "name", description: "too long")
    bad = Google::Rpc::BadRequest.new(field_violations: [violation])
    over = Google::Rpc::QuotaFailure::Violation.new(subject: "user", description: "5 in 15 minutes")
    quota = Google::Rpc::QuotaFailure.new(violations: [over])
    error = error(Codes::INVALID_ARGUMENT, info("INVALID_REQUEST", http_status: "400"), bad, quota, delay(1))
    assert_equal "INVALID_ARGUMENT INVALID_REQUEST: because", error.message
    assert_equal "7", error.request_id
    assert_equal [%w[name too\ long]], error.field_violations.map(&:to_a)
    assert_equal [["user", "5 in 15 minutes"]], error.quota_violations.map(&:to_a)
    assert_equal 400, error.http_status
    assert_predicate error, :from_gateway?
    assert_equal 1.5, error.retry_delay
  end

  def test_passes_over_what_cannot_be_read
    bad = GRPC::BadStatus.new(Codes::NOT_FOUND, "no", { "grpc-status-details-bin" => "\xff" })
    assert_equal "", Docspace::ApiKeys::Error.new(bad).reason
    assert_equal "", Docspace::ApiKeys::Error.new(GRPC::BadStatus.new(Codes::NOT_FOUND, "no")).reason
  end

  def test_is_safe_to_retry_if_the_gateway_states_that_nothing_was_done
    [
      [true, error(Codes::UNAVAILABLE, info("UPSTREAM_UNREACHABLE"))],
      [true, error(Codes::RESOURCE_EXHAUSTED, info("RATE_LIMITED"), delay(0))],
      [true, error(Codes::RESOURCE_EXHAUSTED, info("RATE_LIMITED"))],
      [true, error(Codes::RESOURCE_EXHAUSTED, info("GATEWAY_OVERLOADED"))],
      [false, error(Codes::RESOURCE_EXHAUSTED)],
      [false, error(Codes::RESOURCE_EXHAUSTED, info("REQUEST_TOO_LARGE"))],
      [false, error(Codes::UNKNOWN, info("WRITE_OUTCOME_UNKNOWN"), delay(0))],
      [false, error(Codes::UNAVAILABLE)],
      [false, error(Codes::UNAVAILABLE, info("X", domain: "mesh.example"))]
    ].each { |safe, failed| assert_equal [safe, safe], [failed.safe_to_retry?, failed.known_not_applied?], failed.message }
  end

  def test_knows_whether_a_write_was_sent
    [
      [true, info("DEADLINE_EXCEEDED", write_sent: "false")],
      [false, info("DEADLINE_EXCEEDED", write_sent: "true")],
      [false, info("DEADLINE_EXCEEDED")],
      [false, info("DEADLINE_EXCEEDED", domain: "mesh.example", write_sent: "false")]
    ].each do |known, detail|
      failed = error(Codes::DEADLINE_EXCEEDED, detail)
      assert_equal [known, false], [failed.known_not_applied?, failed.safe_to_retry?]
    end
  end

  def test_has_no_http_status_without_three_digits
    ["", "4 2", "429\n", "99999"].each do |text|
      assert_equal 0, error(Codes::INTERNAL, info("X", http_status: text)).http_status
    end
  end

  def test_clamps_the_delay_of_the_gateway
    {
      [(2**63) - 1, (2**31) - 1] => 365 * 24 * 60 * 60, [-(2**63), 0] => nil, [1, -1] => nil, [0, 0] => 0
    }.each do |(seconds, nanos), expected|
      duration = Google::Protobuf::Duration.new(seconds: seconds, nanos: nanos)
      failed = error(Codes::UNAVAILABLE, Google::Rpc::RetryInfo.new(retry_delay: duration))
      expected.nil? ? assert_nil(failed.retry_delay) : assert_equal(expected, failed.retry_delay)
      assert_operator failed.backoff(1000), :>=, expected.to_i
    end
  end

  def test_backs_off_with_and_without_a_delay_of_the_gateway
    limited = error(Codes::RESOURCE_EXHAUSTED, info("RATE_LIMITED"))
    [
      [limited, 1, 0.5..1], [limited, 3, 2..4], [limited, 10_000, 15..30],
      [error(Codes::RESOURCE_EXHAUSTED, info("RATE_LIMITED"), delay(7)), 1, 7.5..7.7],
      [error(Codes::UNAVAILABLE, info("UPSTREAM_UNAVAILABLE")), 2, 0..0.4]
    ].each do |failed, attempts, expected|
      100.times { assert_includes expected, failed.backoff(attempts) }
    end
  end
end
