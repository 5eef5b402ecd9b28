# Finds CAF 0.17, which has no CMake package configuration. Skips a CAF 1.x that
# precedes it in the search path.
#
# Defines CAF_FOUND, CAF_VERSION and, for each component NAME, the imported
# target CAF::NAME, with the same names as in CAF 1.x.

# Sets `result` to the version of the CAF 0.x headers in `dir`, or to an empty
# string if there are none.
function(_caf_version_in dir result)
  set(version "")
  if(EXISTS ${dir}/caf/config.hpp)
    file(STRINGS ${dir}/caf/config.hpp line REGEX "^#define CAF_VERSION [0-9]+")
    if(line MATCHES "[0-9]+")
      math(EXPR major "${CMAKE_MATCH_0} / 10000")
      math(EXPR minor "(${CMAKE_MATCH_0} / 100) % 100")
      math(EXPR patch "${CMAKE_MATCH_0} % 100")
      set(version ${major}.${minor}.${patch})
    endif()
  endif()
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

# Validator for find_path that skips CAF 1.x.
function(_caf_is_old is_valid dir)
  _caf_version_in(${dir} version)
  if(NOT version OR NOT version VERSION_LESS 1)
    set(${is_valid} FALSE PARENT_SCOPE)
  endif()
endfunction()

find_path(CAF_INCLUDE_DIR caf/all.hpp VALIDATOR _caf_is_old)
mark_as_advanced(CAF_INCLUDE_DIR)
set(_caf_required CAF_INCLUDE_DIR)
set(CAF_VERSION "")
set(_caf_library_dirs "")
if(CAF_INCLUDE_DIR)
  _caf_version_in(${CAF_INCLUDE_DIR} CAF_VERSION)
  # Search libraries beside the headers first, so that both are of the same CAF.
  cmake_path(GET CAF_INCLUDE_DIR PARENT_PATH _caf_root)
  set(_caf_library_dirs ${_caf_root}/lib/${CMAKE_LIBRARY_ARCHITECTURE}
                        ${_caf_root}/lib64 ${_caf_root}/lib)
endif()

foreach(_caf_name IN LISTS CAF_FIND_COMPONENTS)
  find_library(CAF_${_caf_name}_LIBRARY caf_${_caf_name}
               PATHS ${_caf_library_dirs} NO_DEFAULT_PATH)
  find_library(CAF_${_caf_name}_LIBRARY caf_${_caf_name})
  mark_as_advanced(CAF_${_caf_name}_LIBRARY)
  list(APPEND _caf_required CAF_${_caf_name}_LIBRARY)
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF REQUIRED_VARS ${_caf_required}
                                  VERSION_VAR CAF_VERSION)

if(CAF_FOUND AND NOT TARGET CAF::core)
  find_package(Threads REQUIRED)
  foreach(_caf_name IN LISTS CAF_FIND_COMPONENTS)
    add_library(CAF::${_caf_name} UNKNOWN IMPORTED)
    set_target_properties(CAF::${_caf_name} PROPERTIES
      IMPORTED_LOCATION ${CAF_${_caf_name}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR})
    if(_caf_name STREQUAL core)
      target_link_libraries(CAF::core INTERFACE Threads::Threads)
    else()
      target_link_libraries(CAF::${_caf_name} INTERFACE CAF::core)
    endif()
  endforeach()
endif()
