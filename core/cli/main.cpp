// SPDX-License-Identifier: Apache-2.0
// The `volley` command: reads the command line, calls one subcommand, turns errors into messages and exit codes.
#include <cli/commands.h>
#include <experiment/quantity.h>
#include <network/error.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <functional>
#include <new>

namespace volley::cli {

std::atomic<bool> stop = false, file_open = false;

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) {
    if (!file_open) _exit(interrupted);
    stop = true;
  };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

namespace {

constexpr auto teaching = R"(
Examples:
  volley run experiments/tutorial/1_one_neuron.yaml
  volley run brunel.yaml --set populations.E.size=1000 --seed 7 --output small.h5
  volley check brunel.yaml                 what it would build, without running it
  volley describe lif                      parameters, units, defaults, equations
  volley new neuron my_neuron              a folder with a model of your own that builds and runs

Exit codes: 0 done; 2 something in what you wrote (the message says where, and what would be right);
1 a bug of ours; 130 interrupted (the result file is closed properly and marked incomplete).
`volley COMMAND --help` explains one command.)";

void experiment_options(CLI::App& command, RunOptions& o) {
  command.add_option("EXPERIMENT", o.experiment, "Experiment file (YAML)")->required();
  command
      .add_option("--set", o.load.set,
                  "Override a leaf of the file, e.g. populations.E.size=100 or projections.0.weight='0.2 mV'; "
                  "may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  command
      .add_option_function<std::string>(  // by the file's own reader: CLI11 would clamp what does not fit
          "--seed",
          [&o](const std::string& text) {
            Node seed = Node::of(text);
            seed.where.file = "--seed";
            o.load.seed = read_seed(seed);
          },
          "Seed of all random numbers; overrides the file's")
      ->type_name("N");
  command.add_option("--threads", o.threads, "Threads (default: all cores); no result depends on it")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  command
      .add_option("--data", o.load.data,
                  "Folder searched for data files after the experiment's own; may be repeated "
                  "(then comes VOLLEY_DATA)")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

void run_options(CLI::App& command, RunOptions& o) {
  experiment_options(command, o);
  command.add_option("--output,-o", o.output, "Result file (default: results/<name of the experiment>.h5)")
      ->type_name("FILE");
  command.add_flag("--overwrite", o.overwrite, "Replace an existing result file");
  command.add_option("--stats", o.stats, "Write counts and times as JSON to FILE, or to standard output (-)")
      ->type_name("FILE|-");
  command.add_flag("--quiet,-q", o.quiet, "Print errors and warnings only");
  command.add_option("--isa", o.isa, "Instruction set of the vector kernels (default: the machine's best); "
                                     "equal levels give equal bits")
      ->type_name("LEVEL");
  command.footer("\nA file with `sweep:` runs its points side by side: one result file each (<name>-1.h5, ...) and a "
                 "table of them (<name>.csv).\nCtrl-C ends the run early and leaves a readable result file.");
}

// An option that does not exist, with the nearest one that does.
void explain_extra(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> options;
  for (const CLI::App* c : app.get_subcommands())
    for (const CLI::Option* o : c->get_options())
      for (const std::string& name : o->get_lnames()) options.push_back("--" + name);
  for (int k = 1; k < argc; ++k) {
    const std::string word(argv[k], std::strcspn(argv[k], "="));
    if (!word.starts_with("--") || std::find(options.begin(), options.end(), word) != options.end()) continue;
    const std::string near = nearest_name(word, options);
    if (!near.empty()) throw InputError(fmt::format("volley: '{}' is not an option; did you mean {}?", word, near));
  }
}

int dispatch(int argc, char** argv) {
  CLI::App app{"Exact, event-driven simulator of spiking neural networks: a YAML experiment in, an HDF5 file out.",
               "volley"};
  app.require_subcommand(1);
  app.footer(teaching);
  app.set_version_flag("--version", "volley " VOLLEY_VERSION);

  std::function<int()> action;
  const auto command = [&](const char* name, const char* what, auto act) {
    CLI::App* c = app.add_subcommand(name, what);
    c->callback([&action, act] { action = act; });
    return c;
  };

  RunOptions o;
  o.command.assign(argv, argv + argc);
  run_options(*command("run", "Run an experiment and write its result file", [&] { return run(o); }), o);
  experiment_options(*command("check", "Check an experiment and print what it would build; writes nothing",
                              [&] { return check(o); }), o);

  std::vector<std::string> plugins;
  const auto with_plugins = [&](CLI::App* c) {
    c->add_option("--plugin", plugins, "Shared library of further models; may be repeated")
        ->type_name("FILE")
        ->allow_extra_args(false);
    return c;
  };
  std::string kind, name;
  bool markdown = false;
  with_plugins(command("list", "List models: kind, name, fidelity of equations and defaults, what it is",
                       [&] { return list(kind, plugins); }))
      ->add_option("KIND", kind, "neuron, synapse, rule or stimulator (default: all)");
  CLI::App* d = with_plugins(command("describe", "Explain a model: equations, parameters with units, defaults, bounds",
                                     [&] { return describe(name, markdown, plugins); }));
  d->add_option("MODEL", name, "Name of a model, as `volley list` shows it")->required();
  d->add_flag("--markdown", markdown, "Print the manual's page");
  with_plugins(command("schema", "Print the JSON Schema of the experiment file, for editors",
                       [&] { return schema(plugins); }));
  CLI::App* n = command("new", "Write a folder with a model of your own that builds, and an experiment that tests it",
                        [&] { return new_model(kind, name); });
  n->add_option("KIND", kind, "neuron, synapse, rule or stimulator")->required();
  n->add_option("NAME", name, "Name of the model, in snake_case")->required();
  command("version", "Print the version and the plugin interface", version);

  if (argc > 1 && argv[1][0] != '-') {
    std::vector<std::string> names;
    for (const CLI::App* c : app.get_subcommands([](CLI::App*) { return true; })) names.push_back(c->get_name());
    if (std::find(names.begin(), names.end(), argv[1]) == names.end()) {
      const std::string near = nearest_name(argv[1], names);
      throw InputError(fmt::format("volley: '{}' is not a command; {}", argv[1],
                                   near.empty() ? fmt::format("there are: {}", fmt::join(names, ", "))
                                                : "did you mean " + near + "?"));
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& e) {
    explain_extra(app, argc, argv);
    return app.exit(e), users_input;
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? done : users_input;
  }
  return action();
}

}  // namespace
}  // namespace volley::cli

int main(int argc, char** argv) {
  using namespace volley;
  cli::catch_signals();
  try {
    return cli::dispatch(argc, argv);
  } catch (const InputError& e) {
    fmt::print(stderr, "{}\n", e.what());
    return cli::users_input;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "volley: not enough memory; `volley check EXPERIMENT` estimates the need\n");
    return cli::users_input;
  } catch (const std::exception& e) {
    fmt::print(stderr, "volley: internal error: {}\nThis is a bug of volley. Please report it with the experiment.\n",
               e.what());
    return cli::our_bug;
  }
}
