#include "codec/key_parts.h"

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
  }
  variable.index = in.size32("column index");
  return variable;
}

void write_node(PostcardWriter& out, const Node& node) {
  out.varint(static_cast<uint64_t>(node.kind));
  switch (node.kind) {
    case Node::Kind::kVariable:
      write_variable(out, node.variable);
      break;
    case Node::Kind::kIsFirstRow:
    case Node::Kind::kIsLastRow:
    case Node::Kind::kIsTransition:
      break;
    case Node::Kind::kConstant:
      out.field(node.constant);
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
  if (node.kind == Node::Kind::kVariable) node.variable = read_variable(in);
  if (node.kind == Node::Kind::kConstant) node.constant = in.field();
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

// Lists of large elements with short encodings grow as they are read, so a false length costs no memory.
ConstraintDag read_dag(PostcardReader& in) {
  ConstraintDag dag;
  for (uint64_t n = in.length(1, "nodes"); n > 0; --n) dag.nodes.push_back(read_node(in));
  dag.constraint_idx = read_indices(in);
  for (uint64_t n = in.length(4, "interactions"); n > 0; --n) {
    Interaction interaction;
    interaction.message = read_indices(in);
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
  for (uint64_t n = in.length(1, "cached widths"); n > 0; --n)
    width.cached_mains.push_back(in.size32("width"));
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
  for (uint64_t n = in.length(1, "WHIR rounds"); n > 0; --n) params.whir.num_queries.push_back(in.u64());
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
  for (uint64_t n = in.length(2, "variables"); n > 0; --n) air.unused_variables.push_back(read_variable(in));
  return air;
}

void write_height_constraints(PostcardWriter& out, const std::vector<HeightConstraint>& constraints) {
  out.varint(constraints.size());
  for (const HeightConstraint& constraint : constraints) {
    write_indices(out, constraint.coefficients);
    out.varint(constraint.threshold);
  }
}

std::vector<HeightConstraint> read_height_constraints(PostcardReader& in) {
  std::vector<HeightConstraint> constraints;
  for (uint64_t n = in.length(2, "height constraints"); n > 0; --n) {
    HeightConstraint constraint;
    constraint.coefficients.resize(in.length(1, "coefficients"));
    for (uint32_t& coefficient : constraint.coefficients) coefficient = in.u32();
    constraint.threshold = in.u32();
    constraints.push_back(std::move(constraint));
  }
  return constraints;
}

}  // namespace openswirl::codec
