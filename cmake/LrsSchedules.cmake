# LrsSchedules.cmake: lrs schedules as sources of a CMake target.
#
# In: .lrs files and a target.  Out: a build rule that runs lrsc on each, its object (or C file) in the target, its header
# on the target's include path.  Needs CMake 3.20 or newer, and Make or Ninja (for the dependency files).
#
#   lrs_add_schedules(<target> SOURCES a.lrs...
#                     [PREFIX p] [DEFINES name=value...] [OPTIONS option...] [EMIT obj|c])
#
# For a.lrs the program says #include "a.h". Call it in the directory that made the target.
#
#   PREFIX   what the names in the header begin with. Without it a single file keeps lrsc's own choice: its name (a_lr,
#            a_state, ...), and get_lr for the state that the object holds. Several files need several names for that:
#            each then has its own name as prefix (a_get_lr), or p_a (p_a_get_lr) with PREFIX p. With a prefix, p_get_lr is
#            the function with the object's own state, and p_get_lr_r the one that takes a p_state.
#   DEFINES  makes params into constants: lrsc -D name=value.
#   OPTIONS  any other option of lrsc, such as -O3 or --cpu=x86-64.
#   EMIT     obj: lrsc writes machine code. c: lrsc writes C, which the project's C compiler compiles; the values are the
#            same to the last bit. The default is obj; it is c when cross-compiling, and when lrsc has no LLVM. C must be one
#            of the project's languages then: project(... LANGUAGES C CXX).
#
# lrsc is the target lrs::lrsc or lrsc where one exists; find_package(lrs) makes the first of them. Else it is searched for as a
# program, first where this file is installed with it, and -DLRSC=/path/to/lrsc says where it is; when cross compiling, it is
# one that runs on this machine. A change of the .lrs file, of a file that it uses, or of lrsc itself makes the rule run again.

include_guard(GLOBAL)

