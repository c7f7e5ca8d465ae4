// SPDX-License-Identifier: Apache-2.0
// `connect` between whole layers: dense, conv2d, avg_pool and sum_pool.
#include <experiment/sections.h>

#include <fmt/format.h>

namespace volley {

std::string text_of(const LayerShape& g) { return fmt::format("{} x {} x {}", g.channels, g.height, g.width); }

namespace {

// One number for rows and columns, or [of rows, of columns].
std::array<std::size_t, 2> read_sides(const Node& n, std::int64_t least) {
  const auto side = [&](const Node& x) { return static_cast<std::size_t>(read_integer(x, least, 10'000)); };
  if (!n.list()) return {side(n), side(n)};
  if (n.items.size() != 2)
    throw InputError(n.where, fmt::format("found {} numbers; one is expected, or [of rows, of columns]",
                                          n.items.size()));
  return {side(n.items[0]), side(n.items[1])};
}

void read_patches(const Scope& scope, const Node& n, const Choice& choice, View from, View to, Connect& c,
                  Node& resolved) {
  const PopulationSpec& source = scope.experiment.populations[from.population];
  const PopulationSpec& target = scope.experiment.populations[to.population];
  const bool convolves = choice.name == "conv2d";
  Node none;
  none.where = n.where;
  std::vector<std::string_view> known{"kernel", "stride", "padding"};
  if (convolves) known.push_back("channels");
  const Keys keys(choice.parameters ? *choice.parameters : none, choice.name, known);
  const auto kernel = read_sides(keys.at("kernel", "such as 3, or [3, 5]"), 1);
  const Node* stride_node = keys.find("stride");
  const Node* padding_node = keys.find("padding");
  const auto stride = stride_node ? read_sides(*stride_node, 1)
                                  : convolves ? std::array<std::size_t, 2>{1, 1} : kernel;
  const auto padding = padding_node ? read_sides(*padding_node, 0) : std::array<std::size_t, 2>{0, 0};
  if (source.shape == LayerShape{})
    throw InputError(n.where, fmt::format("{} has no channels, rows and columns; write its size as [channels, height, "
                                          "width], or [height, width]", source.name));
  std::size_t channels = source.shape.channels;
  if (convolves) {
    channels = target.shape.channels;
    if (const Node* own = keys.find("channels")) channels = static_cast<std::size_t>(read_integer(*own, 1, 1'000'000));
    if (channels == 0)
      throw InputError(n.where, fmt::format("conv2d needs `channels`, or the size of {} as [channels, height, width]",
                                            target.name));
  }
  const Patches p{source.shape, channels, {source.shape.height, kernel[0], stride[0], padding[0]},
                  {source.shape.width, kernel[1], stride[1], padding[1]}};
  const std::string what = fmt::format("kernel {} x {}, stride {} x {}, padding {} x {}", kernel[0], kernel[1],
                                       stride[0], stride[1], padding[0], padding[1]);
  if (p.to().size() == 0)
    throw InputError(n.where, fmt::format("{} is {}, which is too small for {}", source.name, text_of(source.shape),
                                          what));
  const bool shaped = target.shape != LayerShape{};
  if (shaped ? target.shape != p.to() : target.size != p.to().size())
    throw InputError(n.where, fmt::format("{} is {}, which {} makes {}; {} is {}", source.name, text_of(source.shape),
                                          what, text_of(p.to()), target.name,
                                          shaped ? text_of(target.shape) : fmt::format("{} units", target.size)));
  c.patches = p;
  c.rule = convolves ? Connect::Rule::conv2d : Connect::Rule::pool;
  if (!convolves) c.pooled = choice.name == "avg_pool" ? 1.0 / static_cast<double>(p.kernel()) : 1.0;
  Node out;
  out.kind = Node::Kind::map;
  for (const auto& [key, sides] : {std::pair{"kernel", kernel}, {"stride", stride}, {"padding", padding}}) {
    out[key].kind = Node::Kind::list;
    for (const std::size_t side : sides) out[key].items.push_back(Node::of(std::to_string(side)));
  }
  if (convolves) out["channels"] = Node::of(std::to_string(channels));
  resolved = Node::map_of(choice.name, out);
}

}  // namespace

Connect read_layer_connect(const Scope& scope, const Node& n, const Choice& choice, View from, View to,
                           Node& resolved) {
  const PopulationSpec& source = scope.experiment.populations[from.population];
  const PopulationSpec& target = scope.experiment.populations[to.population];
  Connect c{.rule = Connect::Rule::dense, .where = n.where};
  const bool dense = choice.name == "dense";
  if (dense && choice.parameters && !choice.parameters->null())
    throw InputError(choice.where, "dense has no parameters");
  if (!source.in_trials() || target.stimulator || !target.in_trials())
    throw InputError(
        n.where,
        fmt::format(
            "{} is for layers that learn; {} is {}, {} is {}; use one_to_one, all_to_all, a random rule or a list",
            choice.name, source.name, source.model.model->name, target.name, target.model.model->name));
  if (from.count != source.size || to.count != target.size)
    throw InputError(n.where, fmt::format("{} connects whole populations", choice.name));
  if (dense) resolved = Node::of("dense");
  else read_patches(scope, n, choice, from, to, c, resolved);
  return c;
}

}  // namespace volley
