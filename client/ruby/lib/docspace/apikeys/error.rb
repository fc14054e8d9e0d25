# frozen_string_literal: true

require "google/protobuf/well_known_types"
require "google/rpc/error_details_pb"
require "google/rpc/status_pb"
require "grpc"

module Docspace
  module ApiKeys
    # The error of a failed call, read from its +grpc-status-details-bin+. +code+, +details+ and +metadata+ are gRPC's.
    class Error < GRPC::BadStatus
      # The domain of the gateway's own errors.
      DOMAIN = "apikeys.docspace.onlyoffice.com"

      # A field that was refused, named as in the proto (+expires_in_days+), and the reason.
      FieldViolation = Struct.new(:field, :description)

      # A limit that was exceeded, and whom it applies to.
      QuotaViolation = Struct.new(:subject, :description)

      # RATE_LIMITED, KEY_NOT_FOUND, …; empty if gRPC itself made the error.
      attr_reader :reason
      # The domain of the reason: DOMAIN if the gateway made the error.
      attr_reader :domain
      # The metadata of the reason: +http_status+, +upstream_type+, … if they are known.
      attr_reader :reason_metadata
      attr_reader :field_violations
      # The limits that were exceeded.
      attr_reader :quota_violations
      # The least number of seconds to wait before another attempt; nil if the gateway states none.
      attr_reader :retry_delay

      def initialize(error)
        super(error.code, error.details, error.metadata)
        info = detail(Google::Rpc::ErrorInfo) || Google::Rpc::ErrorInfo.new
        @reason = info.reason
        @domain = info.domain
        @reason_metadata = info.metadata.to_h
        @field_violations = detail(Google::Rpc::BadRequest)&.field_violations.to_a.map do |violation|
          FieldViolation.new(violation.field, violation.description)
        end
        @quota_violations = detail(Google::Rpc::QuotaFailure)&.violations.to_a.map do |violation|
          QuotaViolation.new(violation.subject, violation.description)
        end
        @retry_delay = clamp(detail(Google::Rpc::RetryInfo)&.retry_delay)
      end

      # The name of the code in gRPC's specification: +NOT_FOUND+ for 5.
      def code_name
        GRPC::Core::StatusCodes.constants.find { |name| GRPC::Core::StatusCodes.const_get(name) == code }.to_s
      end

      def message
        "#{code_name} #{reason}: #{details}"
      end

      # The id of the call in the gateway's log; empty if it is not known.
      def request_id
        reason_metadata.fetch("request_id", "")
      end

      # The status of the portal's response to the gateway; 0 if there was none.
      def http_status
        text = reason_metadata.fetch("http_status", "")
        text.match?(/\A[0-9]{3}\z/) ? text.to_i : 0
      end

      # Whether the gateway made the error. If not, gRPC did, and the gateway may or may not have received the call.
      def from_gateway?
        domain == DOMAIN
      end

      # Whether the gateway has stated that the portal did not carry out the call: by UNAVAILABLE, by RATE_LIMITED
      # or GATEWAY_OVERLOADED, or by +write_sent+ "false" after a deadline or a cancellation. False means only that
      # nothing is known.
      def known_not_applied?
        safe_to_retry? || (from_gateway? && reason_metadata["write_sent"] == "false")
      end

      # Whether another attempt, of a write too, cannot act twice and may succeed, after +backoff+.
      def safe_to_retry?
        return false unless from_gateway?

        code == GRPC::Core::StatusCodes::UNAVAILABLE ||
          (code == GRPC::Core::StatusCodes::RESOURCE_EXHAUSTED && %w[RATE_LIMITED GATEWAY_OVERLOADED].include?(reason))
      end

      # The seconds to wait before the next attempt, after +attempts+ attempts: +retry_delay+ and a random part of a
      # time that doubles with each attempt, from 0.2 s to 30 s. Most rate limits of a portal state no delay: then
      # the time doubles from 1 s, and the wait is at least half of it.
      def backoff(attempts)
        limited = code == GRPC::Core::StatusCodes::RESOURCE_EXHAUSTED && retry_delay.nil?
        ceiling = [30.0, (limited ? 1.0 : 0.2) * (2**(attempts - 1).clamp(0, 16))].min
        limited ? ceiling * (1 + rand) / 2 : retry_delay.to_f + (ceiling * rand)
      end

      private

      # A message may hold any number: the limit is a year, and a negative delay is none.
      def clamp(delay)
        return if delay.nil? || delay.seconds.negative? || delay.nanos.negative?

        [delay.seconds + (delay.nanos / 1e9), 365 * 24 * 60 * 60].min
      end

      def detail(type)
        bytes = metadata["grpc-status-details-bin"] or return
        any = Google::Rpc::Status.decode(bytes).details.find { |each| each.is(type) }
        any&.unpack(type)
      rescue Google::Protobuf::ParseError
        nil # Code and message remain.
      end
    end
  end
end
