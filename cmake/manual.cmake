# The manual pages and the completions of shells, which are made when lrs is built, from what they describe: lrsc itself prints
# lrsc(1) and the completions, scripts/manpages writes lrs(5) and lrs(3). Included by install.cmake.
#
# Where another machine's lrsc cannot run here (CMAKE_CROSSCOMPILING_EMULATOR), or python3 is missing, what it makes is not there.
set(manual ${PROJECT_BINARY_DIR}/manual)
file(MAKE_DIRECTORY ${manual})
set(manual_files)

function(manual_page name section component) # with LRS_PACKAGES as Debian has it: compressed, without a name and a time in it
  set(file ${manual}/${name}.${section})
  if(LRS_PACKAGES)
    find_program(GZIP gzip REQUIRED)
    add_custom_command(OUTPUT ${file}.gz COMMAND ${GZIP} -9nc ${file} > ${file}.gz DEPENDS ${file} VERBATIM)
    set(file ${file}.gz)
  endif()
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
  set(manual_files ${manual_files} ${file} PARENT_SCOPE)
endfunction()

if(TARGET lrsc AND (NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR))
  foreach(pair man:lrsc.1 bash:lrsc zsh:_lrsc fish:lrsc.fish)
    string(REGEX MATCH "^(.*):(.*)$" pair ${pair})
    add_custom_command(OUTPUT ${manual}/${CMAKE_MATCH_2} COMMAND lrsc --print=${CMAKE_MATCH_1} > ${manual}/${CMAKE_MATCH_2} DEPENDS lrsc VERBATIM)
    list(APPEND manual_files ${manual}/${CMAKE_MATCH_2})
  endforeach()
  manual_page(lrsc 1 runtime)
  set(zsh zsh/site-functions)
  if(LRS_PACKAGES)
    set(zsh zsh/vendor-completions)
  endif()
  install(FILES ${manual}/lrsc DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT runtime)
  install(FILES ${manual}/_lrsc DESTINATION ${CMAKE_INSTALL_DATADIR}/${zsh} COMPONENT runtime)
  install(FILES ${manual}/lrsc.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT runtime)
endif()

find_package(Python3 COMPONENTS Interpreter QUIET)
if(Python3_FOUND)
  add_custom_command(OUTPUT ${manual}/lrs.3 ${manual}/lrs.5
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/manpages ${manual}
    DEPENDS ${PROJECT_SOURCE_DIR}/scripts/manpages ${PROJECT_SOURCE_DIR}/docs/language.md ${PROJECT_SOURCE_DIR}/grammar/lrs.ebnf
            ${PROJECT_SOURCE_DIR}/include/lrs/lrs.h
    VERBATIM)
  manual_page(lrs 5 runtime)
  manual_page(lrs 3 development)
endif()
add_custom_target(lrs_manual ALL DEPENDS ${manual_files})
