// The main function comes with libFuzzer, which calls LLVMFuzzerTestOneInput.
typedef int nothing;
