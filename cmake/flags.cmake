# Flags that every target of the project shares. Exactness first: no fast-math, and no fused
# multiply-add unless a kernel asks for one (docs/numerics.md).
add_library(grok_flags INTERFACE)
target_compile_options(grok_flags INTERFACE
  -ffp-contract=off -fno-math-errno
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-declarations -Werror
  -Wno-missing-field-initializers  # designated initialisers name what differs from the default
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # g++ 12 sees overlaps in std::string that are not there
target_include_directories(grok_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)

if(GROKSCOPE_SANITIZE)
  target_compile_options(grok_flags INTERFACE -fsanitize=${GROKSCOPE_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(grok_flags INTERFACE -fsanitize=${GROKSCOPE_SANITIZE})
endif()

# Coverage for libFuzzer in what reads input; its main function goes into the fuzzers alone. What
# computes is linked but sees no input, and would take most of the time to build: it goes without.
if(GROKSCOPE_FUZZ)
  set(computing grok_kernels grok_analysis grok_graph grok_ops grok_plan grok_losses grok_filters grok_schedules grok_optim
                grok_train grok_probes)
  target_compile_options(grok_flags INTERFACE -fsanitize=fuzzer-no-link
    "$<$<IN_LIST:$<TARGET_PROPERTY:NAME>,${computing}>:-fno-sanitize=all>")
  target_link_options(grok_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
