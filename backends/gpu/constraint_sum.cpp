#include "gpu/constraint_sum.h"

#include <algorithm>

#include "gpu/elements.h"
#include "gpu/kernels.h"
#include "poly/eq.h"

namespace openswirl::gpu {
namespace {

// Results by row function: constraints, messages, counts.
using Results = std::array<std::optional<size_t>, 3>;
constexpr uint64_t kCellBytes = 96;  // operands and weights in both forms
constexpr Results kClaims = {std::nullopt, 0, 1}, kUnivariate = {1, 0, 0}, kLines = {0, 0, 0};

}  // namespace

ConstraintSumStage::ConstraintSumStage(Work& work, const stages::StageInputs& inputs,
                                       const DeviceTraces& traces, const ConstraintPrograms& programs,
                                       const GeneratedConstraints* generated, const Ext& beta,
                                       std::vector<Ext> xi, const Ext& lambda, uint64_t host_entries,
                                       uint64_t coset_words)
    : work_(work),
      inputs_(inputs),
      device_traces_(traces),
      programs_(programs),
      host_entries_(host_entries),
      coset_words_(coset_words),
      rounds_(*inputs.vk, inputs.shape, beta, std::move(xi), lambda) {
  std::vector<Ext> elements;
  const auto l_skip = static_cast<uint32_t>(inputs.shape.params.l_skip);
  for (size_t t = 0; t < inputs.traces.size(); ++t) {
    const uint32_t n = inputs.traces[t].shape.lifted_n;
    Trace& trace = traces_.emplace_back();
    if (generated) trace.generated = generated->air(air_id(t));
    // Traces are sorted by height.
    trace.eq = t > 0 && inputs.traces[t - 1].shape.lifted_n == n
                   ? traces_[t - 1].eq
                   : EqSuffixTables(rounds_.xi().subspan(l_skip, n), elements);
  }
  eq_ = work.upload(std::span<const Ext>(elements), "eq tables");
}

uint64_t ConstraintSumStage::bytes(const VerifyingKey& vk, const ProofShape& shape) {
  uint64_t folded = 0, rows = 0, widest_block = 0;
  for (const TraceShape& trace : shape.traces) {
    const AirVk& air = vk.airs[trace.air_id];
    const uint64_t columns = air.width.total() * (air.need_rot ? 2 : 1) + 3;
    const uint64_t words = 4 * columns * std::max<uint64_t>(air.max_constraint_degree, 1);
    folded += sizeof(Ext) * (columns << trace.lifted_n);
    // Operands and weights of cells, of which there are at most as many as nodes.
    folded += kCellBytes * air.constraints.nodes.size();
    rows += words << (shape.params.l_skip + trace.lifted_n);
    widest_block = std::max(widest_block, words << std::max<uint64_t>(shape.params.l_skip, 2));
  }
  return std::max(folded + folded / 2, std::min(rows, std::max(4 * kCosetWords, widest_block)));
}

PieceRequest ConstraintSumStage::request(size_t t) const {
  PieceRequest request;
  request.view = &inputs_.traces[t];
  request.functions = &rounds_.functions(t);
  request.generated = traces_[t].generated;
  return request;
}

void ConstraintSumStage::weigh(std::span<PieceRequest> requests) const {
  work_.context().parallel_for(requests.size(), 4, [&](size_t begin, size_t end) {
    for (PieceRequest& request : requests.subspan(begin, end - begin)) {
      request.weights = rounds_.weights(static_cast<size_t>(request.view - inputs_.traces.data()));
    }
  });
}

std::vector<stages::ConstraintRounds::Claim> ConstraintSumStage::sum_claims() {
  std::vector<CosetTask> tasks;
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (rounds_.functions(t).counts.empty()) continue;
    CosetTask& task = tasks.emplace_back();
    task.trace = t, task.first_coset = 0, task.cosets = 1, task.results = 2;
  }
  std::vector<stages::ConstraintRounds::DomainSums> domain(traces_.size());
  if (!tasks.empty()) {
    const CosetSums sums = record_cosets(tasks, kClaims);
    for (size_t i = 0; i < tasks.size(); ++i) {
      domain[tasks[i].trace] = {sums.sums(i, 1), sums.sums(i, 0)};
    }
  }
  return rounds_.claims(std::move(domain));
}

