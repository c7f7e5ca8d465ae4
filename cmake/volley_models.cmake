# One model = one file.
include(volley_plugin)

# Built-in models are OBJECT libraries: self-registration dies silently in static archives.
function(volley_model_library target folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  volley_comments(${CMAKE_CURRENT_BINARY_DIR}/${target}_comments.cpp ${files})
  add_library(${target} OBJECT ${files} ${CMAKE_CURRENT_BINARY_DIR}/${target}_comments.cpp)
  target_link_libraries(${target} PRIVATE volley_options volley_headers)
  target_compile_options(${target} PRIVATE -fmacro-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}/=)
  set_property(GLOBAL APPEND PROPERTY VOLLEY_MODEL_LIBRARIES ${target})
endfunction()
