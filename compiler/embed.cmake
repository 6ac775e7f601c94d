# embed.cmake: text files as C arrays, made at build time by CMake alone.
#
# In:  lrs_embed(OUT.c NAME FILE... [STRIP_LOCAL_INCLUDES])
# Out: a rule that writes OUT.c, which defines `const lrs_embedded NAME[]` and `const size_t NAME_count` of embed.h.
#      STRIP_LOCAL_INCLUDES drops lines of the form #include "file", for texts that are pasted after each other.
# The same file is the script that the rule runs: cmake -P embed.cmake OUT NAME STRIP FILE...

function(lrs_embed out name)
  cmake_parse_arguments(arg "STRIP_LOCAL_INCLUDES" "" "" ${ARGN})
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -P ${LRS_EMBED_SCRIPT} ${out} ${name} ${arg_STRIP_LOCAL_INCLUDES}
            ${arg_UNPARSED_ARGUMENTS}
    DEPENDS ${LRS_EMBED_SCRIPT} ${arg_UNPARSED_ARGUMENTS}
    COMMENT "Embedding ${name}"
    VERBATIM)
endfunction()

function(lrs_embed_write out name strip)
  set(texts "")
  set(rows "")
  set(count 0)
  foreach(file IN LISTS ARGN)
    file(READ "${file}" text)
    if(strip)
      string(REGEX REPLACE "(^|\n)#include \"[^\"\n]*\"[^\n]*" "\\1" text "${text}")
    endif()
    string(LENGTH "${text}" length)
    string(HEX "${text}" hex)
    string(REGEX REPLACE "(........................................)" "\\1\n" hex "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
    get_filename_component(base "${file}" NAME)
    get_filename_component(stem "${file}" NAME_WE)
    string(APPEND texts "static const unsigned char text_${count}[] = {\n${hex}0};\n\n")
    string(APPEND rows "    {\"${base}\", \"${stem}\", (const char *)text_${count}, ${length}},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  set(c "/* Made by embed.cmake. */\n#include \"embed.h\"\n\n${texts}")
  string(APPEND c "const lrs_embedded ${name}[] = {\n${rows}    {0, 0, 0, 0}};\n")
  string(APPEND c "const size_t ${name}_count = ${count};\n")
  file(WRITE "${out}" "${c}")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  set(files "")
  math(EXPR last "${CMAKE_ARGC} - 1")
  if(last GREATER_EQUAL 6)
    foreach(i RANGE 6 ${last})
      list(APPEND files "${CMAKE_ARGV${i}}")
    endforeach()
  endif()
  lrs_embed_write("${CMAKE_ARGV3}" "${CMAKE_ARGV4}" "${CMAKE_ARGV5}" ${files})
else()
  set(LRS_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
endif()
