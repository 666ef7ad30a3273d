#include "gpu/constraint_pieces.h"

#include <algorithm>
#include <numeric>

#include "gpu/elements.h"

namespace openswirl::gpu {
namespace {

// Groups that run at once where slots are spilled; more tiles take turns, so that the slots stay bounded.
constexpr uint64_t kMaxSpillingGroups = 4096;
// Tiles and pieces make about so many groups, which fill a large GPU.
constexpr uint64_t kWantedGroups = 4096;
constexpr size_t kScaledCells = 512;  // that a thread takes at a time

const std::vector<Ext>& weights_of(const stages::RowWeights& weights, RowFunction function) {
  return function == RowFunction::kConstraints ? weights.constraints
         : function == RowFunction::kMessages  ? weights.messages
                                               : weights.counts;
}

}  // namespace

PreparedPieces::PreparedPieces(const ConstraintPrograms& programs, codegen::Form form,
                               std::span<const PieceRequest> requests, const ResultOf& result_of,
                               size_t results)
    : evaluators(1), programs_(programs), form_(form), result_of_(result_of), results_(results) {
  for (const PieceRequest& request : requests) {
    Trace& trace = of_request_.emplace_back();
    trace.request = request;
    TracePieces& pieces = traces.emplace_back();
    pieces.rows.resize(programs.air(request.view->shape.air_id).rows.rows.size(), false);
    pieces.constants.resize(results, Ext::zero());
    if (request.generated && request.generated->worth(form, request.places)) {
      generate(trace, pieces);
    } else {
      interpret(trace, pieces);
    }
  }
  // Public values lie behind the weights.
  for (TracePieces& pieces : traces) pieces.publics += 4 * num_elements_;
  elements_.resize(num_elements_, Ext::zero());
  if (form == codegen::Form::kPoints) {
    cell_elements_.resize(num_cells_, Ext::zero());
    return;
  }
  scaled_ = false;
  cell_elements_.resize(2 * size_t{num_cells_}, Ext::zero());
  cell_weights_[0].resize(num_cells_, Ext::zero());
  if (std::ranges::any_of(of_request_,
                          [&](const Trace& t) { return t.tables && !functions(t).counts.empty(); })) {
    cell_weights_[1].resize(num_cells_, Ext::zero());
  }
}

std::vector<TracePiece> PreparedPieces::interpreted(std::span<const ConstraintPiece> of_air,
                                                    TracePieces& pieces) {
  std::vector<TracePiece> result;
  for (const ConstraintPiece& piece : of_air) {
    const auto result_number = result_of_[static_cast<size_t>(piece.function)];
    if (!result_number) continue;
    result.push_back(
        {0, piece.instructions, piece.num_instructions, piece.spilled_slots, num_elements_, *result_number});
    num_elements_ += u32_of(piece.nodes.size());
    for (const uint32_t row : piece.rows) pieces.rows[row] = true;
  }
  return result;
}

void PreparedPieces::interpret(Trace& trace, TracePieces& pieces) {
  const AirPrograms& programs = programs_.air(trace.request.view->shape.air_id);
  trace.pieces = interpreted(programs.pieces, pieces);
  if (form_ == codegen::Form::kLines) trace.short_pieces = interpreted(programs.short_pieces, pieces);
  pieces.publics = num_publics_;
  num_publics_ += u32_of(trace.request.view->public_values.size());
}

TracePiece PreparedPieces::generated_piece(const Trace& trace, const codegen::CellPart& part) const {
  return {trace.evaluator_of[part.kernel],
          part.ranges,
          0,
          0,
          trace.tables->cells.first_weights()[part.sum] * trace.tables->cells.weight_elements(),
          part.sum};
}

void PreparedPieces::generate(Trace& trace, TracePieces& pieces) {
  const PieceRequest& request = trace.request;
  trace.tables = request.generated->tables(form_, summed_nodes(functions(trace), result_of_, results_),
                                           request.view->public_values);
  const codegen::CellTables& tables = trace.tables->cells;
  // Each kernel that has parts is an evaluator; all read the same table and weights.
  trace.first_cell = num_cells_;
  trace.scratch.resize(tables.scratch_elements(), Ext::zero());
  trace.evaluator_of.resize(request.generated->text.text.kernels.size(), 0);
  for (const auto& parts : {tables.stores(), tables.parts(0)}) {
    for (const codegen::CellPart& part : parts) {
      size_t& evaluator = trace.evaluator_of[part.kernel];
      if (evaluator != 0) continue;
      evaluator = evaluators.size();
      evaluators.push_back({request.generated, part.kernel, {}, {}});
    }
  }
  for (const codegen::CellPart& part : tables.stores()) {
    pieces.stores.push_back(generated_piece(trace, part));
  }
  num_cells_ += tables.first_weights().back();
  pieces.num_stored = request.generated->text.plan.num_stored();
  pieces.rows = tables.rows();
}

std::vector<std::vector<TracePiece>> PreparedPieces::split(std::span<const uint64_t> tiles) const {
  uint64_t interpreted = 0;  // groups, without short pieces
  for (size_t t = 0; t < of_request_.size(); ++t) interpreted += tiles[t] * of_request_[t].pieces.size();
  std::vector<std::vector<TracePiece>> result(of_request_.size());
  for (size_t t = 0; t < of_request_.size(); ++t) {
    const Trace& trace = of_request_[t];
    if (tiles[t] == 0) continue;
    if (!trace.tables) {
      const bool is_short = interpreted < kWantedGroups && !trace.short_pieces.empty();
      result[t] = is_short ? trace.short_pieces : trace.pieces;
      continue;
    }
    for (const codegen::CellPart& part :
         trace.tables->cells.parts(trace.tables->cells.cost() * tiles[t] / kWantedGroups)) {
      result[t].push_back(generated_piece(trace, part));
    }
  }
  return result;
}

void PreparedPieces::weigh_interpreted(std::span<const ConstraintPiece> of_air,
                                       const stages::RowWeights& weights, std::span<Ext> elements) const {
  size_t next = 0;
  for (const ConstraintPiece& piece : of_air) {
    if (!result_of_[static_cast<size_t>(piece.function)]) continue;
    const std::vector<Ext>& of_nodes = weights_of(weights, piece.function);
    for (const uint32_t node : piece.nodes) {
      if (node != ConstraintPiece::kNoNode) elements[next] = of_nodes[node];
      ++next;
    }
  }
}

void PreparedPieces::weigh(const Context& context, size_t request, const stages::RowWeights& weights) {
  Trace& trace = of_request_[request];
  trace.weighed = true;
  if (!trace.tables) {
    const AirPrograms& programs = programs_.air(trace.request.view->shape.air_id);
    if (!trace.pieces.empty()) {
      weigh_interpreted(programs.pieces, weights, std::span(elements_).subspan(trace.pieces[0].weights));
    }
    if (!trace.short_pieces.empty()) {
      weigh_interpreted(programs.short_pieces, weights,
                        std::span(elements_).subspan(trace.short_pieces[0].weights));
    }
    return;
  }
  weigh_cells(context, trace, traces[request], weights);
}

void PreparedPieces::weigh_cells(const Context& context, Trace& trace, TracePieces& pieces,
                                 const stages::RowWeights& weights) {
  const codegen::CellTables& cells = trace.tables->cells;
  // The nodes of a sum are those of its functions, one function after another.
  const auto weigh = [&](size_t sum, std::span<const RowFunction> of, std::span<Ext> to) {
    std::vector<codegen::CellWeighing::NodeWeights> nodes;
    size_t first = 0;
    for (const RowFunction function : kRowFunctions) {
      if (result_of_[static_cast<size_t>(function)] != sum) continue;
      const std::vector<Ext>& some = weights_of(weights, function);
      if (std::ranges::find(of, function) != of.end()) nodes.push_back({first, some});
      first += some.size();
    }
    const uint32_t begin = cells.first_weights()[sum], end = cells.first_weights()[sum + 1];
    std::vector<Ext> constants(cells.num_shares(sum));
    context.parallel_for(constants.size(), 1, [&](size_t share, size_t) {
      constants[share] = cells.weigh(sum, share, nodes, trace.scratch);
    });
    cells.collect(sum, trace.scratch, to.subspan(trace.first_cell + begin, end - begin));
    return std::accumulate(constants.begin(), constants.end(), Ext::zero());
  };
  for (size_t sum = 0; sum < results_; ++sum) {
    if (form_ == codegen::Form::kPoints) {
      pieces.constants[sum] = weigh(sum, kRowFunctions, cell_elements_);
      continue;
    }
    const std::span<const RowFunction> all = kRowFunctions;
    for (auto& constants : trace.constants) constants.resize(results_, Ext::zero());
    trace.constants[0][sum] = weigh(sum, all.first(1), cell_weights_[0]);
    if (functions(trace).counts.empty()) continue;
    trace.constants[1][sum] = weigh(sum, all.subspan(1), cell_weights_[1]);
  }
}

void PreparedPieces::scale_interpreted(std::span<const ConstraintPiece> of_air,
                                       const stages::ConstraintRounds::FoldFactors& factors,
                                       std::span<Ext> elements) const {
  size_t next = 0;
  for (const ConstraintPiece& piece : of_air) {
    if (!result_of_[static_cast<size_t>(piece.function)]) continue;
    const Ext& factor =
        piece.function == RowFunction::kConstraints ? factors.constraints : factors.interactions;
    for (size_t i = 0; i < piece.nodes.size(); ++i) elements[next++] *= factor;
  }
}

void PreparedPieces::scale_cells(const stages::ConstraintRounds::FoldFactors& factors, size_t begin,
                                 size_t end) {
  for (size_t i = begin; i < end; ++i) {
    Ext weight = cell_weights_[0][i] * factors.constraints;
    if (!cell_weights_[1].empty()) weight += cell_weights_[1][i] * factors.interactions;
    cell_elements_[2 * i] = weight;
    cell_elements_[2 * i + 1] = codegen::CellTables::companion(weight);
  }
}

void PreparedPieces::scale(const Context& context, const stages::ConstraintRounds::FoldFactors& factors) {
  const size_t chunks = (num_cells_ + kScaledCells - 1) / kScaledCells;
  context.parallel_for(of_request_.size() + chunks, 1, [&](size_t task, size_t) {
    if (task < chunks) {
      return scale_cells(factors, task * kScaledCells,
                         std::min<size_t>((task + 1) * kScaledCells, num_cells_));
    }
    const size_t request = task - chunks;
    Trace& trace = of_request_[request];
    if (trace.tables) {
      for (size_t sum = 0; sum < results_; ++sum) {
        traces[request].constants[sum] =
            trace.constants[0][sum] * factors.constraints + trace.constants[1][sum] * factors.interactions;
      }
      return;
    }
    const AirPrograms& programs = programs_.air(trace.request.view->shape.air_id);
    const std::span<Ext> elements(elements_);
    if (!trace.pieces.empty()) {
      scale_interpreted(programs.pieces, factors, elements.subspan(trace.pieces[0].weights));
    }
    if (!trace.short_pieces.empty()) {
      scale_interpreted(programs.short_pieces, factors, elements.subspan(trace.short_pieces[0].weights));
    }
  });
  scaled_ = true;
}

const stages::RowFunctions& PreparedPieces::functions(const Trace& trace) const {
  return programs_.air(trace.request.view->shape.air_id).functions;
}

void PreparedPieces::upload(Work& work) {
  if (!scaled_ || !std::ranges::all_of(of_request_, &Trace::weighed)) {
    throw Error(FailureKind::kInternal, "pieces of constraints are used before they are weighed and scaled");
  }
  std::vector<Fp> publics;
  for (const Trace& trace : of_request_) {
    if (trace.tables) continue;
    const auto& values = trace.request.view->public_values;
    publics.insert(publics.end(), values.begin(), values.end());
  }
  Array interpreted =
      work.words(std::max<uint64_t>(4 * elements_.size() + publics.size(), 1), "constraint weights");
  const Range of_elements = interpreted.words(0, 4 * elements_.size());
  work.recorder().upload_borrowed(std::as_bytes(std::span<const Ext>(elements_)), of_elements);
  work.recorder().upload(std::as_bytes(std::span<const Fp>(publics)),
                         interpreted.words(4 * elements_.size(), publics.size()));
  evaluators[0].table = programs_.words();
  evaluators[0].weights = interpreted.range();
  memory_.push_back(std::move(interpreted));
  if (evaluators.size() == 1) return;
  Array cell_weights = work.words(4 * cell_elements_.size(), "cell weights");
  work.recorder().upload_borrowed(std::as_bytes(std::span<const Ext>(cell_elements_)), cell_weights.range());
  for (const Trace& trace : of_request_) {
    if (!trace.tables) continue;
    const codegen::CellTables& cells = trace.tables->cells;
    Range table = trace.tables->words.range();
    if (table.bytes == 0) {
      memory_.push_back(work.words(cells.words().size(), "cell tables"));
      table = memory_.back().range();
      work.recorder().upload(std::as_bytes(cells.words()), table);
    }
    const uint64_t words = 4 * uint64_t{cells.weight_elements()};  // of a weight
    const Range own_weights =
        cell_weights.words(words * trace.first_cell, words * cells.first_weights().back());
    for (const size_t i : trace.evaluator_of) {
      if (i != 0) evaluators[i].table = table, evaluators[i].weights = own_weights;
    }
  }
  memory_.push_back(std::move(cell_weights));
}

void PieceDispatches::add(const TracePiece& of_trace, ConstraintsPiece piece, uint64_t tiles) {
  Target& target = targets_[of_trace.evaluator];
  piece.first_tile = u32_of(target.tiles);
  piece.instructions = of_trace.instructions, piece.num_instructions = of_trace.num_instructions;
  piece.weights = of_trace.weights;
  target.pieces.push_back(piece);
  target.tiles += tiles;
  target.spilled_slots = std::max(target.spilled_slots, of_trace.spilled_slots);
  target.log_size = std::max(target.log_size, piece.log_size);
}

bool PieceDispatches::empty() const {
  return std::ranges::all_of(targets_, [](const Target& target) { return target.tiles == 0; });
}

void PieceDispatches::append_to(std::vector<ConstraintsPiece>& table) {
  for (Target& target : targets_) {
    target.first = table.size(), target.count = target.pieces.size();
    table.insert(table.end(), target.pieces.begin(), target.pieces.end());
    target.pieces = {};
  }
}

uint32_t PieceDispatches::group_size(const Target& target) const {
  const bool alone = form_ == codegen::Form::kLines && target.log_size <= CONSTRAINT_LOG_LONE_LINES;
  return alone ? 1u << CONSTRAINT_LOG_LONE_LINES : 0;
}

uint64_t PieceDispatches::interpreting_groups(const Target& target) {
  return target.spilled_slots > 0 ? std::min(target.tiles, kMaxSpillingGroups) : target.tiles;
}

void PieceDispatches::record_interpreter(Work& work, const Range& table, const Range& addresses,
                                         const Range& eq, const Range& spilled, const Range& partials,
                                         std::span<const Use> uses) const {
  const Evaluator& evaluator = prepared_->evaluators[0];
  const Target& target = targets_[0];
  const Range pieces = target.range(table);
  const auto dispatch = [&](Call call) {
    call.uses.assign(uses.begin(), uses.end());
    call.group = group_size(target);
    work.recorder().groups(call, interpreting_groups(target));
  };
  const u32 count = u32_of(target.count), tiles = u32_of(target.tiles);
  if (form_ == codegen::Form::kPoints) {
    const ConstraintSumsPointsArgs args{count, tiles};
    dispatch(calls::ConstraintSumsPoints{evaluator.table, pieces, addresses, evaluator.weights, eq, spilled,
                                         partials, args}
                 .call());
  } else {
    const ConstraintSumsLinesArgs args{count, tiles};
    dispatch(calls::ConstraintSumsLines{evaluator.table, pieces, addresses, evaluator.weights, eq, spilled,
                                        partials, args}
                 .call());
  }
}

std::optional<Marks> PieceDispatches::record(Work& work, const Range& table, const Range& addresses,
                                             const Range& eq, const Range& partials, const Range& stored,
                                             std::span<const Use> uses) const {
  const bool interpreted = targets_[0].count > 0;
  const bool generated = std::any_of(targets_.begin() + 1, targets_.end(),
                                     [](const Target& target) { return target.count > 0; });
  std::vector<Use> read(uses.begin(), uses.end());
  for (Use& use : read) use.access = Access::kRead;
  Array spilled;
  if (interpreted) {
    // Here, because a new array is discarded first, which would stand between the kernels.
    const uint64_t slots = uint64_t{CONSTRAINT_GROUP} * targets_[0].spilled_slots;
    spilled =
        work.words(std::max<uint64_t>(4 * interpreting_groups(targets_[0]) * slots, 1), "constraint slots");
  }
  std::optional<Marks> marks;
  if (generated) marks.emplace().begin = work.recorder().mark();
  {
    const Recorder::DisjointWrites own_partials(work.recorder(), partials);
    for (const bool stores : {true, false}) {
      for (size_t i = 1; i < targets_.size(); ++i) {
        const Evaluator& evaluator = prepared_->evaluators[i];
        const Target& target = targets_[i];
        if (target.count == 0 || evaluator.air->text.text.kernels[evaluator.kernel].stores != stores)
          continue;
        // The argument structures of both forms are equal.
        const ConstraintSumsPointsArgs args{u32_of(target.count), u32_of(target.tiles)};
        Call call(evaluator.air->programs[evaluator.kernel], 0,
                  {evaluator.table, target.range(table), addresses, evaluator.weights, eq, partials}, args);
        const std::span<const Use> own_uses = stores ? uses : read;
        call.uses.assign(own_uses.begin(), own_uses.end());
        call.group = group_size(target);
        if (stored.bytes > 0) call.uses.push_back({stored, stores ? Access::kReadWrite : Access::kRead});
        work.recorder().groups(call, target.tiles);
      }
    }
    // Behind those that store, which may write to what it reads.
    if (interpreted) record_interpreter(work, table, addresses, eq, spilled.range(), partials, read);
  }
  if (marks) marks->end = work.recorder().mark();
  return marks;
}

}  // namespace openswirl::gpu
