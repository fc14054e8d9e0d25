#!/usr/bin/env bash
# The contract suite's runners for TypeScript: see tests/contract/README.md.
source "$(dirname "$0")/../../../tools/setup/common.sh"

readonly users=.run/clients/typescript

# The output is "v20.20.2".
has_node() {
  local version
  version=$(node --version 2>/dev/null)
  version=${version#v}
  ((${version%%.*} >= 20)) && command -v npm >/dev/null
}

case $1 in
  missing) has_node 2>/dev/null || echo 'Node.js 20 with npm' ;;
  build)
    tools/clients/generate.sh typescript
    (cd client/typescript && npm run --silent build)
    # Installed as users install it: the package, and its dependencies beside it.
    rm -rf "$users"
    mkdir -p "$users/node_modules/@docspace/apikeys"
    (cd client/typescript && npm pack --silent --ignore-scripts --pack-destination "$OLDPWD/$users" >/dev/null)
    tar -xzf "$users"/*.tgz -C "$users/node_modules/@docspace/apikeys" --strip-components=1
    ln -s "$PWD"/client/typescript/node_modules/@{bufbuild,grpc,types} "$users/node_modules"
    cp -r client/typescript/{example/example.ts,tests} tests/contract/typescript/{runner.ts,tsconfig.json,tsconfig.cjs.json} "$users"
    echo '{"type": "module"}' >"$users/package.json"
    client/typescript/node_modules/.bin/tsc -p "$users"
    client/typescript/node_modules/.bin/tsc -p "$users/tsconfig.cjs.json"
    echo '{"type": "commonjs"}' >"$users/cjs/package.json"
    ;;
  test)
    client/typescript/node_modules/.bin/prettier --log-level warn --check --print-width 120 \
      client/typescript/{example,src/*.ts,tests} tests/contract/typescript
    node --test "$users"/esm/tests/*.test.js
    ;;
  example) echo "typescript node $users/esm/example.js" ;;
  list)
    echo "typescript node $users/esm/runner.js"
    echo "typescript-commonjs node $users/cjs/runner.js"
    ;;
esac
