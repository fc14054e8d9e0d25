# frozen_string_literal: true

require "docspace/apikeys/hidden"

module Docspace
  module ApiKeys
    # The credential of a call, of one of the four kinds that a DocSpace portal accepts. No method that prints it
    # shows its value; Marshal, YAML and JSON refuse it.
    #
    # The methods raise an ArgumentError, which does not repeat the value, for an empty value, for one whose
    # metadata entry is longer than 16 KiB, and for a token with any other characters than visible ASCII.
    class Credential
      include Hidden

      # The greatest number of bytes that the gateway accepts in a credential's metadata entry.
      LIMIT = 16 * 1024
      private_constant :LIMIT

      private_class_method :new

      # An API key, +sk-…+.
      def self.api_key(key)
        raise ArgumentError, "an API key begins with sk-" unless key.start_with?("sk-")

        new("apikeybearer", token(key))
      end

      # A JWT, an OAuth 2.0 access token or an OpenID Connect token, without a scheme word.
      def self.bearer(bearer)
        new("authorization", "Bearer #{token(bearer)}")
      end

      # A user's email and password. Refuses control characters, and a colon in the email.
      def self.basic(email, password)
        if email.empty? || email.include?(":") || password.empty?
          raise ArgumentError, "Basic needs an email without a colon, and a password"
        end

        if "#{email}#{password}".match?(/[\x00-\x1f\x7f]/)
          raise ArgumentError, "the email or the password contains a control character"
        end

        new("authorization", "Basic #{["#{email}:#{password}"].pack("m0")}")
      end

      # The value of the portal's +asc_auth_key+ cookie. Refuses a semicolon.
      def self.session_cookie(cookie)
        raise ArgumentError, "the session token contains a semicolon" if cookie.include?(";")

        new("asc_auth_key", token(cookie))
      end

      def self.token(text)
        unless text.match?(/\A[!-~]+\z/)
          raise ArgumentError, "a token consists of visible ASCII characters, at least one"
        end

        text
      end
      private_class_method :token

      def initialize(name, value)
        raise ArgumentError, "the credential is longer than 16 KiB" if value.bytesize > LIMIT

        @name = name
        hide(value)
      end

      # The metadata entry that carries the credential: the only way to its value.
      def metadata
        { @name => @reveal.call }
      end

      def inspect
        "#<#{self.class} #{@name}>"
      end
    end
  end
end
