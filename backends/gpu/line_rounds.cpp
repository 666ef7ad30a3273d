#include "gpu/line_rounds.h"

#include <algorithm>
#include <utility>

#include "gpu/elements.h"
#include "gpu/kernels.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kFoldGroup = 256;  // of constraint_sums_fold

}  // namespace

LineRounds::LineRounds(Work& work, const LineOperands& operands, uint32_t last)
    : work_(work), operands_(operands), last_(last), traces_(operands.folded.traces.size()) {
  // Into the round behind the last one they are folded too.
  rounds_.resize(last + 1);
  if (last == 0) return;
  place_columns();
  std::vector<PieceRequest> requests;
  for (size_t t = 0; t < traces_.size(); ++t) {
    requests.push_back({&operands.inputs.traces[t], operands.generated[t],
                        uint64_t{positions(t, 1).count} << log_lines(t, 1)});
  }
  prepared_.emplace(operands.programs, codegen::Form::kLines, requests, kLineSums, 1);
  constants_.resize(traces_.size(), Ext::zero());
  place_rows();
  work.context().parallel_for(last, 1,
                              [&](size_t round, size_t) { prepare_sums(static_cast<uint32_t>(round + 1)); });
  for (uint32_t round = 0; round < last; ++round) rounds_[round].dispatches->append_to(pieces_);
  piece_table_ = work.upload_borrowed(std::span<const ConstraintsPiece>(pieces_), "constraint pieces");
}

void LineRounds::weigh(const stages::ConstraintRounds& rounds) {
  if (last_ == 0) return;
  work_.context().parallel_for(traces_.size(), 1, [&](size_t t, size_t) {
    const stages::RowWeights weights = rounds.weights(t);
    constants_[t] = weights.constant;
    prepared_->weigh(work_.context(), t, weights);
  });
}

void LineRounds::begin(const stages::ConstraintRounds& rounds, const Range& eq_words, FoldedColumns columns) {
  arrays_[0] = std::move(columns.elements);
  opened_ = std::move(columns.opened);
  if (last_ == 0) return;
  eq_words_ = eq_words;
  arrays_[1] = work_.words(std::max<uint64_t>(4 * second_elements_, 1), "folded columns");
  stored_ = work_.words(std::max<uint64_t>(stored_words_, 1), "stored values");
  folds_ = work_.upload(std::span<const ConstraintsFold>(prepare_folds()), "folds");
  addresses_ = work_.upload(std::span<const uint64_t>(row_addresses()), "row addresses");
  const stages::ConstraintRounds::FoldFactors factors = rounds.fold_factors();
  prepared_->scale(work_.context(), factors);
  for (Ext& constant : constants_) constant *= factors.interactions;
  prepared_->upload(work_);
  result_table_ = work_.upload(std::span<const ConstraintsResult>(place_sums()), "constraint results");
}

std::vector<ConstraintsResult> LineRounds::place_sums() {
  std::vector<ConstraintsResult> results;
  for (uint32_t number = 1; number <= last_; ++number) {
    Round& round = rounds_[number - 1];
    round.sums.allocate(work_);
    round.first_result = results.size();
    std::ranges::copy(round.sums.descriptors(), std::back_inserter(results));
    round.num_results = results.size() - round.first_result;
  }
  return results;
}

stages::Positions LineRounds::positions(size_t t, uint32_t round) const {
  if (ends_in(t, round)) return {0, 1};
  return stages::positions_of(*operands_.inputs.traces[t].air,
                              operands_.inputs.shape.params.max_constraint_degree);
}

uint32_t LineRounds::log_lines(size_t t, uint32_t round) const {
  return ends_in(t, round) ? 0 : lifted_n(t) - round;
}

uint32_t LineRounds::log_stride(size_t t, uint32_t round) const {
  const uint32_t length = length_in(t, round);
  return length == 0 || round > last_ ? length : lifted_n(t) - array_in(round);
}

void LineRounds::place_columns() {
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (lifted_n(t) == 0) continue;
    traces_[t].second_element = second_elements_;
    second_elements_ += num_columns(t) << (lifted_n(t) - 1);
  }
}

std::vector<ConstraintsFold> LineRounds::prepare_folds() {
  std::vector<ConstraintsFold> table;
  for (uint32_t round = 1; round <= rounds_.size(); ++round) {
    Round& into = rounds_[round - 1];
    into.first_fold = table.size();
    for (size_t t = 0; t < traces_.size() && has_columns(t, round); ++t) {
      ConstraintsFold fold{};
      fold.first_group = u32_of(into.fold_groups);
      fold.log_length = length_in(t, round);
      fold.items = u32_of(num_columns(t) << fold.log_length);
      into.elements += fold.items;
      if (round == 1) continue;  // they are there
      fold.log_from = log_stride(t, round - 1), fold.log_to = log_stride(t, round);
      fold.from = address(t, round - 1), fold.to = address(t, round);
      into.fold_groups += (fold.items + kFoldGroup - 1) / kFoldGroup;
      table.push_back(fold);
    }
    into.num_folds = table.size() - into.first_fold;
  }
  return table;
}

