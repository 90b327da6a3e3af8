#!/bin/sh
# Prints the path of the first Python >= 3.11 that runs: from PATH, then from the runner's tool cache, where
# hosted runners keep several versions that are on nobody's PATH. Fails without a word when there is none.

# A name on PATH may be a shim or a Windows store stub that cannot run, so each candidate is tried.
is_python_we_can_use() {
    "$1" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for name in python3 python python3.14 python3.13 python3.12 python3.11; do
    if is_python_we_can_use "$name"; then
        command -v "$name"
        exit 0
    fi
done

# On Windows the variable holds backslashes, which a shell pattern would take for quotes.
tool_cache=$(printf '%s' "${RUNNER_TOOL_CACHE:-}" | tr '\\' '/')
for path in "$tool_cache"/Python/3.*/*/bin/python3 "$tool_cache"/Python/3.*/*/python.exe; do
    if is_python_we_can_use "$path"; then
        printf '%s\n' "$path"
        exit 0
    fi
done
exit 1