std::vector<Ext> ConstraintSumStage::first_round(const Ext& mu) {
  rounds_.batch(mu);
  std::vector<CosetTask> tasks;
  for (size_t t = 0; t < traces_.size(); ++t) {
    const uint32_t cosets = rounds_.num_cosets(t);
    if (cosets == 0) continue;
    CosetTask& task = tasks.emplace_back();
    task.trace = t, task.first_coset = 1, task.cosets = cosets, task.results = 2;
  }
  std::vector<stages::ConstraintRounds::CosetSums> coset_sums(traces_.size());
  if (!tasks.empty()) {
    const CosetSums sums = record_cosets(tasks, kUnivariate);
    for (size_t i = 0; i < tasks.size(); ++i) {
      coset_sums[tasks[i].trace] = {sums.sums(i, 0), sums.sums(i, 1)};
    }
  }
  return rounds_.univariate(coset_sums);
}

CosetSums ConstraintSumStage::record_cosets(std::vector<CosetTask>& tasks, const Results& result_of) {
  std::vector<PieceRequest> requests;
  const auto l_skip = static_cast<uint32_t>(inputs_.shape.params.l_skip);
  for (CosetTask& task : tasks) {
    task.eq = traces_[task.trace].eq.from(0);
    PieceRequest& request = requests.emplace_back(this->request(task.trace));
    const uint32_t log_points = l_skip + inputs_.traces[task.trace].shape.lifted_n;
    request.places = uint64_t{task.cosets} << log_points;
    // Those of one turn, about.
    const uint64_t words = programs_.air(air_id(task.trace)).rows.rows.size() * request.places;
    const uint64_t tiles =
        (request.places >> CONSTRAINT_LOG_POINTS) * coset_words_ / std::max(words, coset_words_);
    request.tiles = std::max<uint64_t>(tiles, 1);
  }
  weigh(requests);
  const PreparedPieces prepared =
      prepare_pieces(work_, programs_, codegen::Form::kPoints, requests, result_of, 2);
  const CosetOperands operands{inputs_, device_traces_, programs_, rounds_.cosets(), prepared, eq_.range()};
  CosetSums sums(work_, operands, tasks, coset_words_);
  const std::vector<double> times = work_.wait();
  for (const Marks& marks : sums.generated()) add_generated_span(work_, marks, times);
  return sums;
}

void ConstraintSumStage::fold(const Ext& r_0) {
  const size_t begin = work_.recorder().mark();
  FoldedColumns folded = fold_columns(work_, inputs_, device_traces_, r_0);
  const size_t end = work_.recorder().mark();
  elements_ = std::move(folded.elements);
  for (size_t t = 0; t < traces_.size(); ++t) traces_[t].folded = std::move(folded.traces[t]);
  work_.recorder().submit();
  rounds_.bind(r_0);
  on_host_ = host_takes_over();
  record_downloads(on_host_);
  const std::vector<double> marks = work_.wait();
  work_.context().spans->add("fold_ple", marks[begin], marks[end], true);
  if (on_host_) take_over();
}

bool ConstraintSumStage::host_takes_over() const {
  uint64_t entries = 0;
  for (size_t t = 0; t < traces_.size() && rounds_.in_head(t); ++t) {
    uint64_t instructions = traces_[t].columns();
    for (const ConstraintPiece& piece : programs_.air(air_id(t)).pieces)
      instructions += piece.num_instructions;
    // The host works on vectors of lines.
    entries += std::max(uint64_t{16}, uint64_t{1} << rounds_.log_lines(t)) * instructions *
               rounds_.positions(t).count;
  }
  return entries > 0 && entries <= host_entries_;
}

void ConstraintSumStage::record_downloads(bool all) {
  for (size_t t = 0; t < traces_.size(); ++t) {
    Trace& trace = traces_[t];
    if (!trace.values.empty() || (rounds_.in_head(t) && !all)) continue;
    trace.values.resize(trace.columns() << trace.folded.log_blocks);
    work_.recorder().download(elements_.words(4 * trace.folded.first_element, 4 * trace.values.size()),
                              std::as_writable_bytes(std::span(trace.values)));
  }
}

void ConstraintSumStage::take_over() {
  elements_ = {};
  for (size_t t = 0; t < traces_.size(); ++t) {
    Trace& trace = traces_[t];
    if (!rounds_.in_head(t) && !rounds_.ends_now(t)) continue;
    stages::ConstraintLines& lines =
        trace.lines.emplace(work_.context(), inputs_.traces[t], trace.folded.log_blocks);
    const size_t length = size_t{1} << trace.folded.log_blocks;
    for (size_t i = 0; i < trace.columns(); ++i) {
      lines.set_column(i, std::span<const Ext>(trace.values).subspan(i * length, length));
    }
    lines.set_weights(rounds_.functions(t), rounds_.weights(t));
    trace.values = {};
  }
}

