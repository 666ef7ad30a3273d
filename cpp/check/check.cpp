// Walks all rows of all present AIRs once; a second walk collects the places of unbalanced messages, if any.
#include "check/check.h"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "check/balance.h"
#include "check/rows.h"
#include "constraints/evaluator.h"
#include "openswirl/failure.h"

namespace openswirl {
namespace {

using checking::AirRows;
using checking::Balance;
using checking::BlockLeaves;
using checking::CountedMessage;
using checking::Fingerprint;
using checking::MessageSum;
using checking::Place;
using checking::RowBlock;

using VisitBlock = std::function<void(uint64_t first_row, size_t rows, std::span<const RowBlock> nodes)>;

// Visits all blocks of rows, from several threads.
void walk(const AirRows& air, const Context& context, const VisitBlock& visit) {
  const uint64_t blocks = (air.rows() + RowBlock::kRows - 1) / RowBlock::kRows;
  const size_t block_rows = std::min<uint64_t>(RowBlock::kRows, air.rows());
  // Long ranges share one buffer; short enough that cancelling takes effect soon.
  const uint64_t grain = std::clamp<uint64_t>(blocks / (8 * context.pool->size()), 1, 64);
  context.parallel_for(blocks, grain, [&](size_t begin, size_t end) {
    const ConstraintDag& dag = air.air().constraints;
    std::vector<RowBlock> nodes(dag.nodes.size());
    for (size_t block = begin; block < end; ++block) {
      const uint64_t first_row = block * RowBlock::kRows;
      evaluate_dag<RowBlock>(dag, BlockLeaves(air, first_row), nodes);
      visit(first_row, block_rows, nodes);
    }
  });
}

// The variables below one node, each once, in node order.
std::vector<Variable> variables_of(const ConstraintDag& dag, uint32_t root, size_t limit) {
  std::set<uint32_t> seen{root};
  std::vector<uint32_t> pending{root};
  const auto visit = [&](uint32_t node) {
    if (seen.insert(node).second) pending.push_back(node);
  };
  while (!pending.empty()) {
    const Node& node = dag.nodes[pending.back()];
    pending.pop_back();
    if (node.is_binary() || node.kind == Node::Kind::kNeg) visit(node.left);
    if (node.is_binary()) visit(node.right);
  }
  std::vector<Variable> variables;
  for (const uint32_t node : seen) {
    if (dag.nodes[node].kind != Node::Kind::kVariable || variables.size() == limit) continue;
    variables.push_back(dag.nodes[node].variable());
  }
  return variables;
}

// Failing rows of the constraints of one AIR, filled from several threads.
class Failures {
 public:
  Failures(const AirRows& air, const CheckLimits& limits) : air_(air), limits_(limits) {}

  void examine(uint64_t first_row, size_t rows, std::span<const RowBlock> nodes) {
    const std::vector<uint32_t>& constraints = air_.air().constraints.constraint_idx;
    for (size_t k = 0; k < constraints.size(); ++k) {
      const RowBlock& block = nodes[constraints[k]];
      if (block.is_zero(rows)) continue;
      const std::lock_guard lock(mutex_);
      for (size_t i = 0; i < rows; ++i) {
        if (!block.values[i].is_zero()) record(static_cast<uint32_t>(k), first_row + i, block.values[i]);
      }
    }
  }

  void append_to(CheckReport& report) {
    const ConstraintDag& dag = air_.air().constraints;
    for (auto& [k, failure] : failures_) {
      const std::vector<Variable> variables =
          variables_of(dag, dag.constraint_idx[k], limits_.variables_per_row);
      for (Violation& violation : failure.first) {
        for (const Variable& variable : variables) {
          violation.variables.push_back({variable, air_.value(variable, violation.row)});
        }
      }
      report.constraints.push_back(std::move(failure));
    }
  }

 private:
  void record(uint32_t k, uint64_t row, Fp value) {
    ConstraintFailure& failure = failures_[k];
    failure.air_id = air_.air_id();
    failure.constraint = k;
    ++failure.num_rows;
    const auto at =
        std::upper_bound(failure.first.begin(), failure.first.end(), row,
                         [](uint64_t r, const Violation& violation) { return r < violation.row; });
    failure.first.insert(at, Violation{row, value, {}});
    if (failure.first.size() > limits_.rows_per_constraint) failure.first.pop_back();
  }

