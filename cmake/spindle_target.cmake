# What all targets of this project have in common.

add_library(spindle_options INTERFACE)
target_compile_features(spindle_options INTERFACE cxx_std_20)
target_compile_options(spindle_options INTERFACE -Wall -Wextra -Wpedantic
                       -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(spindle_options INTERFACE -Wshadow=local)
endif()
if(SPINDLE_WERROR)
  target_compile_options(spindle_options INTERFACE -Werror)
endif()
if(SPINDLE_SANITIZE)
  target_compile_options(spindle_options INTERFACE
    -fsanitize=${SPINDLE_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(spindle_options INTERFACE -fsanitize=${SPINDLE_SANITIZE})
endif()
