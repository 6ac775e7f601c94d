# Compiles every hand-built program to an object, links them all with a C program that plays the script of calls, and runs it.
# usage: objects.sh MAKE_SCRIPT EMIT_OBJECTS SCRIPT_FOLDER WORK_FOLDER COMPILER RUNNER FLAGS
set -eu
make_script=$1 emit_objects=$2 sources=$3 work=$4 compiler=$5 runner=$6 flags=$7

for tool in ${compiler%% *} $runner; do
    if ! command -v "$tool" >/dev/null; then
        echo "SKIP: $tool is not installed"
        exit 77
    fi
done
rm -rf "$work"
mkdir -p "$work"
"$make_script" "$work"
"$emit_objects" "$work" $flags
# The C program is compiled without lrs and linked against nothing but the objects and libm.
$compiler -std=c99 -O1 -I"$sources" -I"$work" -o "$work/run" "$sources/run_script.c" "$work/table.c" "$work"/*.o -lm
$runner "$work/run" "$work/script.bin"
