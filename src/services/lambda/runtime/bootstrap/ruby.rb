# frozen_string_literal: true

# Starts AWS's runtime interface client, which is not part of nagare: ruby -I <its lib> ruby.rb <handler>

# The client opens its telemetry pipe again by name, which another user than the pipe's owner may not do. Without the
# pipe it writes to the standard output.
begin
  File.open("/proc/self/fd/#{ENV.fetch('_LAMBDA_TELEMETRY_LOG_FD')}", 'wb').close
  has_telemetry = true
rescue SystemCallError, KeyError
  ENV.delete('_LAMBDA_TELEMETRY_LOG_FD')
  has_telemetry = false
end

require 'aws_lambda_ric/bootstrap'

Bootstrap.bootstrap_telemetry_log_sink if has_telemetry
Bootstrap.bootstrap_handler