# Sets <out> to the lrsc to run: a target or a path.
function(_lrs_find_compiler out)
  foreach(candidate lrs::lrsc lrsc)
    if(TARGET ${candidate})
      set(${out} ${candidate} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(here "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  set(beside "")
  if(here MATCHES "/cmake/lrs$" AND NOT CMAKE_CROSSCOMPILING) # installed in PREFIX/lib/cmake/lrs, where lib may be lib/x86_64-linux-gnu
    set(beside "${here}/../../../bin" "${here}/../../../../bin")
  endif()
  find_program(LRSC lrsc HINTS ${beside} NO_CMAKE_FIND_ROOT_PATH DOC "The lrs compiler")
  if(NOT LRSC)
    message(FATAL_ERROR "lrs_add_schedules: lrsc was not found. Install lrs, or set -DLRSC=/path/to/lrsc.")
  endif()
  set(${out} "${LRSC}" PARENT_SCOPE)
endfunction()

# Sets <out> to what <lrsc> writes best for this project: obj or c.
function(_lrs_default_emit out lrsc)
  set(${out} obj PARENT_SCOPE)
  if(CMAKE_CROSSCOMPILING)
    set(${out} c PARENT_SCOPE)
    return()
  endif()
  set(program "${lrsc}")
  if(TARGET ${lrsc})
    get_target_property(program ${lrsc} IMPORTED_LOCATION)
    if(NOT program) # in the build of lrs itself: not there yet
      if(DEFINED LRS_LLVM AND NOT LRS_LLVM)
        set(${out} c PARENT_SCOPE)
      endif()
      return()
    endif()
  endif()
  execute_process(COMMAND "${program}" --version OUTPUT_VARIABLE about ERROR_QUIET)
  if(about MATCHES "LLVM: none")
    set(${out} c PARENT_SCOPE)
  endif()
endfunction()

# Stops when one of the <sources> is no file and looks like a keyword that is not one.
function(_lrs_check_keywords sources)
  foreach(given IN LISTS sources)
    get_filename_component(source "${given}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    if(given MATCHES "^[A-Z][A-Za-z_]+$" AND NOT EXISTS "${source}")
      string(SUBSTRING "${given}" 0 3 begin)
      string(TOUPPER "${begin}" begin)
      foreach(keyword PREFIX DEFINES OPTIONS EMIT)
        if(keyword MATCHES "^${begin}")
          message(FATAL_ERROR "lrs_add_schedules: there is no file ${given}. Did you mean ${keyword}?")
        endif()
      endforeach()
      if(given MATCHES "^[A-Z_]+$")
        message(FATAL_ERROR "lrs_add_schedules: there is no file ${given}. The keywords are SOURCES, PREFIX, DEFINES, OPTIONS and EMIT.")
      endif()
    endif()
  endforeach()
endfunction()

# Sets <out> to whether a rule of the <directory>, or of one below it, makes the <source>.
function(_lrs_is_made out source directory)
  get_source_file_property(made "${source}" DIRECTORY "${directory}" GENERATED)
  get_property(below DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(child IN LISTS below)
    if(NOT made)
      _lrs_is_made(made "${source}" "${child}")
    endif()
  endforeach()
  set(${out} "${made}" PARENT_SCOPE)
endfunction()

# Tells of sources that are no files, and that no rule makes. It is called at the end of the project, since rules may stand anywhere.
# What is in a build directory of its own is taken to be made.
function(_lrs_check_sources)
  get_property(sources GLOBAL PROPERTY _LRS_SOURCES)
  list(REMOVE_DUPLICATES sources)
  foreach(source IN LISTS sources)
    string(FIND "${source}" "${CMAKE_BINARY_DIR}/" in_build)
    if(EXISTS "${source}" OR (in_build EQUAL 0 AND NOT CMAKE_BINARY_DIR STREQUAL CMAKE_SOURCE_DIR))
      continue()
    endif()
    _lrs_is_made(made "${source}" "${CMAKE_SOURCE_DIR}")
    if(NOT made)
      message(WARNING "lrs_add_schedules: there is no file ${source}, and no rule that makes it. If something else makes it, say so:\n"
        "  set_source_files_properties(\"${source}\" PROPERTIES GENERATED TRUE)")
    endif()
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _lrs_check_sources)

function(lrs_add_schedules target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PREFIX;EMIT" "SOURCES;DEFINES;OPTIONS")
  if(NOT TARGET ${target})
    message(FATAL_ERROR "lrs_add_schedules: there is no target ${target}.")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "lrs_add_schedules: unknown arguments: ${arg_UNPARSED_ARGUMENTS}.")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "lrs_add_schedules: SOURCES is missing.")
  endif()
  _lrs_check_keywords("${arg_SOURCES}")
  _lrs_find_compiler(lrsc)
  if(NOT arg_EMIT)
    _lrs_default_emit(arg_EMIT "${lrsc}")
  endif()
  if(NOT arg_EMIT MATCHES "^(obj|c)$")
    message(FATAL_ERROR "lrs_add_schedules: EMIT is obj or c, not ${arg_EMIT}.")
  endif()
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(arg_EMIT STREQUAL c AND NOT C IN_LIST languages) # CMake would take the file for a header, and compile nothing
    message(FATAL_ERROR "lrs_add_schedules: the schedules of ${target} are compiled as C, which is no language of this project: "
      "write project(... LANGUAGES C CXX), or call enable_language(C).")
  endif()

  set(depends ${lrsc})
  if(TARGET lrs_llvm) # in the build of lrs itself: the plugin that lrsc writes objects with
    list(APPEND depends lrs_llvm)
  endif()
  list(LENGTH arg_SOURCES count)
  set(dir "${CMAKE_CURRENT_BINARY_DIR}/lrs/${target}")
  file(MAKE_DIRECTORY "${dir}")
  set(common ${arg_OPTIONS})
  foreach(define IN LISTS arg_DEFINES)
    list(APPEND common -D "${define}")
  endforeach()

  foreach(given IN LISTS arg_SOURCES)
    get_filename_component(source "${given}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    set_property(GLOBAL APPEND PROPERTY _LRS_SOURCES "${source}")
    get_filename_component(stem "${source}" NAME_WLE)
    set(options ${common})
    if(count GREATER 1)
      string(MAKE_C_IDENTIFIER "${stem}" prefix)
      if(arg_PREFIX)
        set(prefix "${arg_PREFIX}_${prefix}")
      endif()
      list(APPEND options "--prefix=${prefix}")
    elseif(arg_PREFIX)
      list(APPEND options "--prefix=${arg_PREFIX}")
    endif()

    set(header "${dir}/${stem}.h")
    if(arg_EMIT STREQUAL c)
      set(output "${dir}/${stem}.c")
    else()
      set(output "${dir}/${stem}.o")
    endif()
    add_custom_command(
      OUTPUT "${output}" "${header}"
      COMMAND ${lrsc} ${options} --emit=${arg_EMIT},header -MD -MF "${output}.d" -o "${output}" "${source}"
      DEPENDS "${source}" ${depends}
      DEPFILE "${output}.d"
      COMMENT "Compiling schedule ${stem}.lrs"
      VERBATIM)

    target_sources(${target} PRIVATE "${output}" "${header}")
    if(arg_EMIT STREQUAL obj)
      set_source_files_properties("${output}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
    elseif(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
      # Whatever the project's own flags are: gcc would fuse multiplications and additions by default, and fast-math
      # would reorder them, which changes last bits.
      set_source_files_properties("${output}" PROPERTIES COMPILE_OPTIONS "-ffp-contract=off;-fno-fast-math;-w")
    endif()
  endforeach()

  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${dir}>")
  if(UNIX)
    # fma, the only function that a schedule may call. As properties: target_link_libraries has two forms, which do not go together
    # on one target, and the project may use either.
    set_property(TARGET ${target} APPEND PROPERTY LINK_LIBRARIES m)
    set_property(TARGET ${target} APPEND PROPERTY INTERFACE_LINK_LIBRARIES m)
  endif()
endfunction()
