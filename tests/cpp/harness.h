// A small test harness with doctest's macro names: no C++ test library is distributed on PyPI, and the tests
// must build with nothing but a compiler and Python.
#pragma once

#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace harness {

struct Case {
  const char* name;
  const char* file;
  int line;
  void (*body)();
};

std::vector<Case>& cases();
struct Registrar {
  explicit Registrar(Case c) { cases().push_back(c); }
};

struct Fatal {};  // thrown by a failed REQUIRE

void count_check();
void report_failure(const char* file, int line, const std::string& what);

template <class T>
std::string show(const T& value) {
  if constexpr (requires(std::ostream& out) { out << value; }) {
    std::ostringstream out;
    out << value;
    return out.str();
  } else {
    return "<value>";
  }
}

}  // namespace harness

#define HARNESS_CONCAT2(a, b) a##b
#define HARNESS_CONCAT(a, b) HARNESS_CONCAT2(a, b)
#define HARNESS_TEST_CASE(id, name)                                                                \
  static void id();                                                                                \
  static const harness::Registrar HARNESS_CONCAT(id, _registrar)({name, __FILE__, __LINE__, &id}); \
  static void id()
#define TEST_CASE(name) HARNESS_TEST_CASE(HARNESS_CONCAT(test_case_, __LINE__), name)

#define HARNESS_CHECK(condition, fatal)                        \
  do {                                                         \
    harness::count_check();                                    \
    if (!(condition)) {                                        \
      harness::report_failure(__FILE__, __LINE__, #condition); \
      if (fatal) throw harness::Fatal{};                       \
    }                                                          \
  } while (false)
#define CHECK(...) HARNESS_CHECK((__VA_ARGS__), false)
#define REQUIRE(...) HARNESS_CHECK((__VA_ARGS__), true)
#define CHECK_EQ(a, b)                                                                                  \
  do {                                                                                                  \
    harness::count_check();                                                                             \
    const auto harness_a = (a);                                                                         \
    const auto harness_b = (b);                                                                         \
    if (!(harness_a == harness_b)) {                                                                    \
      harness::report_failure(__FILE__, __LINE__,                                                       \
                              std::string(#a " == " #b " with ") + harness::show(harness_a) + " and " + \
                                  harness::show(harness_b));                                            \
    }                                                                                                   \
  } while (false)
#define CHECK_THROWS_AS(expression, type)                                                           \
  do {                                                                                              \
    harness::count_check();                                                                         \
    bool harness_thrown = false;                                                                    \
    try {                                                                                           \
      (void)(expression);                                                                           \
    } catch (const type&) {                                                                         \
      harness_thrown = true;                                                                        \
    }                                                                                               \
    if (!harness_thrown) harness::report_failure(__FILE__, __LINE__, #expression " throws " #type); \
  } while (false)
