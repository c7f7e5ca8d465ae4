# find_package(volley): the target volley::headers and the function volley_add_plugin.
include(${CMAKE_CURRENT_LIST_DIR}/volley-targets.cmake)
set(VOLLEY_PLUGIN_ENTRY ${CMAKE_CURRENT_LIST_DIR}/plugin_entry.cpp)
include(${CMAKE_CURRENT_LIST_DIR}/volley_plugin.cmake)
