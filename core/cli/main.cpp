// SPDX-License-Identifier: Apache-2.0
// The `volley` command: reads the command line, calls one subcommand, turns errors into messages and exit codes.
#include <cli/commands.h>
#include <cli/usage.h>
#include <experiment/quantity.h>
#include <network/error.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
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

// An option (or argument) that the experiment file's own readers read, so that it is refused as a value of the file is.
CLI::Option* add(CLI::App& command, const std::string& names, const std::function<void(const Node&)>& read,
                 const std::string& what) {
  const std::string name = names.substr(0, names.find(','));
  const auto act = [read, name](const std::string& text) {
    Node n = Node::of(text);
    n.where.file = name;
    read(n);
  };
  return command.add_option_function<std::string>(names, act, what);
}

CLI::Option* add_file(CLI::App& command, const std::string& names, std::string& file, const std::string& what) {
  return add(command, names, [&file](const Node& n) { file = read_text(n, "the name of a file"); }, what);
}

void experiment_options(CLI::App& command, RunOptions& o) {
  add_file(command, "EXPERIMENT", o.experiment, "Experiment file (YAML)")->required();
  command
      .add_option("--set", o.load.set,
                  "Override a leaf of the file, e.g. populations.E.size=100 or projections.0.weight='0.2 mV'; "
                  "may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  add(command, "--seed", [&o](const Node& n) { o.load.seed = read_seed(n); },
      "Seed of all random numbers; overrides the file's")
      ->type_name("N");
  add(command, "--threads", [&o](const Node& n) { o.threads = static_cast<int>(read_integer(n, 1, 4096)); },
      "Threads, up to 4096 (default: all cores); no result depends on it")
      ->type_name("N");
  command
      .add_option("--data", o.load.data,
                  "Folder searched for data files after the experiment's own; may be repeated "
                  "(then comes VOLLEY_DATA)")
      ->type_name("DIR")
      ->allow_extra_args(false)
      ->each([](const std::string& folder) {
        std::error_code ignored;
        if (!std::filesystem::is_directory(folder, ignored))
          throw InputError(fmt::format("--data: found '{}'; the name of an existing folder is expected", folder));
      });
}

void run_options(CLI::App& command, RunOptions& o) {
  experiment_options(command, o);
  add_file(command, "--output,-o", o.output, "Result file (default: results/<name of the experiment>.h5)")
      ->type_name("FILE");
  command.add_flag("--overwrite", o.overwrite, "Replace an existing result file");
  add_file(command, "--weights", o.weights,
           "Begin with the weights that another run has trained: those of its best epoch, else the last")
      ->type_name("FILE");
  command.add_flag("--weights-partial", o.weights_partial,
                   "Take the weights that fit by name and shape, and draw the others");
  command.add_flag("--resume", o.resume, "Go on with the interrupted training of this result file (FILE.checkpoint)");
  add_file(command, "--stats", o.stats, "Write counts and times as JSON to FILE, or to standard output (-)")
      ->type_name("FILE|-");
  command.add_flag("--quiet,-q", o.quiet, "Print errors and warnings only");
  command.add_option("--isa", o.isa, "Instruction set of the vector kernels (default: the machine's best); "
                                     "equal levels give equal bits")
      ->type_name("LEVEL");
  command.footer("\nA file with `sweep:` runs its points side by side: one result file each (<name>-1.h5, ...) and a "
                 "table of them (<name>.csv).\nCtrl-C ends the run early and leaves a readable result file.");
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
      ->add_option("KIND", kind,
                   "neuron, synapse, rule, stimulator, loss, optimiser, modulator or learning_rule (default: all)");
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

  check_first_word(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e), done;  // --help, --version
    refuse(app, e);
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
