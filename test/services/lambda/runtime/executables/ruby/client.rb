# frozen_string_literal: true

# In the place of the gem aws_lambda_ric, lib/aws_lambda_ric/bootstrap.rb: what nagare calls, on the Runtime API.
require 'json'
require 'net/http'

module Bootstrap
  API = URI("http://#{ENV.fetch('AWS_LAMBDA_RUNTIME_API')}/2018-06-01/runtime/")
  Context = Struct.new(:invoked_function_arn, :deadline_ms)

  def self.bootstrap_telemetry_log_sink = nil

  def self.bootstrap_handler
    file, method = ARGV.fetch(0).split('.', 2)
    require file
    loop { answer(method) }
  end

  def self.answer(method)
    following = Net::HTTP.start(API.host, API.port, read_timeout: 3600) { |http| http.get("#{API.path}invocation/next") }
    id = following['Lambda-Runtime-Aws-Request-Id']
    context = Context.new(following['Lambda-Runtime-Invoked-Function-Arn'], following['Lambda-Runtime-Deadline-Ms'].to_i)
    begin
      result = Object.new.send(method, event: JSON.parse(following.body), context: context)
      post("invocation/#{id}/response", result)
    rescue StandardError => e
      post("invocation/#{id}/error", { errorType: "Function<#{e.class}>", errorMessage: e.message })
    end
  end

  def self.post(path, body)
    Net::HTTP.post(API + path, JSON.generate(body), 'Content-Type' => 'application/json')
  end
end
