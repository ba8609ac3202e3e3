# Uses (use_), wrong uses (bad_) and features beside (new_) of OTP and Elixir, one an event.
defmodule Probe do
  require Logger

  def handle(event, _context), do: [?", Base.encode16(inspect(ask(named(event)))), ?"]

  defp named(event), do: event |> String.split("\"") |> Enum.at(3)
  defp ask(name), do: apply(__MODULE__, String.to_existing_atom(name), [])
  defp late(value), do: :erlang.binary_to_term(:erlang.term_to_binary(value))

  def use_text, do: Regex.replace(~r/(\w+) (\w+)/u, String.upcase("straße eins"), "\\2 \\1")
  def use_numbers, do: 1..10 |> Enum.map(&(&1 * &1)) |> Enum.chunk_every(3) |> Enum.map(&Enum.sum/1)
  def use_time, do: 1_700_000_000 |> DateTime.from_unix!() |> DateTime.to_iso8601()

  def use_state do
    {:ok, agent} = Agent.start_link(fn -> %{count: 1} end)
    Agent.update(agent, &Map.update!(&1, :count, fn count -> count + 1 end))
    Agent.get(agent, & &1)
  end

  def bad_integer, do: String.to_integer(late("x"))
  def bad_key, do: Map.fetch!(late(%{}), :missing)
  def bad_match, do: {:ok, _} = late({:error, "no"})
  def bad_function, do: apply(String, late(:nothing), ["x"])
  def bad_expression, do: Regex.compile!(late("("))
  def bad_time, do: DateTime.from_unix!(late("yesterday"))
  def bad_agent, do: Agent.get(late(:nobody), & &1)
  def bad_sum, do: 1 + late(:one)
  def bad_process, do: GenServer.call(late(:nobody), :ask)
  def bad_text, do: String.to_existing_atom(late("never_seen_before_here"))

  def new_hash, do: :crypto.hash(:sha256, "text")
  def new_versions, do: :ssl.versions()[:supported]
  def new_xml, do: :xmerl_scan.string(~c"<a><b/></a>") |> elem(0) |> elem(1)
  def new_zip, do: "text" |> :zlib.gzip() |> :zlib.gunzip()
  def new_template, do: EEx.eval_string("<%= 1 + 1 %>")
  def new_tasks, do: 1..3 |> Task.async_stream(&(&1 * 2)) |> Enum.to_list()
  def new_code, do: Code.eval_string("Enum.sum([1, 2])") |> elem(0)
  def new_random, do: :rand.uniform_s(100, :rand.seed_s(:exsss, 7)) |> elem(0)

  def new_table do
    {:ok, table} = :dets.open_file(:probe, file: ~c"/tmp/probe.dets")
    :dets.insert(table, {:a, 1})
    :dets.lookup(table, :a)
  end

  def new_calendar, do: Calendar.strftime(~D[2026-07-01], "%A %-d %B")
end
