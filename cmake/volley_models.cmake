# One model = one file. The top comment of each file is embedded, so that `volley describe` and the manual show it.

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

# Built-in models are OBJECT libraries: self-registration dies silently in static archives.
function(volley_model_library target folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  volley_comments(${CMAKE_CURRENT_BINARY_DIR}/${target}_comments.cpp ${files})
  add_library(${target} OBJECT ${files} ${CMAKE_CURRENT_BINARY_DIR}/${target}_comments.cpp)
  target_link_libraries(${target} PRIVATE volley_options volley_headers)
  set_property(GLOBAL APPEND PROPERTY VOLLEY_MODEL_LIBRARIES ${target})
endfunction()
