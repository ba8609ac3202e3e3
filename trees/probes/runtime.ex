# Answers Lambda's events with Probe's, and each failure with an error.
defmodule MixApp.Runtime do
  use Task, restart: :permanent

  def start_link(_options), do: Task.start_link(&loop/0)

  defp loop do
    {headers, event} = request(:get, {url("next"), []})
    id = List.to_string(:proplists.get_value(~c"lambda-runtime-aws-request-id", headers))
    {path, answer} = answered(event)
    request(:post, {url(id <> path), [], ~c"application/json", answer})
    loop()
  end

  defp answered(event) do
    {"/response", IO.iodata_to_binary(Probe.handle(event, nil))}
  catch
    kind, reason ->
      said = Exception.format_banner(kind, reason, __STACKTRACE__) |> String.replace(~r/["\\\n]/, " ")
      {"/error", ~s({"errorType":"#{kind}","errorMessage":"#{said}"})}
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
