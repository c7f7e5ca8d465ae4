# Flags that every target of the project has. Exactness forbids -ffast-math and contraction (a test reads the flags).
# -fno-trapping-math changes no value: it lets loops with choices become vector code, since nobody reads FP exceptions.
add_library(volley_options INTERFACE)
target_compile_options(volley_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-missing-field-initializers -Wno-restrict  # restrict: false alarms of g++ 12
  -ffp-contract=off -fno-trapping-math)
option(VOLLEY_WERROR "Warnings are errors" ON)
if(VOLLEY_WERROR)
  target_compile_options(volley_options INTERFACE -Werror)
endif()
if(VOLLEY_SANITIZE)
  target_compile_options(volley_options INTERFACE -fsanitize=${VOLLEY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    -Wno-maybe-uninitialized)  # g++ sees uninitialised members of <regex> in what the sanitizers add
  target_link_options(volley_options INTERFACE -fsanitize=${VOLLEY_SANITIZE})
endif()
