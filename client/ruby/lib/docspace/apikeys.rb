# frozen_string_literal: true

require "json"

require "grpc"

require "docspace/apikeys/credential"
require "docspace/apikeys/error"
require "docspace/apikeys/secret"
require "docspace/apikeys/target"
require "docspace/apikeys/v1/api_keys_services_pb"

module Docspace
  # The API keys of a DocSpace portal, through its gRPC gateway.
  module ApiKeys
    # gRPC repeats reads after UNAVAILABLE. It does not repeat writes, because it cannot tell whether an UNAVAILABLE
    # is the gateway's: see Error#safe_to_retry?.
    SERVICE_CONFIG = {
      loadBalancingConfig: [{ round_robin: {} }],
      methodConfig: [{
        name: %w[GetAllPermissions GetApiKey GetApiKeys].map do |method|
          { service: "docspace.apikeys.v1.ApiKeys", method: method }
        end,
        retryPolicy: {
          maxAttempts: 4,
          initialBackoff: "0.2s",
          maxBackoff: "5s",
          backoffMultiplier: 2,
          retryableStatusCodes: ["UNAVAILABLE"]
        }
      }]
    }.freeze
    private_constant :SERVICE_CONFIG

    CHANNEL_ARGUMENTS = {
      "grpc.service_config" => JSON.generate(SERVICE_CONFIG),
      # A service config from DNS could repeat writes.
      "grpc.service_config_disable_resolution" => 1,
      # A list of 10,000 keys is about twice gRPC's default limit.
      "grpc.max_receive_message_length" => 64 * 1024 * 1024
    }.freeze
    private_constant :CHANNEL_ARGUMENTS

    # Returns a stub of the generated service whose calls carry +credential+ and fail with Error. Keep it, and share
    # it between threads.
    #
    # target:: +host:port+, or any other target of gRPC, such as +dns:///gateway.example:50051+.
    # tls:: the authorities to trust and the certificate to present; by default the authorities of the gRPC library.
    # plaintext:: turns off encryption, of the credential too.
    # allow_remote_plaintext:: lets plaintext reach other machines. It is for networks that encrypt their traffic,
    #                          such as a service mesh. On other networks everyone on the path can read the
    #                          credential.
    # timeout:: the deadline in seconds of calls that have no +deadline+, retries included.
    #
    # Raises ArgumentError if both +tls+ and +plaintext+ are given, or if +plaintext+ would reach another machine.
    def self.connect(target, credential, tls: nil, plaintext: false, allow_remote_plaintext: false, timeout: 30)
      V1::ApiKeys::Stub.new(
        target,
        plaintext ? :this_channel_is_insecure : tls || GRPC::Core::ChannelCredentials.new,
        channel_args: plaintext ? plaintext_arguments(target, tls, allow_remote_plaintext) : CHANNEL_ARGUMENTS,
        timeout: timeout,
        interceptors: [Interceptor.new(credential)]
      )
    end

    def self.plaintext_arguments(target, tls, allow_remote_plaintext)
      raise ArgumentError, "tls and plaintext exclude each other" if tls
      # A proxy of the environment is another machine.
      return CHANNEL_ARGUMENTS.merge("grpc.enable_http_proxy" => 0) if Target.loopback?(target)
      return CHANNEL_ARGUMENTS if allow_remote_plaintext

      raise ArgumentError,
            "plaintext would show the credential to other machines: use TLS, or allow_remote_plaintext: true"
    end
    private_class_method :plaintext_arguments

    # Adds the credential, and turns errors of gRPC into Error.
    class Interceptor < GRPC::ClientInterceptor
      def initialize(credential)
        super()
        @credential = credential
      end

      def request_response(metadata:, **)
        metadata.merge!(@credential.metadata) if @credential
        yield
      rescue GRPC::BadStatus => e
        raise Error, e
      end
    end
    private_constant :Interceptor
  end
end
