// Replays the known-answer scripts: every result, the log and the final sponge state (protocol part 01, 6).
#include "transcript/transcript.h"

#include <sstream>

#include "googletest.h"
#include "scripts.h"

using namespace openswirl;

namespace {

std::vector<std::string> script_lines() {
  std::vector<std::string> lines;
  std::istringstream text(scripts::kText);
  for (std::string line; std::getline(text, line);) {
    if (line.empty()) continue;
    if (line[0] == ' ') {
      lines.back() += line;
    } else {
      lines.push_back(line);
    }
  }
  return lines;
}

std::vector<uint32_t> numbers(std::istringstream& in) {
  std::vector<uint32_t> values;
  for (uint32_t value; in >> value;) values.push_back(value);
  return values;
}

Ext ext_of(const std::vector<uint32_t>& v) {
  return {Fp::from_u32(v.at(0)), Fp::from_u32(v.at(1)), Fp::from_u32(v.at(2)), Fp::from_u32(v.at(3))};
}

bool passes(const Transcript& transcript, unsigned bits, uint32_t witness) {
  Transcript copy = transcript;
  copy.record_to(nullptr);
  return copy.check_witness(bits, Fp::from_u32(witness));
}

// The one-permutation test that a proof-of-work search runs.
bool point_passes(const GrindPoint& point, unsigned bits, uint32_t witness) {
  SpongeState state = point.state;
  state[point.position] = Fp::from_u32(witness);
  poseidon2_permute(state);
  return (state[7].canonical() & ((1u << bits) - 1)) == 0;
}

void check_grind(Transcript& transcript, const std::vector<uint32_t>& v) {
  const unsigned bits = v.at(0);
  std::vector<uint32_t> found;
  for (uint32_t w = 0; found.size() + 1 < v.size(); ++w) {
    const bool valid = passes(transcript, bits, w);
    EXPECT_EQ(valid, point_passes(transcript.grind_point(), bits, w));
    if (valid) found.push_back(w);
  }
  EXPECT_EQ(found, std::vector<uint32_t>(v.begin() + 1, v.end()));
  EXPECT_TRUE(transcript.check_witness(bits, Fp::from_u32(found.at(0))));
}

void check_end(const Transcript& transcript, const std::vector<uint32_t>& v) {
  const GrindPoint point = transcript.grind_point();
  EXPECT_EQ(point.position, v.at(0));
  for (size_t i = 0; i < kStateWidth; ++i) EXPECT_EQ(point.state[i].canonical(), v.at(1 + i));
}

void check_log(const std::vector<LogEntry>& log, std::istringstream& in) {
  size_t i = 0;
  for (std::string entry; in >> entry; ++i) {
    ASSERT_LT(i, log.size());
    EXPECT_EQ(entry[0], log[i].is_sample ? 'S' : 'O');
    EXPECT_EQ(entry.substr(1), std::to_string(log[i].value.canonical()));
  }
  EXPECT_EQ(i, log.size());
}

}  // namespace

TEST(Transcript, KnownAnswerScripts) {
  Transcript transcript;
  std::vector<LogEntry> log;
  size_t scripts = 0;
  for (const std::string& line : script_lines()) {
    std::istringstream in(line);
    std::string op;
    in >> op;
    if (op == "script") {
      log.clear();
      transcript = Transcript();
      transcript.record_to(&log);
      ++scripts;
    } else if (op == "log") {
      check_log(log, in);
    } else {
      const std::vector<uint32_t> v = numbers(in);
      if (op == "observe") {
        for (const uint32_t value : v) transcript.observe(Fp::from_u32(value));
      } else if (op == "digest") {
        Digest digest;
        for (size_t i = 0; i < kDigestWidth; ++i) digest[i] = Fp::from_u32(v.at(i));
        transcript.observe(digest);
      } else if (op == "observe_ext") {
        transcript.observe(ext_of(v));
      } else if (op == "sample") {
        for (const uint32_t value : v) EXPECT_EQ(transcript.sample().canonical(), value);
      } else if (op == "sample_ext") {
        EXPECT_EQ(transcript.sample_ext(), ext_of(v));
      } else if (op == "bits") {
        EXPECT_EQ(transcript.sample_bits(v.at(0)), v.at(1));
      } else if (op == "check") {
        EXPECT_EQ(transcript.check_witness(v.at(0), Fp::from_u32(v.at(1))), v.at(2) == 1);
      } else if (op == "grind") {
        check_grind(transcript, v);
      } else {
        ASSERT_EQ(op, "end");
        check_end(transcript, v);
      }
    }
  }
  EXPECT_EQ(scripts, 10u);
}

TEST(Transcript, WorkedGrindingExample) {
  Transcript transcript;
  for (const uint32_t value : {11u, 22u, 33u}) transcript.observe(Fp::from_u32(value));
  for (uint32_t w = 0; w < 1053; ++w) {
    if (passes(transcript, 10, w)) {
      EXPECT_EQ(w, 1053u);
    }
  }
  EXPECT_TRUE(transcript.check_witness(10, Fp::from_u32(1053)));
  EXPECT_EQ(transcript.sample_ext(), ext_of({1713688285, 399702031, 272673755, 281029096}));
}
