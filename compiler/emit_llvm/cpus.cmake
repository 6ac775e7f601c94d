# cmake -D clang=... -D out=cpus.c -P cpus.cmake: the processors that this LLVM knows, by target, as emit_llvm.h declares them.
# LLVM's C interface cannot tell; its clang, of the same version, can.
set(c "/* Made from ${clang} --print-supported-cpus. */\n#include \"emit_llvm.h\"\n")
foreach(target x86_64 aarch64 riscv64)
  execute_process(COMMAND ${clang} --target=${target}-linux-gnu --print-supported-cpus OUTPUT_VARIABLE a ERROR_VARIABLE b)
  string(REGEX MATCHALL "\n\t[A-Za-z0-9._+-]+" names "${a}${b}")
  string(APPEND c "\nconst char *const lrs_cpus_${target}[] = {\n")
  foreach(name IN LISTS names)
    string(STRIP "${name}" name)
    string(APPEND c "    \"${name}\",\n")
  endforeach()
  string(APPEND c "    0};\n")
endforeach()
file(WRITE ${out} "${c}")
