#include <cstring>

#include "harness.h"

namespace harness {

std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

namespace {
size_t checks = 0, failures = 0;
}

void count_check() { ++checks; }
void report_failure(const char* file, int line, const std::string& what) {
  ++failures;
  std::cerr << file << ":" << line << ": failed: " << what << "\n";
}

}  // namespace harness

// Runs every case, or those whose name contains the first argument. Fails when nothing ran or checked.
int main(int argc, char** argv) {
  size_t ran = 0, failed = 0;
  for (const harness::Case& c : harness::cases()) {
    if (argc > 1 && !std::strstr(c.name, argv[1])) continue;
    const size_t before = harness::failures;
    ++ran;
    try {
      c.body();
    } catch (const harness::Fatal&) {
    } catch (const std::exception& error) {
      harness::report_failure(c.file, c.line, std::string("exception: ") + error.what());
    }
    if (harness::failures != before) {
      ++failed;
      std::cerr << "in test case: " << c.name << "\n";
    }
  }
  std::cout << ran - failed << " passed, " << failed << " failed (" << harness::checks << " checks)\n";
  return failed == 0 && ran > 0 && harness::checks > 0 ? 0 : 1;
}
