# frozen_string_literal: true

require 'greeting'

def handler(event:, context:)
  raise 'no' if event['form'] == 'fail'
  exit!(3) if event['form'] == 'panic'
  sleep 3600 if event['form'] == 'sleep'
  puts Greeting::TEXT
  left = context.deadline_ms > Time.now.to_f * 1000
  { event: event, arn: context.invoked_function_arn, left: left }
end
