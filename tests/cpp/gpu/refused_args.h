struct RefusedArgs {
  u32 n;
};
