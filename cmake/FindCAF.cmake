# Finds CAF 0.17, which comes without a package configuration of its own.
#
# Defines CAF_FOUND, CAF_VERSION and, for each component NAME, the imported
# target CAF::NAME, named as CAF 1.x names them.

find_path(CAF_INCLUDE_DIR caf/all.hpp)
mark_as_advanced(CAF_INCLUDE_DIR)
set(_caf_required CAF_INCLUDE_DIR)

if(CAF_INCLUDE_DIR)
  file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp _caf_line
       REGEX "^#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" _caf_number "${_caf_line}")
  math(EXPR _caf_major "${_caf_number} / 10000")
  math(EXPR _caf_minor "(${_caf_number} / 100) % 100")
  math(EXPR _caf_patch "${_caf_number} % 100")
  set(CAF_VERSION ${_caf_major}.${_caf_minor}.${_caf_patch})
endif()

foreach(_caf_name IN LISTS CAF_FIND_COMPONENTS)
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
