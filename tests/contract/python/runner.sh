#!/usr/bin/env bash
# The contract suite's runners for Python: see tests/contract/README.md.
source "$(dirname "$0")/../../../tools/setup/common.sh"

readonly python=.run/clients/python/bin/python

case $1 in
  missing) python3 -c 'import ensurepip, venv, sys; assert sys.version_info >= (3, 11)' 2>/dev/null || echo 'Python 3.11 with venv' ;;
  build)
    tools/clients/generate.sh python
    # Installed as users install it: from the wheel.
    rm -rf .run/clients/wheel
    "$python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir .run/clients/wheel client/python
    "$python" -m pip install --quiet --no-deps --force-reinstall .run/clients/wheel/*.whl
    ;;
  test)
    "$python" -m ruff format --check --config client/python/pyproject.toml client/python tests/contract tests/interop tests/proxies bench/credentials.py
    "$python" -m ruff check --config client/python/pyproject.toml client/python tests/contract tests/interop tests/proxies bench/credentials.py
    "$python" -m pytest -q tests/contract
    # Checks the installed package, as a user's type checker does.
    "$python" -m mypy --config-file= --strict client/python/example
    cd client/python
    MYPYPATH=../../tests/contract/python "../../$python" -m mypy src/docspace example ../../tests/contract/python
    "../../$python" -m pytest tests
    ;;
  example) echo "python $python client/python/example/example.py" ;;
  list)
    echo "python $python tests/contract/python/runner.py"
    echo "python-asyncio $python tests/contract/python/runner_asyncio.py"
    ;;
esac