uint64_t LineRounds::stored_value_words(size_t t) const {
  return uint64_t{4} * std::max(positions(t, 1).count, 1u) << log_lines(t, 1);
}

// Of each trace three lists: in the first array, in the second, once it has ended; each where there is such a
// round. A list has the rows of the AIR, then stored values.
void LineRounds::place_rows() {
  for (size_t t = 0; t < traces_.size(); ++t) {
    Trace& trace = traces_[t];
    trace.first_stored_word = stored_words_;
    stored_words_ += prepared_->traces[t].num_stored * stored_value_words(t);
    const auto rows = u32_of(prepared_->traces[t].rows.size() + prepared_->traces[t].num_stored);
    const auto add = [&] { return std::exchange(num_rows_, num_rows_ + rows); };
    const uint32_t ended = lifted_n(t) + 1;
    trace.first_row[0] = add();
    if (last_ >= 2 && ended > 2) trace.first_row[1] = add();
    if (ended <= last_) trace.ended_row = add();
  }
}

std::vector<uint64_t> LineRounds::row_addresses() const {
  std::vector<uint64_t> table(std::max(num_rows_, 1u), 0);
  for (size_t t = 0; t < traces_.size(); ++t) {
    const Trace& trace = traces_[t];
    const std::vector<stages::LeafSource>& rows =
        operands_.programs.air(operands_.inputs.traces[t].shape.air_id).rows.rows;
    const auto fill = [&](uint32_t first, uint32_t round) {
      uint64_t* at = table.data() + first;
      const uint64_t column_0 = address(t, round);
      const uint32_t stride = log_stride(t, round);
      for (const stages::LeafSource& row : rows)
        *at++ = column_0 + sizeof(Ext) * (place_of(t, row) << stride);
      for (uint32_t value = 0; value < prepared_->traces[t].num_stored; ++value) {
        *at++ = stored_.range().address() + 4 * (trace.first_stored_word + value * stored_value_words(t));
      }
    };
    const uint32_t ended = lifted_n(t) + 1;
    fill(trace.first_row[0], 1);
    if (last_ >= 2 && ended > 2) fill(trace.first_row[1], 2);
    if (ended <= last_) fill(trace.ended_row, ended);
  }
  return table;
}

size_t LineRounds::place_of(size_t t, const stages::LeafSource& row) const {
  using Kind = stages::LeafSource::Kind;
  const FoldedTrace& folded = this->folded(t);
  const size_t step = operands_.inputs.traces[t].air->need_rot ? 2 : 1;
  switch (row.kind) {
    case Kind::kColumn:
      return folded.places[folded.part_starts[row.part] + row.index * step];
    case Kind::kRotatedColumn:
      return folded.places[folded.part_starts[row.part] + row.index * step + 1];
    case Kind::kFirst:
      return folded.places[folded.columns];
    case Kind::kLast:
      return folded.places[folded.columns + 1];
    default:
      return folded.places[folded.columns + 2];
  }
}

void LineRounds::prepare_sums(uint32_t number) {
  Round& round = rounds_[number - 1];
  std::vector<uint64_t> tiles(traces_.size(), 0);
  for (size_t t = 0; t < traces_.size() && has_columns(t, number); ++t) {
    const uint32_t lines = log_lines(t, number);
    tiles[t] = uint64_t{positions(t, number).count} << (lines - std::min(lines, CONSTRAINT_LOG_LINES));
  }
  const std::vector<std::vector<TracePiece>> parts = prepared_->split(tiles);
  PieceDispatches& dispatches = round.dispatches.emplace(*prepared_, codegen::Form::kLines);
  for (size_t t = 0; t < traces_.size() && has_columns(t, number); ++t) {
    const TracePieces& of_trace = prepared_->traces[t];
    const uint32_t lines = log_lines(t, number);
    const auto [first, count] = positions(t, number);
    const size_t result =
        round.sums.add(parts[t].size(), count, lines - std::min(lines, CONSTRAINT_LOG_LINES), 0);
    round.result_of.push_back(result);
    const EqSuffixTables::Split eq = operands_.eq[t].from(std::min(number, lifted_n(t)));
    ConstraintsPiece piece{};
    piece.rows =
        ends_in(t, number) && number > 1 ? traces_[t].ended_row : traces_[t].first_row[array_in(number)];
    piece.publics = of_trace.publics;
    piece.log_size = lines;
    piece.first_position = first;
    piece.eq_low = eq.low, piece.eq_high = eq.high, piece.log_low = eq.log_low;
    for (const TracePiece& store : of_trace.stores) dispatches.add(store, piece, tiles[t]);
    uint32_t part_number = 0;
    for (const TracePiece& part : parts[t]) {
      piece.first_partial = u32_of(round.sums.first_partial(result, part_number++));
      dispatches.add(part, piece, tiles[t]);
    }
  }
}

