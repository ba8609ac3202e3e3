defmodule MixApp.Runtime do
  # Answers Lambda's events one after the other; a crash ends the node, and Lambda starts it anew.
  use Task, restart: :permanent
  require Logger

  def start_link(_options), do: Task.start_link(&loop/0)

  defp loop do
    {headers, event} = request(:get, {url("next"), []})
    id = List.to_string(:proplists.get_value(~c"lambda-runtime-aws-request-id", headers))
    Logger.info("event #{id}")
    request(:post, {url(id <> "/response"), [], ~c"application/json", answer(event)})
    loop()
  end

  defp answer(event) do
    started = for {app, _title, _version} <- Application.started_applications(), do: app
    tls = if :ssl in started, do: Enum.join(:ssl.versions()[:available], " "), else: ""
    root_dir = List.to_string(:code.root_dir())
    ~s({"event":#{event},"root_dir":"#{root_dir}","tls":"#{tls}"})
  end

  defp url(path) do
    ~c"http://#{System.fetch_env!("AWS_LAMBDA_RUNTIME_API")}/2018-06-01/runtime/invocation/#{path}"
  end

  defp request(method, request) do
    {:ok, {{_version, status, _text}, headers, body}} =
      :httpc.request(method, request, [timeout: :infinity, ssl: []], body_format: :binary)

    true = status in 200..299
    {headers, body}
  end
end
