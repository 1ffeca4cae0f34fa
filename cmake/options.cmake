# What every target of ours is compiled with, and no target of others; third-party headers are system
# headers.
add_library(alert_options INTERFACE)
target_include_directories(alert_options INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_compile_options(alert_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Wno-missing-field-initializers $<$<BOOL:${ALERT_WARNINGS_AS_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlaps where strings are joined (GCC bug 105329).
  target_compile_options(alert_options INTERFACE -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Sanitized loops are not vectorised, whatever we ask for.
  target_compile_options(alert_options INTERFACE -Wno-pass-failed)
endif()
if(ALERT_SANITIZE)
  target_compile_options(alert_options INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(alert_options INTERFACE -fsanitize=address,undefined)
endif()

if(ALERT_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "ALERT_BUILD_FUZZERS needs clang: use the preset fuzz")
  endif()
  target_compile_options(alert_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
