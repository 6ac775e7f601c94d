# cmake -D in=kernel.bc -D out=data.c -P bitcode.cmake: the bytes of a file as the C array that emit_llvm.h declares.
file(READ ${in} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(........................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
file(WRITE ${out} "/* Made from kernel_bitcode.c. */
#include \"emit_llvm.h\"

_Alignas(8) const unsigned char lrs_kernel_bitcode[] = {
${hex}};
const size_t lrs_kernel_bitcode_size = ${size};
")
