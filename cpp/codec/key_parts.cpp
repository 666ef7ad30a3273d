#include "codec/key_parts.h"

#include <bitset>

namespace openswirl::codec {
namespace {

void write_variable(PostcardWriter& out, const Variable& variable) {
  out.varint(static_cast<uint64_t>(variable.entry));
  if (variable.entry == Variable::Entry::kMain) out.varint(variable.part_index);
  if (variable.entry == Variable::Entry::kMain || variable.entry == Variable::Entry::kPreprocessed) {
    out.varint(variable.offset);
  }
  out.varint(variable.index);
}

Variable read_variable(PostcardReader& in) {
  Variable variable;
  const size_t start = in.offset();
  const uint32_t entry = in.u32();
  if (entry > 3) in.fail_at(start, "unknown kind of variable");
  variable.entry = static_cast<Variable::Entry>(entry);
  if (variable.entry == Variable::Entry::kMain) variable.part_index = in.size32("part index");
  if (variable.entry == Variable::Entry::kMain || variable.entry == Variable::Entry::kPreprocessed) {
    variable.offset = in.size32("row offset");
    if (variable.offset > 1) in.fail_at(start, "a row offset exceeds 1");
  }
  variable.index = in.size32("column index");
  return variable;
}

void write_node(PostcardWriter& out, const Node& node) {
  out.varint(static_cast<uint64_t>(node.kind));
  switch (node.kind) {
    case Node::Kind::kVariable:
      write_variable(out, node.variable());
      break;
    case Node::Kind::kIsFirstRow:
    case Node::Kind::kIsLastRow:
    case Node::Kind::kIsTransition:
      break;
    case Node::Kind::kConstant:
      out.field(node.constant());
      break;
    case Node::Kind::kNeg:
      out.varint(node.left);
      out.varint(node.degree);
      break;
    case Node::Kind::kAdd:
    case Node::Kind::kSub:
    case Node::Kind::kMul:
      out.varint(node.left);
      out.varint(node.right);
      out.varint(node.degree);
      break;
  }
}

Node read_node(PostcardReader& in) {
  Node node;
  const size_t start = in.offset();
  const uint32_t kind = in.u32();
  if (kind > 8) in.fail_at(start, "unknown kind of node");
  node.kind = static_cast<Node::Kind>(kind);
  if (node.kind == Node::Kind::kVariable) return Node::of(read_variable(in));
  if (node.kind == Node::Kind::kConstant) return Node::of(in.field());
  if (node.is_binary() || node.kind == Node::Kind::kNeg) {
    node.left = in.size32("operand");
    if (node.is_binary()) node.right = in.size32("operand");
    node.degree = in.size32("degree");
  }
  return node;
}

void write_indices(PostcardWriter& out, const std::vector<uint32_t>& indices) {
  out.varint(indices.size());
  for (const uint32_t index : indices) out.varint(index);
}

std::vector<uint32_t> read_indices(PostcardReader& in) {
  std::vector<uint32_t> indices(in.length(1, "node indices"));
  for (uint32_t& index : indices) index = in.size32("node index");
  return indices;
}

void write_dag(PostcardWriter& out, const ConstraintDag& dag) {
  out.varint(dag.nodes.size());
  for (const Node& node : dag.nodes) write_node(out, node);
  write_indices(out, dag.constraint_idx);
  out.varint(dag.interactions.size());
  for (const Interaction& interaction : dag.interactions) {
    write_indices(out, interaction.message);
    out.varint(interaction.count);
    out.varint(interaction.bus_index);
    out.varint(interaction.count_weight);
  }
}

// Finds repeats of the nodes with the shortest encodings, one or two bytes for 16 in memory. Key generation
// interns (part 02, 3.2), so that no DAG it writes has two equal nodes.
class ShortNodes {
 public:
  // Whether an equal node was seen; false for nodes with longer encodings.
  bool repeats(const Node& node) {
    size_t slot = static_cast<size_t>(node.kind);
    if (node.kind == Node::Kind::kConstant) {
      if (node.left >= kWords) return false;
      slot = kKinds + node.left;
    } else if (node.kind == Node::Kind::kVariable || node.is_binary() || node.kind == Node::Kind::kNeg) {
      return false;
    }
    const bool seen = seen_[slot];
    seen_[slot] = true;
    return seen;
  }

