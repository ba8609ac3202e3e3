# What a function does with Erlang's and Elixir's own libraries; prints one line for each.
{:ok, _} = Application.ensure_all_started(:crypto)
{:ok, _} = Application.ensure_all_started(:ssl)
{:ok, _} = Application.ensure_all_started(:inets)
require Logger

features = [
  enum: fn -> 1..100 |> Enum.filter(&(rem(&1, 3) == 0)) |> Enum.sum() end,
  strings: fn -> String.upcase("straße") <> String.normalize("é", :nfd) end,
  regex: fn -> Regex.run(~r/(\d+)-(\d+)/, "a12-34") end,
  dates: fn -> Date.add(~D[2026-02-28], 1) |> to_string() end,
  json: fn -> :json.encode(%{a: [1, 2.5, nil]}) |> IO.iodata_to_binary() end,
  ets: fn -> t = :ets.new(:t, [:set]); :ets.insert(t, {1, 2}); :ets.lookup(t, 1) end,
  process: fn -> Task.async(fn -> 42 end) |> Task.await() end,
  agent: fn -> {:ok, a} = Agent.start_link(fn -> 1 end); Agent.get(a, & &1) end,
  registry: fn -> {:ok, _} = Registry.start_link(keys: :unique, name: R); Registry.count(R) end,
  crypto: fn -> :crypto.hash(:sha256, "x") |> Base.encode16() end,
  tls: fn -> length(:ssl.cipher_suites(:default, :"tlsv1.3")) > 0 end,
  key: fn -> :public_key.generate_key({:namedCurve, :secp256r1}) |> elem(0) end,
  http: fn -> :httpc.request(:get, {~c"http://127.0.0.1:1/", []}, [ssl: [verify: :verify_none]], []) |> elem(0) end,
  uri: fn -> URI.parse("https://a.b/c?d=1").host end,
  packed: fn -> :zlib.gunzip(:zlib.gzip("x")) end,
  files: fn -> File.write!("/tmp/x", "y"); File.read!("/tmp/x") end,
  port: fn -> System.cmd("/bin/echo", ["six"]) |> elem(0) end,
  code: fn -> Code.eval_string("6 * 7") |> elem(0) end,
  module: fn -> defmodule M do def f, do: 1 end; M.f() end,
  stream: fn -> Stream.iterate(1, &(&1 * 2)) |> Enum.take(5) end,
  calendar: fn -> DateTime.from_unix!(0) |> DateTime.to_iso8601() end,
  logger: fn -> Logger.level() end,
  float: fn -> Float.round(1 / 7, 5) end,
  digraph: fn -> g = :digraph.new(); :digraph.add_vertex(g, 1); :digraph.no_vertices(g) end,
  rand: fn -> :rand.uniform(1) end,
  error: fn -> raise ArgumentError, "raised" end
]

for {name, feature} <- features do
  said =
    try do
      inspect(feature.())
    rescue
      error in ArgumentError -> Exception.message(error)
    end

  IO.puts("#{name} #{said}")
end
