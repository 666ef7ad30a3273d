// Every mutated proof of tamper.json gets the reference verifier's verdict, natively: sanitizers see it too.
#include <map>
#include <string_view>

#include "codec/proof.h"
#include "codec/verifying_key.h"
#include "googletest.h"
#include "openswirl/failure.h"
#include "vectors.h"
#include "verifier/verifier.h"

using namespace openswirl;

namespace {

// Reads what one line of the file's list of mutations holds. The file has no escapes and no white space
// between its tokens; anything else is an error.
class Line {
 public:
  explicit Line(std::string_view text) : text_(text) {}

  void expect(std::string_view token) {
    if (!accept(token)) throw std::runtime_error("tamper.json: expected " + std::string(token));
  }
  bool accept(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  std::string string() {
    expect("\"");
    const size_t end = text_.find('"');
    if (end == std::string_view::npos || text_.substr(0, end).find('\\') != std::string_view::npos) {
      throw std::runtime_error("tamper.json: not a plain string");
    }
    const std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return value;
  }
  size_t number() {
    size_t used = 0;
    const size_t value = std::stoull(std::string(text_.substr(0, 20)), &used);
    text_.remove_prefix(used);
    return value;
  }

 private:
  std::string_view text_;
};

struct Mutation {
  std::string name, label, verdict;
  std::vector<uint8_t> bytes;
};

uint8_t hex_digit(char c) { return static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

// The original with [offset, delete_count, hex] spliced in; offsets refer to the original and ascend.
std::vector<uint8_t> read_splices(Line& line, const std::vector<uint8_t>& original) {
  std::vector<uint8_t> bytes;
  size_t position = 0;
  const auto copy_until = [&](size_t end) {
    if (position > end || end > original.size()) throw std::runtime_error("tamper.json: a splice is outside");
    bytes.insert(bytes.end(), original.begin() + static_cast<std::ptrdiff_t>(position),
                 original.begin() + static_cast<std::ptrdiff_t>(end));
  };
  line.expect("[");
  while (!line.accept("]")) {
    line.accept(",");
    line.expect("[");
    const size_t offset = line.number();
    line.expect(",");
    const size_t removed = line.number();
    line.expect(",");
    const std::string inserted = line.string();
    line.expect("]");
    copy_until(offset);
    for (size_t i = 0; i + 1 < inserted.size(); i += 2) {
      bytes.push_back(static_cast<uint8_t>(hex_digit(inserted[i]) << 4 | hex_digit(inserted[i + 1])));
    }
    position = offset + removed;
  }
  copy_until(original.size());
  return bytes;
}

struct Case {
  VerifyingKey vk;
  std::vector<uint8_t> proof;
};

std::string verdict_of(const VerifyingKey& vk, const std::vector<uint8_t>& bytes) {
  try {
    const Verdict verdict = verify(vk, decode_proof(bytes));
    return verdict.accepted ? "accept" : verdict.check;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kFormat);
    EXPECT_LE(error.failure().offset.value(), bytes.size());
    return "decode";
  }
}

}  // namespace

// The entries of tamper.json.
TEST(Tamper, EveryMutationGetsTheReferenceVerdict) {
  const std::vector<uint8_t> file = vectors::read_bytes(vectors::folder() / "tamper.json");
  std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  text.remove_prefix(text.find("\"mutations\":["));
  std::map<std::string, Case> cases;
  size_t count = 0, hazards = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    Line line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.accept("{\"case\":")) continue;
    Mutation mutation;
    mutation.name = line.string();
    if (!cases.contains(mutation.name)) {
      const auto folder = vectors::folder() / mutation.name;
      cases[mutation.name] = {decode_verifying_key(vectors::read_bytes(folder / "vk.postcard")),
                              vectors::read_bytes(folder / "proof.bin")};
    }
    const Case& original = cases.at(mutation.name);
    line.expect(",\"detail\":");
    line.string();
    line.expect(",\"label\":");
    mutation.label = line.string();
    line.expect(",\"splices\":");
    mutation.bytes = read_splices(line, original.proof);
    line.expect(",\"verdict\":");
    mutation.verdict = line.string();

    const std::string got = verdict_of(original.vk, mutation.bytes);
    SCOPED_TRACE(mutation.name + ": " + mutation.label);
    if (mutation.label.starts_with("hazard")) {
      ++hazards;
      EXPECT_NE(got, "accept");
    } else {
      EXPECT_EQ(got, mutation.verdict);
    }
    ++count;
  }
  EXPECT_EQ(count, 2318u);
  EXPECT_EQ(hazards, 108u);
}