 private:
  static constexpr size_t kKinds = 9, kWords = 128;  // words of one byte
  std::bitset<kKinds + kWords> seen_;
};

ConstraintDag read_dag(PostcardReader& in) {
  ConstraintDag dag;
  ShortNodes short_nodes;
  // Grows as it is read, so that a false length costs no memory.
  for (uint64_t n = in.length(1, "nodes"); n > 0; --n) {
    const size_t start = in.offset();
    dag.nodes.push_back(read_node(in));
    if (short_nodes.repeats(dag.nodes.back())) in.fail_at(start, "a node is repeated");
  }
  dag.constraint_idx = read_indices(in);
  const uint64_t interactions = in.length(5, "interactions");
  dag.interactions.reserve(interactions);
  for (uint64_t n = interactions; n > 0; --n) {
    Interaction interaction;
    interaction.message = read_indices(in);
    if (interaction.message.empty()) in.fail("an interaction has no message");
    interaction.count = in.size32("node index");
    interaction.bus_index = in.u16();
    interaction.count_weight = in.u32();
    dag.interactions.push_back(std::move(interaction));
  }
  return dag;
}

TraceWidth read_width(PostcardReader& in) {
  TraceWidth width;
  if (in.boolean()) width.preprocessed = in.size32("width");
  width.cached_mains.resize(in.length(1, "cached widths"));
  for (uint64_t& cached : width.cached_mains) cached = in.size32("width");
  width.common_main = in.size32("width");
  return width;
}

}  // namespace

void write_params(PostcardWriter& out, const SystemParams& params) {
  for (const uint64_t value :
       {params.l_skip, params.n_stack, params.w_stack, params.log_blowup, params.whir.k}) {
    out.varint(value);
  }
  out.varint(params.whir.num_queries.size());
  for (const uint64_t queries : params.whir.num_queries) out.varint(queries);
  out.varint(params.whir.mu_pow_bits);
  out.varint(params.whir.query_phase_pow_bits);
  out.varint(params.whir.folding_pow_bits);
  const Proximity& proximity = params.whir.proximity;
  out.varint(static_cast<uint64_t>(proximity.kind));
  if (proximity.kind != Proximity::Kind::kUniqueDecoding) out.varint(proximity.m);
  if (proximity.kind == Proximity::Kind::kSplitUniqueList) out.varint(proximity.list_start_round);
  out.varint(params.logup.max_interaction_count);
  out.varint(params.logup.log_max_message_length);
  out.varint(params.logup.pow_bits);
  out.varint(params.max_constraint_degree);
}

SystemParams read_params(PostcardReader& in) {
  SystemParams params;
  for (uint64_t* value :
       {&params.l_skip, &params.n_stack, &params.w_stack, &params.log_blowup, &params.whir.k}) {
    *value = in.u64();
  }
  params.whir.num_queries.resize(in.length(1, "WHIR rounds"));
  for (uint64_t& queries : params.whir.num_queries) queries = in.u64();
  params.whir.mu_pow_bits = in.u64();
  params.whir.query_phase_pow_bits = in.u64();
  params.whir.folding_pow_bits = in.u64();
  Proximity& proximity = params.whir.proximity;
  const size_t start = in.offset();
  const uint32_t kind = in.u32();
  if (kind > 2) in.fail_at(start, "unknown proximity strategy");
  proximity.kind = static_cast<Proximity::Kind>(kind);
  if (proximity.kind != Proximity::Kind::kUniqueDecoding) proximity.m = in.u64();
  if (proximity.kind == Proximity::Kind::kSplitUniqueList) proximity.list_start_round = in.u64();
  params.logup.max_interaction_count = in.u32();
  params.logup.log_max_message_length = in.u32();
  params.logup.pow_bits = in.u64();
  params.max_constraint_degree = in.u64();
  return params;
}

void write_air(PostcardWriter& out, const AirVk& air) {
  out.boolean(air.preprocessed.has_value());
  if (air.preprocessed) {
    out.digest(air.preprocessed->commit);
    out.i64(air.preprocessed->hypercube_dim);
    out.varint(air.preprocessed->stacking_width);
  }
  out.boolean(air.width.preprocessed.has_value());
  if (air.width.preprocessed) out.varint(*air.width.preprocessed);
  out.varint(air.width.cached_mains.size());
  for (const uint64_t width : air.width.cached_mains) out.varint(width);
  out.varint(air.width.common_main);
  out.varint(air.num_public_values);
  out.boolean(air.need_rot);
  write_dag(out, air.constraints);
  out.u8(air.max_constraint_degree);
  out.boolean(air.is_required);
  out.varint(air.unused_variables.size());
  for (const Variable& variable : air.unused_variables) write_variable(out, variable);
}

AirVk read_air(PostcardReader& in) {
  AirVk air;
  if (in.boolean()) {
    PreprocessedVk preprocessed;
    preprocessed.commit = in.digest();
    preprocessed.hypercube_dim = in.i64();
    preprocessed.stacking_width = in.u64();
    air.preprocessed = preprocessed;
  }
  air.width = read_width(in);
  air.num_public_values = in.size32("number of public values");
  air.need_rot = in.boolean();
  air.constraints = read_dag(in);
  air.max_constraint_degree = in.u8();
  air.is_required = in.boolean();
  // Columns only: public values are not listed (part 02, 4.4).
  const uint64_t unused = in.length(3, "variables");
  air.unused_variables.reserve(unused);
  for (uint64_t n = unused; n > 0; --n) {
    const size_t start = in.offset();
    const Variable variable = read_variable(in);
    if (variable.entry != Variable::Entry::kMain && variable.entry != Variable::Entry::kPreprocessed) {
      in.fail_at(start, "an unused variable is no column");
    }
    air.unused_variables.push_back(variable);
  }
  return air;
}

void write_height_constraints(PostcardWriter& out, const std::vector<HeightConstraint>& constraints) {
  out.varint(constraints.size());
  for (const HeightConstraint& constraint : constraints) {
    write_indices(out, constraint.coefficients);
    out.varint(constraint.threshold);
  }
}

std::vector<HeightConstraint> read_height_constraints(PostcardReader& in, const std::vector<AirVk>& airs) {
  // One for every bus in use and a global one (part 02, 4.5).
  std::bitset<size_t{1} << 16> buses;
  for (const AirVk& air : airs) {
    for (const Interaction& interaction : air.constraints.interactions) buses[interaction.bus_index] = true;
  }
  const uint64_t count = in.length(airs.size() + 2, "height constraints");
  if (count > buses.count() + 1) in.fail("more height constraints than buses in use");
  std::vector<HeightConstraint> constraints(count);
  for (HeightConstraint& constraint : constraints) {
    const uint64_t coefficients = in.length(1, "coefficients");
    if (coefficients != airs.size()) {
      in.fail("a height constraint has " + std::to_string(coefficients) + " coefficients for " +
              std::to_string(airs.size()) + " AIRs");
    }
    constraint.coefficients.resize(coefficients);
    for (uint32_t& coefficient : constraint.coefficients) coefficient = in.u32();
    constraint.threshold = in.u32();
  }
  return constraints;
}

}  // namespace openswirl::codec
