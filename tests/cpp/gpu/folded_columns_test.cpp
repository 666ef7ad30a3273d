// Columns and rotated columns at Z = r_0 against the sum of protocol part 04, 5.5.
#include "gpu/folded_columns.h"

#include "airs.h"
#include "googletest.h"

#include "on_device.h"
#include "poly/eq.h"
#include "random_words.h"

using namespace openswirl;
using stages_test::Dag, stages_test::VectorCase;

namespace {

Ext plain_fold(const Fp* column, uint64_t stride, const TraceShape& shape, uint32_t l_skip, size_t block,
               size_t offset, const Ext& r_0) {
  Ext sum = Ext::zero();
  const size_t size = size_t{1} << l_skip, height = size_t{1} << shape.log_height;
  for (size_t z = 0; z < size; ++z) {
    const Ext point = two_adic_generator(l_skip).pow(z);
    sum += eq_domain(l_skip, r_0, point) * column[(block * size + z + offset) % height * stride];
  }
  return sum;
}

// Returns the number of columns compared.
size_t expect_folds(gpu::Work& work, const stages_test::Instance& instance) {
  const Ext r_0(Fp::from_u32(5), Fp::from_u32(1 << 20), Fp::from_u32(3), Fp::from_u32(77));
  const gpu_test::OnDevice device(work, instance);
  const stages::StageInputs& inputs = instance.inputs;
  const gpu::ConstraintPrograms programs(work, *inputs.vk);
  const gpu::FoldPlan plan(inputs, device.traces, programs);
  const gpu::FoldedColumns folded = gpu::fold_columns(work, inputs, device.traces, plan, r_0);
  const auto read = gpu_test::read(work, folded.elements.range());
  // Nothing is there where all columns are read.
  size_t num_opened = 0;
  for (const gpu::FoldedTrace& trace : plan.traces) num_opened += trace.num_opened() << trace.log_blocks;
  const auto opened = num_opened > 0 ? gpu_test::read(work, folded.opened.range()) : std::vector<uint32_t>();
  size_t columns = 0;
  for (size_t t = 0; t < inputs.traces.size(); ++t) {
    const stages::TraceView& view = inputs.traces[t];
    const gpu::FoldedTrace& trace = plan.traces[t];
    const size_t step = view.air->need_rot ? 2 : 1, blocks = size_t{1} << view.shape.lifted_n;
    for (size_t part = 0; part < view.parts.size(); ++part) {
      for (size_t c = 0; c < view.parts[part].columns.size(); ++c, ++columns) {
        for (size_t offset = 0; offset < step; ++offset) {
          const size_t column = trace.part_starts[part] + c * step + offset;
          for (size_t x = 0; x < blocks; ++x) {
            const size_t place = trace.places[column];
            const uint32_t* got =
                place < trace.num_read
                    ? &read[4 * (trace.first_element + place * blocks + x)]
                    : &opened[4 * (trace.first_opened + (place - trace.num_read) * blocks + x)];
            EXPECT_EQ(stages_test::ext(got),
                      plain_fold(view.parts[part].columns[c], view.parts[part].stride, view.shape,
                                 static_cast<uint32_t>(inputs.shape.params.l_skip), x, offset, r_0))
                << "trace " << t << " part " << part << " column " << c << " + " << offset << " block " << x;
          }
        }
      }
    }
  }
  return columns;
}

// A tall trace of three columns with rotation, a trace without columns, a short one, with and without.
struct Mixed : stages_test::Instance {
  explicit Mixed(uint64_t l_skip) {
    vk = stages_test::make_key(l_skip, 9 - l_skip, 3);
    vk.airs.resize(4);
    const uint32_t widths[4] = {3, 0, 2, 1};
    for (size_t i = 0; i < 4; ++i) {
      vk.airs[i].width.common_main = widths[i];
      vk.airs[i].need_rot = i == 0 || i == 2;
    }
    const std::vector<std::optional<uint32_t>> heights = {9, 5, 1, 0};
    inputs.shape = make_proof_shape(vk, heights);
    std::vector<std::vector<stages_test::Matrix>> parts;
    for (const TraceShape& trace : inputs.shape.traces) {
      stages_test::Matrix matrix{uint64_t{1} << trace.log_height, widths[trace.air_id], {}};
      for (const uint32_t word : stages_test::words(matrix.rows * matrix.columns, trace.air_id)) {
        matrix.values.push_back(Fp::from_word(word));
      }
      parts.push_back({std::move(matrix)});
    }
    stack(parts);
  }
};

}  // namespace

TEST(GpuFoldedColumns, EveryBlockSize) {
  gpu_test::on_every_device([](gpu::Work& work) {
    for (const uint64_t l_skip : {0u, 1u, 2u, 4u}) EXPECT_EQ(expect_folds(work, Mixed(l_skip)), 6u);
  });
}

TEST(GpuFoldedColumns, PartsOfTheVectors) {
  const gpu_test::Device device(gpu_test::schedules()[2]);
  gpu::Work work = device.work();
  size_t columns = 0;
  for (const std::string& name : vectors::cases()) {
    SCOPED_TRACE(name);
    const VectorCase test(name);
    size_t cells = 0;
    for (const auto& matrix : test.stacked) cells += matrix.size();
    if (cells < 1 << 16) columns += expect_folds(work, test);
  }
  EXPECT_GT(columns, 100u);
}

TEST(GpuFoldedColumns, OneDispatch) {
  const gpu_test::Device device(gpu_test::schedules()[0]);
  gpu::Work work = device.work();
  expect_folds(work, Mixed(2));
  EXPECT_EQ(work.recorder().activity().dispatches, 1u);
}
