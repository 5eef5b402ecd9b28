# What `cmake --install` puts where: the library with its CMake package, and the
# documentation. The programs are in tools/CMakeLists.txt.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/spindle)

# -- the library ---------------------------------------------------------------

install(TARGETS spindle EXPORT spindle-targets)
install(DIRECTORY actors/cafx actors/spindle
                  ${PROJECT_BINARY_DIR}/actors/spindle
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN *.hpp PATTERN test.hpp EXCLUDE)
install(EXPORT spindle-targets NAMESPACE spindle:: DESTINATION ${package_dir})

# -- the component config ------------------------------------------------------

install(TARGETS spindle_config EXPORT spindle-config-targets)
install(DIRECTORY config/spindle DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN *.hpp)
install(EXPORT spindle-config-targets NAMESPACE spindle::
        DESTINATION ${package_dir})
install(FILES config/profiles.toml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/spindle)

# -- the CMake package ---------------------------------------------------------

spindle_caf_headers(SPINDLE_CAF_HEADERS)
configure_package_config_file(cmake/spindle-config.cmake.in spindle-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(spindle-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/spindle-config.cmake
              ${PROJECT_BINARY_DIR}/spindle-config-version.cmake
              cmake/FindCAF.cmake cmake/spindle_caf_headers.cmake
        DESTINATION ${package_dir})

# -- documentation -------------------------------------------------------------

install(FILES LICENSE README.md CHANGELOG.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
# Whoever copies one gets the header that it includes.
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR}
        FILES_MATCHING PATTERN *.cpp PATTERN *.hpp PATTERN *.toml
        PATTERN demo EXCLUDE)
