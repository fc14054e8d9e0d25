# frozen_string_literal: true

# What no case of the contract suite shows.

require "minitest/autorun"

require "docspace/apikeys"

class CredentialTest < Minitest::Test
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
    assert_raises(ArgumentError) { Credential.basic("a:b", "c") }
  end

  def test_is_not_shown
    credential = Credential.api_key("sk-planted")
    refute_includes "#{credential} #{credential.inspect} #{[credential]}", "planted"
    assert_raises(TypeError) { Marshal.dump(credential) }
  end
end

class ErrorTest < Minitest::Test
  Codes = GRPC::Core::StatusCodes

  def error(code, *details)
    status = Google::Rpc::Status.new(code: code, details: details.map { |each| Google::Protobuf::Any.pack(each) })
    metadata = { "grpc-status-details-bin" => Google::Rpc::Status.encode(status) }
    Docspace::ApiKeys::Error.new(GRPC::BadStatus.new(code, "because", metadata))
  end

  def info(reason)
    Google::Rpc::ErrorInfo.new(
      reason: reason, domain: Docspace::ApiKeys::Error::DOMAIN, metadata: { "request_id" => "7" }
    )
  end

  def delay(seconds)
    Google::Rpc::RetryInfo.new(retry_delay: Google::Protobuf::Duration.new(seconds: seconds, nanos: 500_000_000))
  end

  def test_reads_all_that_the_gateway_says
    violation = Google::Rpc::BadRequest::FieldViolation.new(field: "name", description: "too long")
    bad = Google::Rpc::BadRequest.new(field_violations: [violation])
    error = error(Codes::INVALID_ARGUMENT, info("INVALID_REQUEST"), bad, delay(1))
    assert_equal "INVALID_ARGUMENT INVALID_REQUEST: because", error.message
    assert_equal "7", error.request_id
    assert_equal [%w[name too\ long]], error.field_violations.map(&:to_a)
    assert_equal 1.5, error.retry_delay
  end

  def test_passes_over_what_cannot_be_read
    bad = GRPC::BadStatus.new(Codes::NOT_FOUND, "no", { "grpc-status-details-bin" => "\xff" })
    assert_equal "", Docspace::ApiKeys::Error.new(bad).reason
    assert_equal "", Docspace::ApiKeys::Error.new(GRPC::BadStatus.new(Codes::NOT_FOUND, "no")).reason
  end

  def test_is_safe_to_retry_where_the_gateway_says_that_nothing_was_done
    assert_predicate error(Codes::UNAVAILABLE, info("UPSTREAM_UNREACHABLE")), :safe_to_retry?
    assert_predicate error(Codes::RESOURCE_EXHAUSTED, info("RATE_LIMITED"), delay(0)), :safe_to_retry?
    refute_predicate error(Codes::RESOURCE_EXHAUSTED, info("REQUEST_TOO_LARGE")), :safe_to_retry?
    refute_predicate error(Codes::UNKNOWN, info("WRITE_OUTCOME_UNKNOWN"), delay(0)), :safe_to_retry?
    refute_predicate error(Codes::UNAVAILABLE), :safe_to_retry?
  end
end
