// What follows from the DAG of one AIR: degree, rotation, unused columns, and whether it is well formed.
#include "keygen/air_definition.h"

#include <algorithm>
#include <unordered_set>

#include "keygen/dag_builder.h"
#include "openswirl/failure.h"

namespace openswirl {
namespace {

class DagChecker {
 public:
  explicit DagChecker(const AirDefinition& air) : air_(air) {}

  void run() const {
    const std::vector<Node>& nodes = air_.constraints.nodes;
    for (size_t i = 0; i < nodes.size(); ++i) {
      const Node& node = nodes[i];
      if (node.kind == Node::Kind::kVariable) check_variable(node.variable(), i);
      const bool has_operands = node.is_binary() || node.kind == Node::Kind::kNeg;
      if (has_operands && (node.left >= i || (node.is_binary() && node.right >= i))) {
        fail("node " + std::to_string(i) + " has an operand that does not precede it");
      }
    }
    const std::vector<uint32_t>& constraints = air_.constraints.constraint_idx;
    for (size_t i = 0; i < constraints.size(); ++i) {
      check_index(constraints[i], "constraint");
      if (i > 0 && constraints[i - 1] >= constraints[i]) fail("the constraint indices are not ascending");
    }
    for (const Interaction& interaction : air_.constraints.interactions) {
      for (const uint32_t field : interaction.message) check_index(field, "message field");
      check_index(interaction.count, "count");
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(FailureKind::kKeygen, "[keygen] AIR \"" + air_.name + "\": " + what);
  }

  void check_index(uint32_t index, const char* what) const {
    if (index < air_.constraints.nodes.size()) return;
    fail(std::string(what) + " node " + std::to_string(index) + " does not exist; there are " +
         std::to_string(air_.constraints.nodes.size()));
  }

  void check_variable(const Variable& variable, size_t node) const {
    const std::string where = "node " + std::to_string(node);
    uint64_t limit = 0;
    switch (variable.entry) {
      case Variable::Entry::kPreprocessed:
        limit = air_.width.preprocessed.value_or(0);
        break;
      case Variable::Entry::kMain: {
        const std::vector<uint32_t>& cached = air_.width.cached_mains;
        if (variable.part_index > cached.size()) {
          fail(where + " names main part " + std::to_string(variable.part_index) + " of " +
               std::to_string(cached.size() + 1));
        }
        limit = variable.part_index < cached.size() ? cached[variable.part_index] : air_.width.common_main;
        break;
      }
      case Variable::Entry::kPublic:
        limit = air_.num_public_values;
        break;
      case Variable::Entry::kChallenge:
        fail(where + " is a challenge, which no AIR can use");
    }
    if (variable.index >= limit) {
      fail(where + " names column or public value " + std::to_string(variable.index) + " of " +
           std::to_string(limit));
    }
    const bool has_offset = variable.entry != Variable::Entry::kPublic;
    if (variable.offset > (has_offset ? 1u : 0u)) {
      fail(where + " has row offset " + std::to_string(variable.offset));
    }
    if (variable.part_index != 0 && variable.entry != Variable::Entry::kMain) {
      fail(where + " has a part index but is no main column");
    }
  }

  const AirDefinition& air_;
};

struct VariableHash {
  size_t operator()(const Variable& variable) const { return NodeHash{}(Node::of(variable)); }
};

}  // namespace

void set_recording(AirDefinition& air, const Recording& recording) {
  BuiltDag built = build_dag(recording);
  air.constraints = std::move(built.dag);
  air.degree = built.degree;
  air.constraint_sources.clear();
  air.interaction_sources.clear();
  for (const uint32_t recorded : built.recorded_constraint) {
    air.constraint_sources.push_back(recording.constraints[recorded].source);
  }
  for (const RecordedInteraction& interaction : recording.interactions) {
    air.interaction_sources.push_back(interaction.source);
  }
}

uint32_t dag_degree(const ConstraintDag& dag) {
  uint32_t degree = 0;
  const auto include = [&](uint32_t node) { degree = std::max(degree, degree_multiple(dag.nodes.at(node))); };
  for (const uint32_t node : dag.constraint_idx) include(node);
  for (const Interaction& interaction : dag.interactions) {
    for (const uint32_t node : interaction.message) include(node);
    include(interaction.count);
  }
  return degree;
}

bool dag_needs_rotation(const ConstraintDag& dag) {
  return std::any_of(dag.nodes.begin(), dag.nodes.end(), [](const Node& node) {
    return node.kind == Node::Kind::kVariable && node.variable().offset == 1;
  });
}

std::vector<Variable> unused_variables(const ConstraintDag& dag, const TraceWidth& width, bool need_rot) {
  std::unordered_set<Variable, VariableHash> used;
  for (const Node& node : dag.nodes) {
    if (node.kind == Node::Kind::kVariable) used.insert(node.variable());
  }
  std::vector<Variable> unused;
  const auto scan = [&](Variable::Entry entry, size_t part, uint32_t columns) {
    for (uint32_t column = 0; column < columns; ++column) {
      for (uint32_t offset = 0; offset <= (need_rot ? 1u : 0u); ++offset) {
        const Variable variable{entry, static_cast<uint32_t>(part), offset, column};
        if (!used.contains(variable)) unused.push_back(variable);
      }
    }
  };
  scan(Variable::Entry::kPreprocessed, 0, width.preprocessed.value_or(0));
  for (size_t part = 0; part < width.cached_mains.size(); ++part) {
    scan(Variable::Entry::kMain, part, width.cached_mains[part]);
  }
  scan(Variable::Entry::kMain, width.cached_mains.size(), width.common_main);
  return unused;
}

void check_sizes(const AirDefinition& air) {
  const auto check = [&](uint64_t count, const char* what) {
    if (count <= kMaxAirColumns) return;
    throw Error(FailureKind::kKeygen, "[keygen] AIR \"" + air.name + "\" has " + std::to_string(count) + " " +
                                          what + ", at most 2^22 = " + std::to_string(kMaxAirColumns) +
                                          " are possible");
  };
  check(air.num_public_values, "public values");
  check(air.width.preprocessed.value_or(0), "preprocessed columns");
  check(air.width.common_main, "columns");
  uint64_t columns = uint64_t{air.width.preprocessed.value_or(0)} + air.width.common_main;
  for (const uint32_t width : air.width.cached_mains) {
    check(width, "columns");
    columns += width;
    check(columns, "columns");
  }
  check(columns, "columns");
}

void check_dag(const AirDefinition& air) { DagChecker(air).run(); }

}  // namespace openswirl
