# frozen_string_literal: true

require "ipaddr"

module Docspace
  module ApiKeys
    # Which of gRPC's targets cannot lead to another machine.
    module Target
      # Whether +target+ is a Unix socket, the name localhost, or loopback addresses only; false for every
      # form that this method does not know.
      def self.loopback?(target)
        scheme, rest = target.split(":", 2)
        case scheme
        when "unix", "unix-abstract" then !rest.nil?
        when "ipv4", "ipv6" then rest.to_s.split(",", -1).all? { |address| loopback_host?(address) }
        # dns:[//authority/]host[:port]
        when "dns" then loopback_host?(rest.to_s.sub(%r{\A//[^/]*/}, ""))
        else loopback_host?(target)
        end
      end

      def self.loopback_host?(endpoint)
        found = /\A(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:]*))(?::\d*)?\z/.match(endpoint)
        host = found ? found[:bracketed] || found[:plain] : endpoint
        return true if host.casecmp?("localhost")
        return false if host.include?("/")

        IPAddr.new(host).loopback?
      rescue IPAddr::Error
        false
      end
      private_class_method :loopback_host?
    end
    private_constant :Target
  end
end