  const AirRows& air_;
  const CheckLimits& limits_;
  std::mutex mutex_;
  std::map<uint32_t, ConstraintFailure> failures_;
};

// Appends the messages of the block with a count other than zero.
void collect_messages(const AirRows& air, uint64_t first_row, size_t rows, std::span<const RowBlock> nodes,
                      std::vector<CountedMessage>& messages) {
  const InteractionList& interactions = air.air().constraints.interactions;
  for (uint32_t index = 0; index < interactions.size(); ++index) {
    const Interaction& interaction = interactions[index];
    const RowBlock& counts = nodes[interaction.count];
    if (counts.is_zero(rows)) continue;
    for (size_t i = 0; i < rows; ++i) {
      if (counts.values[i].is_zero()) continue;
      CountedMessage message;
      message.print.absorb(uint64_t{interaction.bus_index} << 32 | interaction.message.size());
      for (const uint32_t field : interaction.message) message.print.absorb(nodes[field].values[i].word());
      message.bus_index = interaction.bus_index;
      message.count = counts.values[i];
      message.place = {air.air_id(), first_row + i, index};
      messages.push_back(message);
    }
  }
}

// One walk over every AIR with interactions; consume takes the messages of a block, from several threads.
void walk_messages(std::span<const AirRows> airs, const Context& context,
                   const std::function<void(const std::vector<CountedMessage>&)>& consume) {
  for (const AirRows& air : airs) {
    if (air.air().constraints.interactions.empty()) continue;
    walk(air, context, [&](uint64_t first_row, size_t rows, std::span<const RowBlock> nodes) {
      std::vector<CountedMessage> messages;
      collect_messages(air, first_row, rows, nodes, messages);
      consume(messages);
    });
  }
}

std::vector<Fp> message_at(const AirRows& air, const Place& place) {
  const ConstraintDag& dag = air.air().constraints;
  std::vector<RowBlock> nodes(dag.nodes.size());
  evaluate_dag<RowBlock>(dag, BlockLeaves(air, place.row), std::span<RowBlock>(nodes));
  std::vector<Fp> message;
  for (const uint32_t field : dag.interactions[place.interaction].message)
    message.push_back(nodes[field].values[0]);
  return message;
}

void report_buses(std::span<const AirRows> airs, const Balance& balance, const CheckLimits& limits,
                  const Context& context, CheckReport& report) {
  struct Target {
    size_t bus, message;  // positions in the report
  };
  std::unordered_map<Fingerprint, Target, checking::FingerprintHash> targets;
  for (const auto& [print, sum] : balance.unbalanced()) {
    if (report.buses.empty() || report.buses.back().bus_index != sum.bus_index) {
      report.buses.push_back({sum.bus_index, 0, {}});
    }
    UnbalancedBus& bus = report.buses.back();
    ++bus.num_messages;
    if (bus.first.size() == limits.messages_per_bus) continue;
    const auto air = std::find_if(airs.begin(), airs.end(),
                                  [&](const AirRows& other) { return other.air_id() == sum.first.air_id; });
    targets[print] = {report.buses.size() - 1, bus.first.size()};
    bus.first.push_back({message_at(*air, sum.first), sum.net, 0, {}});
  }
  if (targets.empty()) return;

  std::mutex mutex;
  const auto before = [](const MessagePlace& a, const MessagePlace& b) {
    return Place{a.air_id, a.row, a.interaction} < Place{b.air_id, b.row, b.interaction};
  };
  walk_messages(airs, context, [&](const std::vector<CountedMessage>& messages) {
    for (const CountedMessage& message : messages) {
      const auto target = targets.find(message.print);
      if (target == targets.end()) continue;
      const MessagePlace place{message.place.air_id, message.place.row, message.place.interaction,
                               message.count};
      const std::lock_guard lock(mutex);
      UnbalancedMessage& entry = report.buses[target->second.bus].first[target->second.message];
      ++entry.num_places;
      entry.places.insert(std::upper_bound(entry.places.begin(), entry.places.end(), place, before), place);
      if (entry.places.size() > limits.places_per_message) entry.places.pop_back();
    }
  });
}

}  // namespace

CheckReport check(const ProvingKey& key, std::span<const CheckTrace> traces, const CheckLimits& limits,
                  const Context& context) {
  if (traces.empty()) throw Error(FailureKind::kInput, "[check] there is no trace");
  std::vector<AirRows> airs;
  for (const CheckTrace& trace : traces) airs.emplace_back(key, trace);
  std::sort(airs.begin(), airs.end(),
            [](const AirRows& a, const AirRows& b) { return a.air_id() < b.air_id(); });
  for (size_t i = 1; i < airs.size(); ++i) {
    if (airs[i].air_id() != airs[i - 1].air_id()) continue;
    throw Error(FailureKind::kInput,
                "[check] there are two traces for AIR " + std::to_string(airs[i].air_id()));
  }

  CheckReport report;
  Balance balance;
  for (const AirRows& air : airs) {
    Failures failures(air, limits);
    walk(air, context, [&](uint64_t first_row, size_t rows, std::span<const RowBlock> nodes) {
      failures.examine(first_row, rows, nodes);
      std::vector<CountedMessage> messages;
      collect_messages(air, first_row, rows, nodes, messages);
      if (!messages.empty()) balance.add(messages);
    });
    failures.append_to(report);
  }
  report_buses(airs, balance, limits, context, report);
  return report;
}

}  // namespace openswirl