ConstraintSumsFoldArgs LineRounds::fold_args(uint32_t into, const Ext& challenge) const {
  ConstraintSumsFoldArgs args{};
  set_words(args.challenge, challenge);
  args.folds = u32_of(rounds_[into - 1].num_folds);
  return args;
}

void LineRounds::record_fold(uint32_t into) {
  const Round& round = rounds_[into - 1];
  const uint64_t bytes = sizeof(Ext) * round.elements;
  Call call = calls::ConstraintSumsFold{folds_.range().part(sizeof(ConstraintsFold) * round.first_fold,
                                                            sizeof(ConstraintsFold) * round.num_folds),
                                        fold_args(into, Ext::zero())}
                  .call();
  call.uses = {{arrays_[array_in(into - 1)].range(), Access::kRead, 2 * bytes},
               {arrays_[array_in(into)].range(), Access::kWrite, bytes}};
  work_.recorder().groups(call, round.fold_groups);
  fold_ahead_ = work_.recorder().last_dispatch();
}

void LineRounds::bind(const Ext& challenge) {
  ++round_;
  bound_.push_back(challenge);
  if (!fold_ahead_) record_fold(round_);
  work_.recorder().give_args(*fold_ahead_, fold_args(round_, challenge));
  fold_ahead_.reset();
}

bool LineRounds::has_round_ahead() const {
  if (round_ + 1 > last_) return false;
  for (size_t t = 0; t < traces_.size(); ++t) {
    if (ends_in(t, round_ + 1)) return false;
  }
  return true;
}

std::optional<Marks> LineRounds::record_ahead() {
  record_fold(round_ + 1);
  return record_sums(round_ + 1);
}

std::optional<Marks> LineRounds::record_sums(uint32_t number) {
  Round& round = rounds_[number - 1];
  if (round.dispatches->empty()) return std::nullopt;
  const Use columns{arrays_[array_in(number)].range(), Access::kRead, sizeof(Ext) * round.elements};
  const auto marks = round.dispatches->record(work_, piece_table_.range(), addresses_.range(), eq_words_,
                                              round.sums.partials(),
                                              stored_.words() > 1 ? stored_.range() : Range{}, {&columns, 1});
  round.sums.record(work_, result_table_.range().part(sizeof(ConstraintsResult) * round.first_result,
                                                      sizeof(ConstraintsResult) * round.num_results));
  return marks;
}

std::vector<Ext> LineRounds::sums(size_t t) const {
  const Round& round = rounds_[round_ - 1];
  std::vector<Ext> sums = round.sums.sums(round.result_of[t]);
  // eq sums to 1 over the lines.
  for (Ext& sum : sums) sum += prepared_->traces[t].constants[0] + constants_[t];
  return sums;
}

void LineRounds::download(size_t first, std::span<std::vector<Ext>* const> to) {
  const Array opened = bind_opened(first, first + to.size());
  uint64_t next_opened = 0;
  const auto record = [&](const Array& from, uint64_t element, std::span<Ext> values) {
    if (values.empty()) return;
    work_.recorder().download(from.words(4 * element, 4 * values.size()), std::as_writable_bytes(values));
  };
  for (size_t i = 0; i < to.size(); ++i) {
    const size_t t = first + i;
    std::vector<Ext>& values = *to[i];
    values.resize(folded(t).places.size() << log_length(t));
    const size_t read = num_columns(t) << log_length(t);
    record(arrays_[array_in(round_)], first_element(t, round_), std::span(values).first(read));
    record(opened, next_opened, std::span(values).subspan(read));
    next_opened += values.size() - read;
  }
}

Array LineRounds::bind_opened(size_t first, size_t end) {
  uint64_t elements = 0;
  for (size_t t = first; t < end; ++t) elements += folded(t).num_opened() << log_length(t);
  Array result = work_.words(std::max<uint64_t>(4 * elements, 1), "opened columns");
  if (elements == 0) return result;
  const EqSuffixes eq(work_, bound_);
  const EqSuffixes::Split split = eq.from(0);
  const ConstraintSumsBindArgs args{split.low, split.high, split.log_low, u32_of(bound_.size())};
  const Range columns = opened_.words(4 * folded(first).first_opened, (4 * elements) << bound_.size());
  work_.recorder().groups(calls::ConstraintSumsBind{columns, eq.words(), result.range(), args}.call(),
                          elements);
  return result;
}

}  // namespace openswirl::gpu
