# module.cmake: the extension module _lrs, for the wheel and for the package of Debian.

# lrs_python_module(<target> <library> <suffix>): with liblrs as the target <library>. A suffix with abi3 says that it is for CPython
# 3.10 and all later ones.
function(lrs_python_module target library suffix)
  add_library(${target} MODULE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/lrs/_lrs.c)
  target_link_libraries(${target} PRIVATE Python::Module ${library})
  target_compile_options(${target} PRIVATE -std=c11 -ffp-contract=off -Wall -Wextra -Wshadow -Wconversion -fvisibility=hidden)
  if(suffix MATCHES abi3)
    target_compile_definitions(${target} PRIVATE Py_LIMITED_API=0x030a0000)
  endif()
  set_target_properties(${target} PROPERTIES OUTPUT_NAME _lrs PREFIX "" SUFFIX ${suffix})
  if(NOT APPLE)
    target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL) # the names of a static liblrs stay inside
  endif()
endfunction()