std::vector<Ext> ConstraintSumStage::next(const Ext* challenge) {
  if (on_host_) {
    work_.context().spans->note_host();
    if (challenge) {
      for (size_t t = 0; t < traces_.size() && rounds_.in_head(t); ++t) traces_[t].lines->bind(*challenge);
      rounds_.bind(*challenge);
    }
    return host_round();
  }
  if (challenge) {
    bind(*challenge);
    on_host_ = host_takes_over();
    if (on_host_) {
      record_downloads(true);
      work_.wait();
      take_over();
      work_.context().spans->note_host();
      return host_round();
    }
  }
  return device_round();
}

void ConstraintSumStage::bind(const Ext& challenge) {
  uint64_t elements = 0;
  for (size_t t = 0; t < traces_.size() && rounds_.in_head(t); ++t) {
    FoldedTrace& folded = traces_[t].folded;
    folded.first_element = elements;
    elements += traces_[t].columns() << --folded.log_blocks;
  }
  ConstraintSumsFoldArgs args{};
  set_words(args.challenge, challenge);
  args.count = u32_of(elements);
  Array folded = work_.words(4 * elements, "folded columns");
  work_.recorder().threads(
      calls::ConstraintSumsFold{elements_.words(0, 8 * elements), folded.range(), args}.call(), elements);
  elements_ = std::move(folded);
  rounds_.bind(challenge);
}

std::vector<Ext> ConstraintSumStage::host_round() {
  std::vector<std::vector<Ext>> values(traces_.size());
  for (size_t t = 0; t < traces_.size(); ++t) {
    const std::optional<stages::ConstraintLines>& lines = traces_[t].lines;
    if (rounds_.ends_now(t)) rounds_.add_tail(lines->value());
    if (!rounds_.in_head(t)) continue;
    const auto [first, count] = rounds_.positions(t);
    values[t] = lines->evaluate(rounds_.line_point(t), first, count);
  }
  return rounds_.message(values);
}

stages::ConstraintRounds::Positions ConstraintSumStage::line_positions(size_t t) const {
  if (rounds_.ends_now(t)) return {0, 1};
  return rounds_.positions(t);
}

void ConstraintSumStage::prepare_lines() {
  const auto places = [&](size_t t, uint32_t log_tile) {
    if (!rounds_.ends_now(t) && !rounds_.in_head(t)) return uint64_t{0};
    return uint64_t{line_positions(t).count} << (log_lines(t) - std::min(log_lines(t), log_tile));
  };
  bool same = lines_.has_value();
  for (size_t t = 0; t < traces_.size(); ++t) {
    Trace& trace = traces_[t];
    const bool generated = trace.generated && trace.generated->worth(codegen::Form::kLines, places(t, 0));
    same &= generated == trace.generated_lines;
    trace.generated_lines = generated;
  }
  if (same) return;
  std::vector<PieceRequest> requests;
  for (size_t t = 0; t < traces_.size(); ++t) {
    PieceRequest& request = requests.emplace_back(this->request(t));
    request.places = places(t, 0);
    request.tiles = places(t, CONSTRAINT_LOG_LINES);
  }
  weigh(requests);
  lines_ = prepare_pieces(work_, programs_, codegen::Form::kLines, requests, kLines, 1);
  for (size_t t = 0; t < traces_.size(); ++t) lines_->traces[t].constants[0] += requests[t].weights.constant;
}

