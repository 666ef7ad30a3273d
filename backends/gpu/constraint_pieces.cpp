#include "gpu/constraint_pieces.h"

#include <algorithm>

#include "gpu/elements.h"

namespace openswirl::gpu {
namespace {

// Groups that run at once where slots are spilled; more tiles take turns, so that the slots stay bounded.
constexpr uint64_t kMaxSpillingGroups = 4096;
// A trace's tiles and the parts of its cells make about so many groups, which fill a large GPU; but no part
// is so small that adding up its points takes longer than they do.
constexpr uint64_t kWantedGroups = 4096, kMinPartCost = 4000;

const std::vector<uint32_t>& nodes_of(const stages::RowFunctions& functions, RowFunction function) {
  return function == RowFunction::kConstraints ? functions.constraints
         : function == RowFunction::kMessages  ? functions.messages
                                               : functions.counts;
}
const std::vector<Ext>& weights_of(const stages::RowWeights& weights, RowFunction function) {
  return function == RowFunction::kConstraints ? weights.constraints
         : function == RowFunction::kMessages  ? weights.messages
                                               : weights.counts;
}

// Collects what is uploaded, and the places in it.
class Preparation {
 public:
  Preparation(const ConstraintPrograms& programs, codegen::Form form,
              const std::array<std::optional<size_t>, 3>& result_of, size_t results)
      : programs_(programs), form_(form), result_of_(result_of), results_(results) {
    prepared.evaluators.emplace_back();
  }

  void interpret(const PieceRequest& request) {
    const AirPrograms& programs = programs_.air(request.view->shape.air_id);
    TracePieces& pieces = add_trace(programs);
    for (const ConstraintPiece& of_air : programs.pieces) {
      const auto result = result_of_[static_cast<size_t>(of_air.function)];
      if (!result) continue;
      pieces.pieces.push_back({0, of_air.instructions, of_air.num_instructions, of_air.spilled_slots,
                               u32_of(elements_.size()), *result});
      const std::vector<Ext>& weights = weights_of(request.weights, of_air.function);
      for (const uint32_t node : of_air.nodes) {
        elements_.push_back(node == ConstraintPiece::kNoNode ? Ext::zero() : weights[node]);
      }
      for (const uint32_t row : of_air.rows) pieces.rows[row] = true;
    }
    pieces.publics = u32_of(publics_.size());
    publics_.insert(publics_.end(), request.view->public_values.begin(), request.view->public_values.end());
  }

