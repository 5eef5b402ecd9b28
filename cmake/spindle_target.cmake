# What all targets of this project have in common.

# The templates of CAF and CLI11 take the compiler longer than our own code, and
# several files at once need them once only. But no batch should take more than
# 1 GB of memory; docs/dependencies.md says how that is measured.
option(SPINDLE_BATCHES "Compile several source files at once" ON)

# Compiles the sources of `target` in batches of `size`.
function(compile_in_batches target size)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SPINDLE_BATCHES}
                                             UNITY_BUILD_BATCH_SIZE ${size})
endfunction()

add_library(spindle_options INTERFACE)
target_compile_features(spindle_options INTERFACE cxx_std_20)
target_compile_options(spindle_options INTERFACE -Wall -Wextra -Wpedantic
                       -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # In a batch, g++ takes the frames of coroutines for types that others see.
  target_compile_options(spindle_options INTERFACE -Wshadow=local
                                                   -Wno-subobject-linkage)
  # g++ 12 does not understand how promises of CAF 1.x count references.
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
    # They take two thirds as long as all the rest to compile; what the first
    # two find ends the program, or the address sanitizer finds it.
    -fno-sanitize=null,object-size,alignment,vptr
    -fno-omit-frame-pointer)
  target_link_options(spindle_options INTERFACE -fsanitize=${SPINDLE_SANITIZE})
endif()
