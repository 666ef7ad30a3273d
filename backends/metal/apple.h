// metal-cpp, with what every file here needs of it: pools for autoreleased objects, texts, selectors that
// only later systems have.
#pragma once

#include <Foundation/Foundation.hpp>
#include <Metal/Metal.hpp>
#include <string>

namespace openswirl::metal {

// Objects that Metal hands out autoreleased live until the innermost scope of their thread ends.
class AutoreleaseScope {
 public:
  AutoreleaseScope() : pool_(NS::AutoreleasePool::alloc()->init()) {}
  ~AutoreleaseScope() { pool_->release(); }
  AutoreleaseScope(const AutoreleaseScope&) = delete;
  AutoreleaseScope& operator=(const AutoreleaseScope&) = delete;

 private:
  NS::AutoreleasePool* pool_;
};

// Autoreleased.
inline NS::String* apple_string(const std::string& text) {
  return NS::String::string(text.c_str(), NS::UTF8StringEncoding);
}
inline NS::URL* apple_url(const std::string& path) { return NS::URL::fileURLWithPath(apple_string(path)); }

inline std::string text_of(const NS::String* string) { return string ? string->utf8String() : std::string(); }
inline std::string text_of(const NS::Error* error) {
  return error ? text_of(error->localizedDescription()) : std::string("no reason given");
}

// Whether the object has a method on this system. metal-cpp sends every message unasked, and one that is not
// understood ends the process.
struct Selectors : NS::Object {
  using NS::Object::respondsToSelector;
};
inline bool responds(const void* object, const char* selector) {
  return Selectors::respondsToSelector(object, sel_registerName(selector));
}

}  // namespace openswirl::metal