std::vector<Ext> ConstraintSumStage::device_round() {
  prepare_lines();
  TileSums sums;
  PieceDispatches dispatches(*lines_, codegen::Form::kLines);
  std::vector<uint64_t> addresses;
  std::vector<size_t> results(traces_.size());
  const auto is_active = [&](size_t t) { return rounds_.ends_now(t) || rounds_.in_head(t); };
  uint64_t stored_words = 0;
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (is_active(t))
      stored_words += (uint64_t{4} * lines_->traces[t].num_stored * line_positions(t).count) << log_lines(t);
  }
  const Array stored = work_.words(std::max<uint64_t>(stored_words, 1), "stored values");
  uint64_t next_stored = stored.range().address();
  bool any = false;
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (!is_active(t)) continue;
    const Trace& trace = traces_[t];
    const TracePieces& pieces = lines_->traces[t];
    const stages::ConstraintRounds::Positions positions = line_positions(t);
    const uint32_t log_tiles = log_lines(t) - std::min(log_lines(t), CONSTRAINT_LOG_LINES);
    results[t] = sums.add(u32_of(pieces.pieces.size()), positions.count, log_tiles, 0);
    const EqSuffixTables::Split eq =
        trace.eq.from(rounds_.ends_now(t) ? inputs_.traces[t].shape.lifted_n : rounds_.bound());
    ConstraintsPiece piece{};
    piece.rows = u32_of(addresses.size());
    for (const stages::LeafSource& row : programs_.air(air_id(t)).rows.rows) {
      const uint64_t element = trace.folded.first_element + (column_of(t, row) << trace.folded.log_blocks);
      addresses.push_back(elements_.range().address() + 16 * element);
    }
    for (uint32_t value = 0; value < pieces.num_stored; ++value) {
      addresses.push_back(next_stored);
      next_stored += (uint64_t{16} * positions.count) << log_lines(t);
    }
    piece.publics = pieces.publics;
    piece.log_size = log_lines(t);
    piece.first_position = positions.first;
    piece.eq_low = eq.low, piece.eq_high = eq.high, piece.log_low = eq.log_low;
    const uint64_t tiles = uint64_t{positions.count} << log_tiles;
    for (const TracePiece& of_trace : pieces.stores) dispatches.add(of_trace, piece, tiles);
    uint32_t part = 0;
    for (const TracePiece& of_trace : pieces.pieces) {
      piece.first_partial = sums.first_partial(results[t], part++);
      dispatches.add(of_trace, piece, tiles);
      any = true;
    }
  }
  const Range partials = sums.allocate(work_);
  std::optional<Marks> generated;
  if (any) {
    if (addresses.empty()) addresses.push_back(0);  // constants alone
    const Array address_table = work_.upload(std::span<const uint64_t>(addresses), "row addresses");
    const Use use{elements_.range(), Access::kRead};
    generated = dispatches.record(work_, address_table.range(), eq_.range(), partials,
                                  stored_words > 0 ? stored.range() : Range{}, {&use, 1});
    sums.record(work_);
  }
  record_downloads(false);
  const std::vector<double> times = work_.wait();
  if (generated) add_generated_span(work_, *generated, times);

  std::vector<std::vector<Ext>> values(traces_.size());
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (!is_active(t)) continue;
    std::vector<Ext> of_trace = sums.sums(results[t]);
    for (Ext& value : of_trace) value += lines_->traces[t].constants[0];
    if (rounds_.ends_now(t)) {
      rounds_.add_tail(of_trace[0]);
    } else {
      values[t] = std::move(of_trace);
    }
  }
  return rounds_.message(values);
}

size_t ConstraintSumStage::column_of(size_t t, const stages::LeafSource& row) const {
  using Kind = stages::LeafSource::Kind;
  const FoldedTrace& folded = traces_[t].folded;
  const size_t step = inputs_.traces[t].air->need_rot ? 2 : 1;
  switch (row.kind) {
    case Kind::kColumn:
      return folded.part_starts[row.part] + row.index * step;
    case Kind::kRotatedColumn:
      return folded.part_starts[row.part] + row.index * step + 1;
    case Kind::kFirst:
      return folded.columns;
    case Kind::kLast:
      return folded.columns + 1;
    default:
      return folded.columns + 2;
  }
}

std::vector<PartOpenings> ConstraintSumStage::finish(const Ext* challenge) {
  if (on_host_) {
    work_.context().spans->note_host();
    if (challenge) {
      for (size_t t = 0; t < traces_.size() && rounds_.in_head(t); ++t) traces_[t].lines->bind(*challenge);
      rounds_.bind(*challenge);
    }
  } else if (challenge) {
    bind(*challenge);
    record_downloads(false);
    work_.wait();
  }
  std::vector<PartOpenings> openings;
  for (size_t t = 0; t < traces_.size(); ++t) {
    const Trace& trace = traces_[t];
    PartOpenings& of_trace = openings.emplace_back();
    if (trace.lines) {
      of_trace = trace.lines->openings();
      continue;
    }
    for (size_t part = 0; part < trace.folded.part_starts.size(); ++part) {
      const size_t end = part + 1 < trace.folded.part_starts.size() ? trace.folded.part_starts[part + 1]
                                                                    : trace.folded.columns;
      CompactList<Ext>& values = of_trace.emplace_back();
      for (size_t i = trace.folded.part_starts[part]; i < end; ++i) values.push_back(trace.values[i]);
    }
  }
  return openings;
}

}  // namespace openswirl::gpu
