# The command, the headers that models include, and the package that plugins are built with:
#   find_package(volley 1 REQUIRED)
#   volley_add_plugin(my_models my_neuron.cpp)
# The build tree offers the same package, in lib/cmake/volley.
include(CMakePackageConfigHelpers)

set(package ${PROJECT_BINARY_DIR}/lib/cmake/volley)
set(package_files ${PROJECT_SOURCE_DIR}/cmake/volley-config.cmake ${PROJECT_SOURCE_DIR}/cmake/volley_plugin.cmake
  ${PROJECT_SOURCE_DIR}/core/include/plugin_entry.cpp)
foreach(file IN LISTS package_files)
  file(COPY ${file} DESTINATION ${package})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endforeach()
write_basic_package_version_file(${package}/volley-config-version.cmake COMPATIBILITY SameMajorVersion)

add_library(volley::headers ALIAS volley_headers)
set_target_properties(volley_headers PROPERTIES EXPORT_NAME headers)
install(TARGETS volley_headers EXPORT volley)
export(EXPORT volley NAMESPACE volley:: FILE ${package}/volley-targets.cmake)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/volley)
install(TARGETS volley RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY core/include/volley DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT volley NAMESPACE volley:: FILE volley-targets.cmake DESTINATION ${package_folder})
install(FILES ${package_files} ${package}/volley-config-version.cmake DESTINATION ${package_folder})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
