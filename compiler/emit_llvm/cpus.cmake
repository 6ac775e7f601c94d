# cmake -D clang=... -D out=cpus.c -P cpus.cmake: the processors that this LLVM knows, by target, as emit_llvm.h declares them.
# LLVM's C interface cannot tell; its clang, of the same version, can: once all that LLVM has a model of, and once those that
# the 64-bit target accepts. A name must be in both lists.
cmake_minimum_required(VERSION 3.20) # for a script too: without it IN_LIST is unknown to the older ones
set(c "/* Made by asking ${clang}. */\n#include \"emit_llvm.h\"\n")
foreach(target x86_64 aarch64 riscv64)
  execute_process(COMMAND ${clang} --target=${target}-linux-gnu --print-supported-cpus OUTPUT_VARIABLE a ERROR_VARIABLE b)
  string(REGEX MATCHALL "\n\t[A-Za-z0-9._+-]+" names "${a}${b}")
  execute_process(COMMAND ${clang} -cc1 -triple ${target}-linux-gnu -target-cpu ? -fsyntax-only -x c /dev/null
    OUTPUT_VARIABLE a ERROR_VARIABLE b)
  string(REGEX MATCH "values are:[^\n]*" valid "${a}${b}")
  string(REGEX MATCHALL "[A-Za-z0-9._+-]+" valid "${valid}")
  string(APPEND c "\nconst char *const lrs_cpus_${target}[] = {\n")
  if(NOT target STREQUAL riscv64)
    string(APPEND c "    \"generic\",\n")
  endif()
  foreach(name IN LISTS names)
    string(STRIP "${name}" name)
    if(name IN_LIST valid AND NOT name STREQUAL generic)
      string(APPEND c "    \"${name}\",\n")
    endif()
  endforeach()
  string(APPEND c "    0};\n")
endforeach()
file(WRITE ${out} "${c}")
