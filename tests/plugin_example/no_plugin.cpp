// A shared library without the entry points of a plugin.
extern "C" __attribute__((visibility("default"))) int answer() { return 42; }
