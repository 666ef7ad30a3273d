// Copies and fills of device memory.
struct MemoryFillArgs {
  u32 words, value;
};
struct MemoryCopyArgs {
  u32 words;
};
