defmodule MixApp.MixProject do
  use Mix.Project

  def project do
    [
      app: :mix_app,
      version: "1.0.0",
      start_permanent: true,
      # A random cookie would make every build another one.
      releases: [mix_app: [include_executables_for: [:unix], cookie: "not-a-secret"]]
    ]
  end

  def application do
    [mod: {MixApp, []}, extra_applications: [:logger, :inets, :ssl]]
  end
end