  void generate(const PieceRequest& request) {
    const GeneratedText& text = request.generated->text;
    TracePieces& pieces = add_trace(programs_.air(request.view->shape.air_id));
    std::vector<std::vector<codegen::WeighedNode>> nodes(results_);
    for (size_t f = 0; f < 3; ++f) {
      if (!result_of_[f]) continue;
      const std::vector<uint32_t>& of_function = nodes_of(*request.functions, static_cast<RowFunction>(f));
      const std::vector<Ext>& weights = weights_of(request.weights, static_cast<RowFunction>(f));
      for (size_t i = 0; i < of_function.size(); ++i)
        nodes[*result_of_[f]].push_back({of_function[i], weights[i]});
    }
    const std::vector<Fp> uniforms = text.plan.expressions().uniform_values(request.view->public_values);
    codegen::CellTables tables(text.plan, text.text, form_, text.leaf_rows, text.num_rows, uniforms);
    std::vector<codegen::CellWeights> sums;
    uint64_t cost = 0;
    for (size_t r = 0; r < results_; ++r) {
      sums.push_back(codegen::cell_weights(text.plan, nodes[r], uniforms));
      pieces.constants[r] = sums[r].constant;
      cost += tables.cost(sums[r]);
    }
    const uint64_t cost_of_part = std::max(kMinPartCost, cost * request.tiles / kWantedGroups);
    const auto stores = tables.add_store_parts();
    const auto parts = tables.add_parts(sums, cost_of_part);
    if (parts.empty()) return;

    // Each kernel that has parts is an evaluator; all read the same table and weights.
    std::vector<uint32_t> first_weight;
    const size_t elements_begin = cell_elements_.size(), table_begin = cell_words_.size();
    for (const codegen::CellWeights& sum : sums) {
      first_weight.push_back(u32_of(cell_elements_.size() - elements_begin));
      const std::vector<Ext> of_sum = tables.weights(sum);
      cell_elements_.insert(cell_elements_.end(), of_sum.begin(), of_sum.end());
    }
    cell_words_.insert(cell_words_.end(), tables.words().begin(), tables.words().end());
    cell_words_.resize((cell_words_.size() + 3) / 4 * 4);
    std::vector<size_t> evaluators(text.text.kernels.size(), 0);
    const auto piece = [&](const codegen::CellPart& part) {
      size_t& evaluator = evaluators[part.kernel];
      if (evaluator == 0) {
        evaluator = prepared.evaluators.size();
        prepared.evaluators.push_back({request.generated, part.kernel, {}, {}});
        places_.push_back({table_begin, cell_words_.size(), elements_begin, cell_elements_.size()});
      }
      return TracePiece{evaluator, part.ranges, 0, 0, first_weight[part.sum], part.sum};
    };
    for (const codegen::CellPart& part : stores) pieces.stores.push_back(piece(part));
    for (const codegen::CellPart& part : parts) pieces.pieces.push_back(piece(part));
    pieces.num_stored = text.plan.num_stored();
    tables.mark_rows(sums, pieces.rows);
  }

  void upload(Work& work) {
    for (TracePieces& trace : prepared.traces) trace.publics += u32_of(4 * elements_.size());
    std::vector<Fp> words;
    for (const Ext& element : elements_) words.insert(words.end(), element.c.begin(), element.c.end());
    words.insert(words.end(), publics_.begin(), publics_.end());
    if (words.empty()) words.push_back(Fp::zero());
    prepared.memory.push_back(work.upload(std::span<const Fp>(words), "constraint weights"));
    prepared.evaluators[0].table = programs_.words();
    prepared.evaluators[0].weights = prepared.memory.back().range();
    if (cell_words_.empty()) return;
    Array table = work.upload(std::span<const uint32_t>(cell_words_), "cell tables");
    Array weights = work.upload(std::span<const Ext>(cell_elements_), "cell weights");
    for (size_t i = 0; i < places_.size(); ++i) {
      const Place& place = places_[i];
      prepared.evaluators[i + 1].table = table.words(place.table_begin, place.table_end - place.table_begin);
      prepared.evaluators[i + 1].weights =
          weights.words(4 * place.weights_begin, 4 * (place.weights_end - place.weights_begin));
    }
    prepared.memory.push_back(std::move(table));
    prepared.memory.push_back(std::move(weights));
  }

  PreparedPieces prepared;

 private:
  struct Place {
    size_t table_begin, table_end, weights_begin, weights_end;
  };
  TracePieces& add_trace(const AirPrograms& programs) {
    TracePieces& pieces = prepared.traces.emplace_back();
    pieces.rows.resize(programs.rows.rows.size(), false);
    pieces.constants.resize(results_, Ext::zero());
    return pieces;
  }

