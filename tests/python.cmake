# What the lists of tests begin with that are python3 scripts.
#
# lrs_python_tests(NAME): python3 and lrsc are there after it, and the Pythons that have other people's libraries. Without python3 or
# lrsc there is one test, NAME, which is skipped, and the list that calls this ends here: a macro returns from its caller.
macro(lrs_python_tests name)
  find_package(Python3 COMPONENTS Interpreter)
  if(NOT TARGET lrsc OR NOT Python3_FOUND)
    add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "SKIP: python3 or lrsc is missing")
    set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "^SKIP")
    return()
  endif()
  set(LRS_CONFORMANCE_PYTHON ${Python3_EXECUTABLE} CACHE FILEPATH "A python3 that has the libraries of tests/conformance/requirements.txt")
  set(LRS_FRAMEWORKS_PYTHON ${LRS_CONFORMANCE_PYTHON} CACHE FILEPATH "A python3 that has the libraries of python/tests/requirements.txt")
endmacro()
