// The transforms of every backend at every size, seen through what a commitment exports (protocol part 03,
// 7). A column's message under a skip domain of one point is the column itself, so its codeword holds the
// forward transform (every 2^b-th value) and those on the cosets of the subgroup. Under a skip domain as long
// as the column, the message is the inverse transform, then the subset sums: a column and its transform must
// commit to the same codeword.
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "conformance/backends.h"
#include "googletest.h"
#include "lockstep/device.h"
#include "poly/univariate.h"

using namespace openswirl;

namespace {

using Columns = std::vector<std::vector<Fp>>;

constexpr uint32_t kWidth = 2;

// Small columns get more cosets; the tall ones would take too long on the reference backend.
uint32_t log_blowup(uint32_t log_size) { return log_size <= 8 ? 3 : 1; }

Columns random_columns(uint32_t log_size) {
  uint64_t state = 77 + log_size;
  Columns columns(kWidth, std::vector<Fp>(size_t{1} << log_size));
  for (std::vector<Fp>& column : columns) {
    for (Fp& value : column) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      value = Fp::from_u64(state >> 33);
    }
  }
  return columns;
}

// The codewords of full-height columns, committed under a skip domain of 2^l_skip points.
Columns codewords(Device& device, const Columns& columns, uint32_t log_size, uint32_t l_skip) {
  SystemParams params = SystemParams::test_small(2, 8, 3);
  params.l_skip = l_skip;
  params.n_stack = log_size - l_skip;
  params.log_blowup = log_blowup(log_size);
  params.whir.k = 1;
  std::vector<uint32_t> values;
  for (const std::vector<Fp>& column : columns) {
    for (const Fp value : column) values.push_back(value.canonical());
  }
  const Context context;
  const HostMatrix host{values.data(), uint64_t{1} << log_size, columns.size(),
                        HostMatrix::Order::kColumnMajor, nullptr};
  const std::shared_ptr<const DeviceMatrix> matrix = device.import(host, context).take();
  const auto commitment = device.commit(params, {&matrix, 1}, context).take();
  const HostCommitment exported = device.export_commitment(*commitment, context).take();
  if (exported.stacked_width != columns.size() ||
      exported.codeword_height != uint64_t{1} << (log_size + params.log_blowup)) {
    throw std::runtime_error("the commitment has another shape");
  }
  Columns result;
  for (size_t c = 0; c < columns.size(); ++c) {
    const auto start = exported.codeword.begin() + static_cast<std::ptrdiff_t>(c * exported.codeword_height);
    result.emplace_back(start, start + static_cast<std::ptrdiff_t>(exported.codeword_height));
  }
  return result;
}

// Positions of a codeword to evaluate at: all of a short one, some everywhere of a long one.
std::vector<size_t> positions(size_t size) {
  std::vector<size_t> result;
  const size_t step = size <= 128 ? 1 : size / 16 - 1;
  for (size_t i = 0; i < size; i += step) result.push_back(i);
  return result;
}

constexpr const char* kLockstep = "lockstep";
#ifdef __SANITIZE_ADDRESS__
// Beyond every change of passes; what is larger takes the scalar reference minutes with sanitizers.
constexpr uint32_t kLogLargest = 13;
#else
constexpr uint32_t kLogLargest = 16;
#endif
// The GPU kernels refuse longer skip domains.
constexpr uint32_t kLogLargestOnGpus = 12;

// Every device with every size: the backends, and lockstep.
std::vector<std::tuple<std::string, uint32_t>> devices_and_sizes() {
  std::vector<std::string> names = backend_names();
  names.emplace_back(kLockstep);
  std::vector<std::tuple<std::string, uint32_t>> all;
  for (const std::string& name : names) {
    for (uint32_t size = 0; size <= (name == "sim" ? kLogLargestOnGpus : kLogLargest); ++size)
      all.emplace_back(name, size);
  }
  return all;
}

// One of the names above; lockstep is the first backend beside the second one.
std::shared_ptr<Device> open(const std::string& name) {
  if (name != kLockstep) return Registry::global().open(name).take();
  return make_lockstep_device(Registry::global().open(backend_names().at(0)).take(),
                              Registry::global().open(backend_names().at(1)).take());
}

class NttRoundtrip : public testing::TestWithParam<std::tuple<std::string, uint32_t>> {};

TEST_P(NttRoundtrip, ForwardInverseAndCosets) {
  const auto& [device_name, log_size] = GetParam();
  const std::shared_ptr<Device> device = open(device_name);
  const Columns columns = random_columns(log_size);
  const Columns codeword = codewords(*device, columns, log_size, 0);
  const uint32_t blowup = log_blowup(log_size);
  const Fp root = two_adic_generator(log_size + blowup);

  // Forward and on every coset: the value at position i is that of the polynomial at root^i.
  for (uint32_t c = 0; c < kWidth; ++c) {
    for (const size_t i : positions(codeword[c].size()))
      ASSERT_EQ(codeword[c][i], horner(std::span<const Fp>(columns[c]), root.pow(i))) << "position " << i;
  }

  // Inverse: of the values on the subgroup, and of those on cosets root^t D, whose coefficients come out
  // scaled by the powers of root^t.
  Columns transformed, expected;
  for (const uint32_t coset : {0u, 1u, (1u << blowup) - 1}) {
    for (uint32_t c = 0; c < kWidth; ++c) {
      std::vector<Fp>& values = transformed.emplace_back();
      for (size_t i = coset; i < codeword[c].size(); i += size_t{1} << blowup)
        values.push_back(codeword[c][i]);
      std::vector<Fp>& message = expected.emplace_back(columns[c]);
      const Fp shift = root.pow(coset);
      Fp power = Fp::one();
      for (Fp& coefficient : message) coefficient *= power, power *= shift;
      zeta_transform(std::span(message));
    }
  }
  EXPECT_TRUE(codewords(*device, transformed, log_size, log_size) ==
              codewords(*device, expected, log_size, 0));
}

std::string device_and_size(const testing::TestParamInfo<NttRoundtrip::ParamType>& info) {
  return std::get<0>(info.param) + "_2_" + std::to_string(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(EveryDevice, NttRoundtrip, testing::ValuesIn(devices_and_sizes()), device_and_size);

}  // namespace
