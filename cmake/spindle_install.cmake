# Installs the library, its CMake package, and the documentation.
# tools/CMakeLists.txt installs the programs.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/spindle)

# -- the library ---------------------------------------------------------------

install(TARGETS spindle EXPORT spindle-targets)
# The headers that users include, and the headers that these include.
# scripts/check_layers.py checks that they need no others.
file(GLOB interface actors/spindle/*.hpp)
install(FILES ${interface} ${PROJECT_BINARY_DIR}/actors/spindle/export.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/spindle)
install(DIRECTORY actors/spindle/ops actors/spindle/message
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/spindle
        FILES_MATCHING PATTERN *.hpp PATTERN internal EXCLUDE)
install(FILES actors/cafx/cafx.hpp actors/cafx/legacy.hpp
              actors/cafx/modern.hpp actors/cafx/version.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cafx)
install(EXPORT spindle-targets NAMESPACE spindle:: DESTINATION ${package_dir})

# -- the component config ------------------------------------------------------

install(TARGETS spindle_config EXPORT spindle-config-targets)
install(FILES config/spindle/config.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/spindle)
install(FILES config/spindle/config/configuration.hpp
              config/spindle/config/from_file.hpp
              config/spindle/config/load.hpp
              config/spindle/config/mistake.hpp
              config/spindle/config/node_settings.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/spindle/config)
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
# Includes scratch.hpp, which the examples use.
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR}
        FILES_MATCHING PATTERN *.cpp PATTERN *.hpp PATTERN *.toml
        PATTERN demo EXCLUDE)