  const ConstraintPrograms& programs_;
  codegen::Form form_;
  const std::array<std::optional<size_t>, 3>& result_of_;
  size_t results_;
  std::vector<Ext> elements_, cell_elements_;
  std::vector<Fp> publics_;
  std::vector<uint32_t> cell_words_;
  std::vector<Place> places_;  // by evaluator, less the interpreter
};

}  // namespace

PreparedPieces prepare_pieces(Work& work, const ConstraintPrograms& programs, codegen::Form form,
                              std::span<const PieceRequest> requests,
                              const std::array<std::optional<size_t>, 3>& result_of, size_t results) {
  Preparation preparation(programs, form, result_of, results);
  for (const PieceRequest& request : requests) {
    if (request.generated && request.generated->worth(form, request.places)) {
      preparation.generate(request);
    } else {
      preparation.interpret(request);
    }
  }
  preparation.upload(work);
  return std::move(preparation.prepared);
}

void PieceDispatches::add(const TracePiece& of_trace, ConstraintsPiece piece, uint64_t tiles) {
  Target& target = targets_[of_trace.evaluator];
  piece.first_tile = u32_of(target.tiles);
  piece.instructions = of_trace.instructions, piece.num_instructions = of_trace.num_instructions;
  piece.weights = of_trace.weights;
  target.pieces.push_back(piece);
  target.tiles += tiles;
  target.spilled_slots = std::max(target.spilled_slots, of_trace.spilled_slots);
}

void PieceDispatches::record_interpreter(Work& work, const Target& target, const Range& addresses,
                                         const Range& eq, const Range& partials, std::span<const Use> uses) {
  const Evaluator& evaluator = prepared_.evaluators[0];
  const Array pieces = work.upload(std::span<const ConstraintsPiece>(target.pieces), "constraint pieces");
  const uint64_t running =
      target.spilled_slots > 0 ? std::min(target.tiles, kMaxSpillingGroups) : target.tiles;
  const Array spilled = work.words(
      std::max<uint64_t>(4 * running * CONSTRAINT_GROUP * target.spilled_slots, 1), "constraint slots");
  const auto dispatch = [&](Call call) {
    call.uses.assign(uses.begin(), uses.end());
    work.recorder().groups(call, running);
  };
  const u32 count = u32_of(target.pieces.size()), tiles = u32_of(target.tiles);
  if (form_ == codegen::Form::kPoints) {
    const ConstraintSumsPointsArgs args{count, tiles};
    dispatch(calls::ConstraintSumsPoints{evaluator.table, pieces.range(), addresses, evaluator.weights, eq,
                                         spilled.range(), partials, args}
                 .call());
  } else {
    const ConstraintSumsLinesArgs args{count, tiles};
    dispatch(calls::ConstraintSumsLines{evaluator.table, pieces.range(), addresses, evaluator.weights, eq,
                                        spilled.range(), partials, args}
                 .call());
  }
}

std::optional<Marks> PieceDispatches::record(Work& work, const Range& addresses, const Range& eq,
                                             const Range& partials, const Range& stored,
                                             std::span<const Use> uses) {
  if (!targets_[0].pieces.empty()) record_interpreter(work, targets_[0], addresses, eq, partials, uses);
  const bool generated = std::any_of(targets_.begin() + 1, targets_.end(),
                                     [](const Target& target) { return !target.pieces.empty(); });
  if (!generated) return std::nullopt;
  Marks marks;
  marks.begin = work.recorder().mark();
  for (const bool stores : {true, false}) {
    for (size_t i = 1; i < targets_.size(); ++i) {
      const Evaluator& evaluator = prepared_.evaluators[i];
      const Target& target = targets_[i];
      if (target.pieces.empty() || evaluator.air->text.text.kernels[evaluator.kernel].stores != stores)
        continue;
      const Array pieces = work.upload(std::span<const ConstraintsPiece>(target.pieces), "constraint pieces");
      // The argument structures of both forms are equal.
      const ConstraintSumsPointsArgs args{u32_of(target.pieces.size()), u32_of(target.tiles)};
      Call call(evaluator.air->programs[evaluator.kernel], 0,
                {evaluator.table, pieces.range(), addresses, evaluator.weights, eq, partials}, args);
      call.uses.assign(uses.begin(), uses.end());
      if (stored.bytes > 0) call.uses.push_back({stored, stores ? Access::kReadWrite : Access::kRead});
      work.recorder().groups(call, target.tiles);
    }
  }
  marks.end = work.recorder().mark();
  return marks;
}

}  // namespace openswirl::gpu
