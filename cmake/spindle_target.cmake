# Compile options and batches for all targets of this project.

# The templates of CAF and CLI11 take longer to compile than our own code, and a
# batch of files compiles them once. No batch should take more than 1 GB of
# memory; docs/dependencies.md describes the measurement.
option(SPINDLE_BATCHES "Compile several source files at once" ON)
# The checks of `./dev lint` take longer for what a file includes than for the
# file, and need less memory than a compilation.
set(SPINDLE_BATCH_FACTOR 1 CACHE STRING "Makes the batches so many times larger")

# Compiles the sources of `target` in batches of `size`.
function(compile_in_batches target size)
  math(EXPR size "${size} * ${SPINDLE_BATCH_FACTOR}")
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SPINDLE_BATCHES}
                                             UNITY_BUILD_BATCH_SIZE ${size})
endfunction()

add_library(spindle_options INTERFACE)
target_compile_features(spindle_options INTERFACE cxx_std_20)
target_compile_options(spindle_options INTERFACE -Wall -Wextra -Wpedantic
                       -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # In a batch, g++ warns about coroutine frames as if they had external
  # linkage.
  target_compile_options(spindle_options INTERFACE -Wshadow=local
                                                   -Wno-subobject-linkage)
  # g++ 12 reports false positives for reference counts of CAF 1.x promises.
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(spindle_options INTERFACE -Wno-use-after-free)
  endif()
endif()
if(SPINDLE_WERROR)
  target_compile_options(spindle_options INTERFACE -Werror)
endif()
if(SPINDLE_SANITIZE)
  target_compile_options(spindle_options INTERFACE
    -fsanitize=${SPINDLE_SANITIZE} -fno-sanitize-recover=all
    # These checks add two thirds to the time to compile. Errors that the first
    # two find also crash, or the address sanitizer finds them.
    -fno-sanitize=null,object-size,alignment,vptr
    -fno-omit-frame-pointer)
  target_link_options(spindle_options INTERFACE -fsanitize=${SPINDLE_SANITIZE})
endif()
