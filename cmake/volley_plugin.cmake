# For a project that builds plugins: find_package(volley) brings these two functions.
# The top comment of a model's file is embedded, so that `volley describe` and the manual show it.

# volley_comments(out.cpp file...): a source file with a table {file name, top comment}.
function(volley_comments out)
  set(table "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(REGEX MATCH "^(//[^\n]*\n)+" comment "${text}")
    string(REGEX REPLACE "(^|\n)// ?" "\\1" comment "${comment}")
    string(REGEX REPLACE "SPDX-License-Identifier:[^\n]*\n" "" comment "${comment}")
    cmake_path(GET file FILENAME name)
    string(APPEND table "    {\"${name}\", R\"~~(${comment})~~\"},\n")
  endforeach()
  set(content "// Made by volley_comments: the top comments of model files.
#include <volley/comments.h>
namespace {
const volley::detail::Comment table[] = {
${table}};
const volley::detail::AddComments add{table};
}
")
  file(CONFIGURE OUTPUT ${out} CONTENT "@content@" @ONLY)
endfunction()

# volley_add_plugin(name file...): a shared library of models, name.so, to be named under `plugins:` of an experiment.
function(volley_add_plugin name)
  set(files "")
  foreach(file IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND files ${file})
  endforeach()
  volley_comments(${CMAKE_CURRENT_BINARY_DIR}/${name}_comments.cpp ${files})
  add_library(${name} MODULE ${files} ${CMAKE_CURRENT_BINARY_DIR}/${name}_comments.cpp ${VOLLEY_PLUGIN_ENTRY})
  target_link_libraries(${name} PRIVATE volley::headers)
  # Optimised unless the project says otherwise. No contraction: the same bits as a built-in model gives.
  target_compile_options(${name} PRIVATE -ffp-contract=off -fmacro-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}/=
    $<$<STREQUAL:$<CONFIG>,>:-O2>)
  # Hidden, so that nothing of a plugin can replace a function of the host or of another plugin.
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".so"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()
