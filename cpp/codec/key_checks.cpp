// What makes a decoded key safe to use: ranges that the reference takes for granted (protocol part 02, 5.2).
#include "codec/key_parts.h"
#include "codec/verifying_key.h"

namespace openswirl::codec {
namespace {

class AirChecker {
 public:
  AirChecker(const PostcardReader& in, const SystemParams& params, const AirVk& air, size_t id, size_t offset)
      : in_(in), params_(params), air_(air), id_(id), offset_(offset) {}

  void run() const {
    check_widths();
    const ConstraintDag& dag = air_.constraints;
    for (size_t i = 0; i < dag.nodes.size(); ++i) check_node(dag.nodes[i], i);
    for (size_t i = 0; i < dag.constraint_idx.size(); ++i) {
      check(dag.constraint_idx[i] < dag.nodes.size(), "a constraint names a node that does not exist");
      check(i == 0 || dag.constraint_idx[i - 1] < dag.constraint_idx[i],
            "constraint indices are not ascending");
    }
    for (const Interaction& interaction : dag.interactions) check_interaction(interaction);
    for (const Variable& variable : air_.unused_variables) check_variable(variable);
    check(air_.max_constraint_degree <= params_.max_constraint_degree,
          "the AIR's degree exceeds the degree of the parameters");
  }

 private:
  void check(bool condition, std::string_view what) const {
    if (!condition) in_.fail_at(offset_, "AIR " + std::to_string(id_) + ": " + std::string(what));
  }

  void check_widths() const {
    uint64_t main_width = air_.width.common_main;
    for (const uint32_t width : air_.width.cached_mains) main_width += width;
    check(main_width != 0, "the main width is 0");
    check(air_.width.total() <= kMaxAirColumns, "there are more than 2^22 columns");
    check(air_.num_public_values <= kMaxAirColumns, "there are more than 2^22 public values");
    check(air_.preprocessed.has_value() == air_.width.preprocessed.has_value(),
          "a preprocessed commitment without a preprocessed width, or the reverse");
    if (!air_.preprocessed) return;
    const auto l_skip = static_cast<int64_t>(params_.l_skip), n_stack = static_cast<int64_t>(params_.n_stack);
    const int64_t n = air_.preprocessed->hypercube_dim;
    check(n >= -l_skip && n <= n_stack, "the preprocessed height is out of range");
    const uint64_t cells = uint64_t{*air_.width.preprocessed} << (l_skip + (n > 0 ? n : 0));
    const uint64_t height = uint64_t{1} << (l_skip + n_stack);
    check(*air_.width.preprocessed != 0, "the preprocessed width is 0");
    check(air_.preprocessed->stacking_width == (cells + height - 1) / height,
          "the stacking width does not follow from the preprocessed width and height");
  }

  void check_variable(const Variable& variable) const {
    switch (variable.entry) {
      case Variable::Entry::kPreprocessed:
        check(variable.index < air_.width.preprocessed.value_or(0), "a preprocessed column does not exist");
        break;
      case Variable::Entry::kMain: {
        const size_t cached = air_.width.cached_mains.size();
        check(variable.part_index <= cached, "a main part does not exist");
        const uint64_t width = variable.part_index < cached ? air_.width.cached_mains[variable.part_index]
                                                            : air_.width.common_main;
        check(variable.index < width, "a main column does not exist");
        break;
      }
      case Variable::Entry::kPublic:
        check(variable.index < air_.num_public_values, "a public value does not exist");
        break;
      case Variable::Entry::kChallenge:
        check(false, "challenge variables are not supported");
    }
  }

  void check_node(const Node& node, size_t index) const {
    if (node.kind == Node::Kind::kVariable) {
      check_variable(node.variable());
      check(node.offset == 0 || air_.need_rot, "the next row is used without the rotation flag");
    }
    if (node.is_binary() || node.kind == Node::Kind::kNeg) {
      check(node.left < index && (!node.is_binary() || node.right < index),
            "an operand does not precede its node");
    }
  }

  void check_interaction(const Interaction& interaction) const {
    const size_t nodes = air_.constraints.nodes.size();
    const uint32_t log_max = params_.logup.log_max_message_length;
    check(interaction.message.size() < uint64_t{1} << log_max, "an interaction's message is too long");
    for (const uint32_t index : interaction.message) {
      check(index < nodes, "an interaction names a node that does not exist");
    }
    check(interaction.count < nodes, "an interaction names a node that does not exist");
  }

  const PostcardReader& in_;
  const SystemParams& params_;
  const AirVk& air_;
  size_t id_, offset_;
};

}  // namespace

void check_key(const PostcardReader& in, const VerifyingKey& vk, std::span<const size_t> air_offsets) {
  const std::string reason = vk.params.invalid_reason();
  if (!reason.empty()) in.fail("invalid system parameters: " + reason);
  for (size_t id = 0; id < vk.airs.size(); ++id) {
    AirChecker(in, vk.params, vk.airs[id], id, air_offsets[id]).run();
  }
}

void check_pre_hash(const PostcardReader& in, const VerifyingKey& vk) {
  if (verifying_key_pre_hash(vk) != vk.pre_hash) in.fail("the pre-hash is not the hash of the key");
}

}  // namespace openswirl::codec
