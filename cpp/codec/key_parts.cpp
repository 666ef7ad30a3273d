#include "codec/key_parts.h"

#include <bitset>
#include <limits>

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
    const uint32_t offset = in.size32("row offset");
    if (offset > 1) in.fail_at(start, "a row offset exceeds 1");
    variable.offset = static_cast<uint16_t>(offset);
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
    const uint32_t degree = in.size32("degree");
    if (degree > std::numeric_limits<decltype(node.degree)>::max()) {
      in.fail_at(start, "the degree " + std::to_string(degree) + " of a node is out of range");
    }
    node.degree = static_cast<uint16_t>(degree);
  }
  return node;
}

void write_indices(PostcardWriter& out, const std::vector<uint32_t>& indices) {
  out.list(indices, [&](uint32_t index) { out.varint(index); });
}

// Of all interactions together.
uint64_t interaction_memory(uint64_t interactions, uint64_t message_fields) {
  return block_memory(interactions * InteractionList::record_size()) +
         block_memory(message_fields * InteractionList::field_size());
}

void write_dag(PostcardWriter& out, const ConstraintDag& dag) {
  out.list(dag.nodes, [&](const Node& node) { write_node(out, node); });
  write_indices(out, dag.constraint_idx);
  out.varint(dag.interactions.size());
  uint64_t fields = 0;
  for (const Interaction& interaction : dag.interactions) {
    fields += interaction.message.size();
    out.varint(interaction.message.size());
    for (const uint32_t field : interaction.message) out.varint(field);
    out.varint(interaction.count);
    out.varint(interaction.bus_index);
    out.varint(interaction.count_weight);
  }
  out.claim(interaction_memory(dag.interactions.size(), fields));
}

// The fields of the messages of the interactions that follow, counted by a reader that runs ahead.
uint64_t count_message_fields(PostcardReader ahead, uint64_t interactions) {
  uint64_t fields = 0;
  for (; interactions > 0; --interactions) {
    const uint64_t length = ahead.length(1, "node indices");
    fields += length;
    for (uint64_t i = 0; i < length; ++i) ahead.size32("node index");
    ahead.size32("node index"), ahead.u16(), ahead.u32();
  }
  return fields;
}

InteractionList read_interactions(PostcardReader& in) {
  InteractionList interactions;
  const uint64_t count = in.length(5, "interactions");
  const uint64_t fields = count_message_fields(in, count);
  in.claim(interaction_memory(count, fields), "interactions");
  interactions.reserve(count, fields);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t length = in.length(1, "node indices");
    if (length == 0) in.fail("an interaction has no message");
    for (uint64_t j = 0; j < length; ++j) interactions.append_field(in.size32("node index"));
    const uint32_t node = in.size32("node index");
    const uint16_t bus = in.u16();
    interactions.close(node, bus, in.u32());
  }
  return interactions;
}

ConstraintDag read_dag(PostcardReader& in) {
  ConstraintDag dag;
  dag.nodes = in.list<Node>(1, "nodes", [&] { return read_node(in); });
  dag.constraint_idx = in.list<uint32_t>(1, "constraints", [&] { return in.size32("node index"); });
  dag.interactions = read_interactions(in);
  return dag;
}

TraceWidth read_width(PostcardReader& in) {
  TraceWidth width;
  if (in.boolean()) width.preprocessed = in.size32("width");
  width.cached_mains = in.list<uint32_t>(1, "cached widths", [&] { return in.size32("width"); });
  width.common_main = in.size32("width");
  return width;
}

}  // namespace

uint64_t read_air_count(PostcardReader& in, uint64_t size, uint64_t memory) {
  const size_t start = in.offset();
  const uint64_t airs = in.length(size, "AIRs");
  if (airs > kMaxAirs) {
    in.fail_at(start, "there are " + std::to_string(airs) + " AIRs, at most " + std::to_string(kMaxAirs) +
                          " are possible");
  }
  in.claim(airs * memory, "AIRs");
  return airs;
}

void write_air_count(PostcardWriter& out, uint64_t airs, uint64_t memory) {
  out.varint(airs);
  out.claim(airs * memory);
}

void write_params(PostcardWriter& out, const SystemParams& params) {
  for (const uint64_t value :
       {params.l_skip, params.n_stack, params.w_stack, params.log_blowup, params.whir.k}) {
    out.varint(value);
  }
  out.list(params.whir.num_queries, [&](uint64_t queries) { out.varint(queries); });
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
  params.whir.num_queries = in.list<uint64_t>(1, "WHIR rounds", [&] { return in.u64(); });
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
    out.claim(list_memory<PreprocessedVk>(1));
    out.digest(air.preprocessed->commit);
    out.i64(air.preprocessed->hypercube_dim);
    out.varint(air.preprocessed->stacking_width);
  }
  out.boolean(air.width.preprocessed.has_value());
  if (air.width.preprocessed) out.varint(*air.width.preprocessed);
  out.list(air.width.cached_mains, [&](uint32_t width) { out.varint(width); });
  out.varint(air.width.common_main);
  out.varint(air.num_public_values);
  out.boolean(air.need_rot);
  write_dag(out, air.constraints);
  out.u8(air.max_constraint_degree);
  out.boolean(air.is_required);
  out.list(air.unused_variables, [&](const Variable& variable) { write_variable(out, variable); });
}

AirVk read_air(PostcardReader& in) {
  AirVk air;
  if (in.boolean()) {
    in.claim(list_memory<PreprocessedVk>(1), "preprocessed commitment");
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
  air.unused_variables = in.list<Variable>(3, "unused variables", [&] {
    const size_t start = in.offset();
    const Variable variable = read_variable(in);
    if (variable.entry != Variable::Entry::kMain && variable.entry != Variable::Entry::kPreprocessed) {
      in.fail_at(start, "an unused variable is no column");
    }
    return variable;
  });
  return air;
}

void write_height_constraints(PostcardWriter& out, const std::vector<HeightConstraint>& constraints) {
  out.list(constraints, [&](const HeightConstraint& constraint) {
    write_indices(out, constraint.coefficients);
    out.varint(constraint.threshold);
  });
}

std::vector<HeightConstraint> read_height_constraints(PostcardReader& in, const std::vector<AirVk>& airs) {
  // One for every bus in use and a global one (part 02, 4.5).
  std::bitset<size_t{1} << 16> buses;
  for (const AirVk& air : airs) {
    for (const Interaction& interaction : air.constraints.interactions) buses[interaction.bus_index] = true;
  }
  const size_t start = in.offset();
  std::vector<HeightConstraint> constraints =
      in.list<HeightConstraint>(airs.size() + 2, "height constraints", [&] {
        HeightConstraint constraint;
        constraint.coefficients = in.list<uint32_t>(1, "coefficients", [&] { return in.u32(); });
        if (constraint.coefficients.size() != airs.size()) {
          in.fail("a height constraint has " + std::to_string(constraint.coefficients.size()) +
                  " coefficients for " + std::to_string(airs.size()) + " AIRs");
        }
        constraint.threshold = in.u32();
        return constraint;
      });
  if (constraints.size() > buses.count() + 1) in.fail_at(start, "more height constraints than buses in use");
  return constraints;
}

}  // namespace openswirl::codec
