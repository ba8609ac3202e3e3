# A Lambda custom runtime: asks the Runtime API for events, hands each to the handler, posts what
# comes back. Events and answers stay JSON text, so that no JSON library is needed. The layer ships it
# compiled: what is a script is compiled at every start, which takes half of its CPU.
#
# For _HANDLER=hello.handle the handler is the module Hello, compiled into the function's ebin/, or the
# last module of the script hello.exs. Its handle(event, context) returns the answer as JSON (iodata).
# Without either the event is echoed.

defmodule LambdaRuntime.Echo do
  def handle(event, _context) do
    root_dir = LambdaRuntime.quoted(List.to_string(:code.root_dir()))
    otp = LambdaRuntime.quoted(List.to_string(:erlang.system_info(:otp_release)))
    elixir = LambdaRuntime.quoted(System.version())
    [~s({"event":), event, ~s(,"root_dir":), root_dir, ~s(,"elixir":), elixir, ~s(,"otp":), otp, ?}]
  end
end

defmodule LambdaRuntime do
  def main do
    {:ok, _} = Application.ensure_all_started(:elixir)
    {:ok, _} = Application.ensure_all_started(:inets)

    case attempt(&find_handler/0) do
      {:ok, handler} ->
        loop(handler)

      {:error, report} ->
        post("/init/error", report)
        System.halt(1)
    end
  end

  def quoted(text) do
    [?", String.replace(text, ~r/[\x00-\x1f"\\]/, fn <<c>> -> escape(c) end), ?"]
  end

  defp escape(c), do: "\\u" <> String.pad_leading(Integer.to_string(c, 16), 4, "0")

  defp find_handler do
    [name | function] = String.split(System.get_env("_HANDLER", ""), ".", parts: 2)
    function = String.to_atom(List.first(function) || "handle")

    case find_module(name, System.get_env("LAMBDA_TASK_ROOT", "/var/task")) do
      nil -> &LambdaRuntime.Echo.handle/2
      module -> &apply(module, function, [&1, &2])
    end
  end

  defp find_module("", _folder), do: nil

  defp find_module(name, folder) do
    module = Module.concat([Macro.camelize(name)])
    compiled = Path.join([folder, "ebin", "#{module}.beam"])
    script = Path.join(folder, name <> ".exs")

    cond do
      File.regular?(compiled) ->
        :code.add_patha(String.to_charlist(Path.dirname(compiled)))
        {:module, ^module} = Code.ensure_loaded(module)
        module

      File.regular?(script) ->
        {module, _code} = List.last(Code.require_file(script))
        module

      true ->
        nil
    end
  end

  defp loop(handler) do
    {context, event} = next()

    case attempt(fn -> IO.iodata_to_binary(handler.(event, context)) end) do
      {:ok, answer} -> post("/invocation/#{context.request_id}/response", answer)
      {:error, report} -> post("/invocation/#{context.request_id}/error", report)
    end

    loop(handler)
  end

  defp next do
    {headers, event} = request(:get, {url("/invocation/next"), []})
    header = fn name -> List.to_string(:proplists.get_value(name, headers, ~c"")) end
    System.put_env("_X_AMZN_TRACE_ID", header.(~c"lambda-runtime-trace-id"))

    context = %{
      request_id: header.(~c"lambda-runtime-aws-request-id"),
      deadline_ms: header.(~c"lambda-runtime-deadline-ms"),
      function_arn: header.(~c"lambda-runtime-invoked-function-arn")
    }

    {context, event}
  end

  defp attempt(work) do
    {:ok, work.()}
  catch
    kind, reason ->
      IO.puts(:stderr, Exception.format(kind, reason, __STACKTRACE__))
      {:error, report(kind, reason, __STACKTRACE__)}
  end

  defp report(kind, reason, stack) do
    {type, message} = describe(kind, Exception.normalize(kind, reason, stack))
    trace = Enum.map_intersperse(stack, ?,, &quoted(Exception.format_stacktrace_entry(&1)))
    message = [~s("errorType":), quoted(type), ~s(,"errorMessage":), quoted(message)]
    IO.iodata_to_binary([?{, message, ~s(,"stackTrace":[), trace, "]}"])
  end

  defp describe(:error, error), do: {inspect(error.__struct__), Exception.message(error)}
  defp describe(kind, reason), do: {Atom.to_string(kind), inspect(reason)}

  defp post(path, json) do
    request(:post, {url(path), error_type(path), ~c"application/json", json})
  end

  defp error_type(path) do
    if String.ends_with?(path, "/error"),
      do: [{~c"lambda-runtime-function-error-type", ~c"Unhandled"}],
      else: []
  end

  defp url(path) do
    ~c"http://#{System.fetch_env!("AWS_LAMBDA_RUNTIME_API")}/2018-06-01/runtime#{path}"
  end

  # The next event may be hours away, hence no timeout. Without `ssl: []` newer OTP looks for the
  # system's certificates even for plain HTTP, which needs public_key.
  defp request(method, request) do
    {:ok, {{_version, status, _text}, headers, body}} =
      :httpc.request(method, request, [timeout: :infinity, ssl: []], body_format: :binary)

    true = status in 200..299
    {headers, body}
  end
end
