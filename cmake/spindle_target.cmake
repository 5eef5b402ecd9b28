# What all targets of this project have in common.

add_library(spindle_options INTERFACE)
target_compile_features(spindle_options INTERFACE cxx_std_20)
target_compile_options(spindle_options INTERFACE -Wall -Wextra -Wpedantic
                       -Wnon-virtual-dtor -Woverloaded-virtual -Wshadow=local)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(spindle_options INTERFACE -Wno-shadow)
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
