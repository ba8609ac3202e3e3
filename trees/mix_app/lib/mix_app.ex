defmodule MixApp do
  use Application

  @impl true
  def start(_type, _args) do
    Supervisor.start_link([MixApp.Runtime], strategy: :one_for_one, name: MixApp.Supervisor)
  end
end
