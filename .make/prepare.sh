#!/bin/sh
# Finds a Python of 3.11 or later and lets it prepare the checkout. PYTHON=... names one.
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" "$(dirname "$0")/prepare.py" "$@"
    fi
done
found=$(${PYTHON:-python3} --version 2>/dev/null || echo 'no Python')
echo "Number Desk needs Python 3.11 or later; this machine has ${found}. Install it, or name one: make PYTHON=/path/to/python3.11 ..." >&2
exit 1
