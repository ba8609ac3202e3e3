# What a function does with Ruby and gems; prints one line for each.
require 'json'
require 'openssl'
require 'digest'
require 'net/http'
require 'time'
require 'set'
require 'csv'
require 'bigdecimal'
require 'zlib'
require 'socket'
require 'open3'
require 'erb'
require 'yaml'
require 'rexml/document'
require 'sinatra/base'
require 'rack'
require 'stringio'
require 'active_support/core_ext/string/inflections'
require 'active_support/core_ext/integer/time'
require 'aws-sdk-s3'
require 'nokogiri'

class App < Sinatra::Base
  set :environment, :production
  get('/hello/:name') { content_type :json; { hello: params[:name].titleize }.to_json }
end

FEATURES = {
  sinatra: -> { App.call(Rack::MockRequest.env_for('/hello/ada_lovelace'))[2].each.to_a.join },
  s3: -> { Aws::S3::Client.new(region: 'eu-central-1', credentials: Aws::Credentials.new('a', 'b'), stub_responses: true).list_buckets.buckets.length },
  nokogiri: -> { Nokogiri::HTML('<p>ä</p>').at('p').text },
  support: -> { 'person'.pluralize + 3.days.to_i.to_s },
  encodings: -> { 'ä日'.encode('UTF-16LE').bytesize + '日'.encode('Shift_JIS').bytesize },
  openssl: -> { OpenSSL::PKey::EC.generate('prime256v1').group.curve_name },
  digest: -> { Digest::SHA256.hexdigest('x')[0, 8] },
  http: -> { Net::HTTP.version_1_2? },
  csv: -> { CSV.parse("a,b\n1,2", headers: true).first.to_h },
  decimal: -> { (BigDecimal('1') / 7).round(9).to_s },
  zlib: -> { Zlib.inflate(Zlib.deflate('x')) },
  yaml: -> { YAML.load("a: [1, 2]").to_s },
  erb: -> { ERB.new('<%= 6 * 7 %>').result },
  rexml: -> { REXML::Document.new('<a>x</a>').root.text },
  process: -> { Open3.capture2(RbConfig.ruby, '-e', 'print 6 * 7').first },
  thread: -> { Thread.new { 42 }.value },
  ractor: -> { Fiber.new { 1 }.resume },
  error: -> { raise ArgumentError, 'raised' },
}
FEATURES.each do |name, feature|
  puts "#{name} #{feature.call}"
rescue ArgumentError => e
  puts "#{name} #{e.class} #{e.message}"
end
