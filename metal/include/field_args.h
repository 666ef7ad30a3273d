// Arguments of kernels/field.metal, seen by host and device.
struct FieldArgs {
  u32 count;
};
