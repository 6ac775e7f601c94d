# What `cmake --install` installs, all in this one place. Components, for `cmake --install --component NAME`:
#
#   runtime      lrsc, its plugins (LLVM, cairo, readline), the standard modules as text, lrsc(1), lrs(5), completions of shells
#   library      liblrs.so.0
#   development  lrs.h, the adapters for C and C++ beside it, liblrs.a, liblrs.so, lrs.pc, the CMake package lrs, and lrs(3)
#   doc          the documentation, the examples, the licence
#
# The tree may be moved after it was installed: nothing in it names a folder outside of itself, but for the last place of those
# where lrsc searches for its plugins.
include(CMakePackageConfigHelpers)
set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lrs)

# ---- runtime -----------------------------------------------------------------------------------
if(TARGET lrsc)
  install(TARGETS lrsc RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
endif()
foreach(plugin lrs_llvm lrs_cairo lrs_readline)
  if(TARGET ${plugin})
    install(TARGETS ${plugin} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/lrs COMPONENT runtime)
  endif()
endforeach()
# To be read: the compiler has them in itself.
install(DIRECTORY stdlib/ DESTINATION ${CMAKE_INSTALL_DATADIR}/lrs COMPONENT runtime FILES_MATCHING PATTERN "*.lrs")

# ---- manual pages, completions of shells --------------------------------------------------------
include(${CMAKE_CURRENT_LIST_DIR}/manual.cmake)

# ---- library and development -------------------------------------------------------------------
install(TARGETS lrs_shared EXPORT lrs
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS lrs_static EXPORT lrs
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/lrs DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

install(EXPORT lrs FILE lrsTargets.cmake NAMESPACE lrs:: DESTINATION ${cmake_dir} COMPONENT development)
configure_package_config_file(cmake/lrsConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/lrsConfig.cmake
  INSTALL_DESTINATION ${cmake_dir} PATH_VARS CMAKE_INSTALL_BINDIR NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/lrsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lrsConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/lrsConfigVersion.cmake cmake/LrsSchedules.cmake
  DESTINATION ${cmake_dir} COMPONENT development)

# lrs.pc finds the others from where it lies itself, unless they were put at places of their own.
set(pc_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH pc_prefix ${pc_dir} ${CMAKE_INSTALL_PREFIX})
  string(REGEX REPLACE "/$" "" pc_prefix "\${pcfiledir}/${pc_prefix}")
endif()
foreach(kind LIB INCLUDE BIN)
  string(TOLOWER ${kind} name)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}DIR}")
    set(pc_${name} ${CMAKE_INSTALL_${kind}DIR})
  else()
    set(pc_${name} "\${prefix}/${CMAKE_INSTALL_${kind}DIR}")
  endif()
endforeach()
set(pc_dl ${CMAKE_DL_LIBS}) # none where dlopen is in the C library
list(TRANSFORM pc_dl PREPEND " -l")
list(JOIN pc_dl "" pc_dl)
configure_file(cmake/lrs.pc.in ${CMAKE_CURRENT_BINARY_DIR}/lrs.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lrs.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# ---- documentation -----------------------------------------------------------------------------
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT doc)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT doc PATTERN decisions EXCLUDE)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT doc
  PATTERN CMakeLists.txt EXCLUDE PATTERN test.sh EXCLUDE
  PATTERN data EXCLUDE) # the digits, which have a licence of their own
if(NOT LRS_PACKAGES) # a package has it in its file of copyrights
  foreach(component runtime library development doc)
    install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT ${component})
  endforeach()
endif()
