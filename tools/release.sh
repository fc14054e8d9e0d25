#!/usr/bin/env bash
source "$(dirname "$0")/setup/common.sh"
source tools/setup/publication.sh

usage() {
  cat <<'EOF'
Usage: tools/release.sh [--check] [PART...]

Makes everything that would be published and writes it into dist/, with the checksums. It publishes nothing.
Without PART it empties dist/ first and makes all parts. As root, because the image is laid out with buildah.

  image       the image as an OCI archive
  chart       the Helm chart
  debian      the Debian package of the gateway and docspace-keys
  proto       the proto, with its descriptor set
  python      wheel and sdist
  typescript  the package of npm
  java        jars of Java and Kotlin, with their sources and POMs
  ruby        the gem
  rust        the crate
  go          the zip of the module
  sbom        bills of materials in CycloneDX: of the gateway with its Debian libraries, and of the clients

  --check     makes them twice, and fails if a byte differs

The same commit makes the same bytes: all dates are that of the commit, or of SOURCE_DATE_EPOCH. A part whose
toolchain is missing is reported, and the exit status is then 1.
EOF
}

readonly parts=(image chart debian proto python typescript java ruby rust go sbom)
readonly name=docspace-apikeys-gateway
readonly work=$PWD/.run/release
readonly tree=$work/tree
dist=$PWD/dist
missing=()

# pack FOLDER: writes the folder as a tar archive in which nothing depends on the machine. No name begins with `./`,
# because Helm would not find the chart.
pack() {
  tar --create --sort=name --format=posix --pax-option=delete=atime,delete=ctime --mtime="@$SOURCE_DATE_EPOCH" \
    --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX --directory="$1" \
    --files-from=<(find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort)
}

# Copies the tracked files into a folder of their own, so that nothing else gets into a package, and adds the licence
# and the generated stubs of the clients.
copy_tree() {
  local folder generated
  rm -rf "$tree"
  mkdir -p "$tree"
  git ls-files -z client proto tests/contract | xargs -0 cp --parents --target-directory="$tree"
  for folder in "$tree"/client/{python,typescript,ruby,rust,go,{java/apikeys,kotlin}/src/main/resources/META-INF}; do
    install -D --mode=644 --target-directory="$folder" LICENSE
  done
  for generated in client/{python/src,ruby/lib}/docspace/apikeys/v1 client/typescript/{src/gen,dist}; do
    [[ ! -d $generated ]] || cp -r --parents "$generated" "$tree/"
  done
}

# Returns 1 if the machine lacks anything for the language, and remembers what.
has_toolchain() {
  local lacks
  lacks=$("tests/contract/$1/runner.sh" missing)
  [[ -n $lacks ]] || return 0
  missing+=("$1: this machine lacks $lacks")
  return 1
}

# Makes the root folder of the image, and sets `root` to the folder that has it.
lay_out_image() {
  root=$work/image
  bazel build -c opt "//server:$name"
  rm -rf "$root"
  mkdir -p "$root/context" "$root/layout"
  deploy/root.sh "$(bazel info -c opt bazel-bin 2>/dev/null)/server/$name" "$root/context/root-of-gateway"
}

make_image() {
  local root
  lay_out_image
  # The context replaces the stage that compiles; the rest of the Dockerfile is as it is for everybody.
  engine build --isolation=chroot --format=oci --build-context="build=$root/context" --timestamp="$SOURCE_DATE_EPOCH" \
    --label="org.opencontainers.image.version=$(version)" --ignorefile=.dockerignore --file=deploy/Dockerfile \
    --tag="$name:$(version)" .
  engine push --quiet "$name:$(version)" "oci:$root/layout:$(version)"
  pack "$root/layout" >"$dist/$name-$(version).oci.tar"
}

engine() {
  buildah --storage-driver=vfs --root="$work/storage" --runroot="$work/storage-run" "$@"
}

make_chart() {
  local unpacked=$work/chart
  rm -rf "$unpacked"
  mkdir -p "$unpacked"
  tools/check/deploy.sh package "$unpacked"
  # Helm writes the time of the packing into the archive.
  tar --extract --gzip --file="$unpacked/$name-$(version).tgz" --directory="$unpacked"
  rm "$unpacked/$name-$(version).tgz"
  pack "$unpacked" | gzip --no-name --best >"$dist/$name-$(version).tgz"
  .run/deploy/bin/helm show chart "$dist/$name-$(version).tgz" >/dev/null
}

make_debian() { tools/package.sh deb "$dist"; }

make_proto() {
  local folder=$work/proto
  bazel build -c opt //proto:api_keys_descriptor_set
  rm -rf "$folder"
  mkdir -p "$folder/docspace-apikeys-proto-$(version)"
  cp -r LICENSE proto/docspace "$(bazel info -c opt bazel-bin 2>/dev/null)/proto/api_keys_descriptor_set.binpb" \
    "$folder/docspace-apikeys-proto-$(version)"
  pack "$folder" | gzip --no-name --best >"$dist/docspace-apikeys-proto-$(version).tar.gz"
}

make_python() {
  has_toolchain python || return 0
  tools/clients/generate.sh python
  copy_tree
  (cd "$tree/client/python" && "$OLDPWD/.run/clients/python/bin/python" -m hatchling build -d "$dist")
}

make_typescript() {
  has_toolchain typescript || return 0
  tools/clients/generate.sh typescript
  rm -rf client/typescript/dist
  (cd client/typescript && npm run --silent build)
  copy_tree
  (cd "$tree/client/typescript" && npm pack --silent --ignore-scripts --pack-destination "$dist")
}

# The jars of a module, and the POM that a repository needs beside them.
make_java() {
  local module version
  has_toolchain java || return 0
  version=$(version)
  copy_tree
  mvn --batch-mode --quiet --strict-checksums --file "$tree/client/java/pom.xml" --projects :apikeys,:apikeys-kotlin \
    --also-make -DskipTests "-Dproject.build.outputTimestamp=$SOURCE_DATE_EPOCH" package
  cp "$tree/client/java/pom.xml" "$dist/apikeys-parent-$version.pom"
  for module in java/apikeys kotlin; do
    cp "$tree/client/$module/pom.xml" "$dist/$(artifact "$module")-$version.pom"
    cp "$tree/client/$module/target/$(artifact "$module")-$version"{,-sources}.jar "$dist/"
  done
}

artifact() {
  case $1 in
    java/apikeys) echo apikeys ;;
    kotlin) echo apikeys-kotlin ;;
  esac
}

make_ruby() {
  local gem
  has_toolchain ruby || return 0
  tools/clients/generate.sh ruby
  copy_tree
  gem="$dist/docspace-apikeys-$(version).gem"
  (cd "$tree/client/ruby" && gem build --quiet --output "$gem" docspace-apikeys.gemspec)
}

make_rust() {
  has_toolchain rust || return 0
  copy_tree
  CARGO_TARGET_DIR=$work/rust cargo package --quiet --locked --no-verify --allow-dirty --package docspace-apikeys \
    --manifest-path "$tree/client/rust/Cargo.toml"
  cp "$work/rust/package/docspace-apikeys-$(version).crate" "$dist/"
}

make_go() {
  local version
  has_toolchain go || return 0
  version=v$(version)
  copy_tree
  (cd tools/clients/go && go run ./modulezip docspace.dev/apikeys "$version" "$tree/client/go") \
    >"$dist/docspace.dev-apikeys-$version.zip"
}

make_sbom() {
  local root
  python_environment tools/release/requirements.txt "$work/venv"
  lay_out_image
  copy_tree
  bill "$name" "$root/context/root-of-gateway" >"$dist/$name-$(version).cdx.json"
  bill docspace-apikeys-clients "$tree/client" >"$dist/docspace-apikeys-clients-$(version).cdx.json"
}

# bill NAME FOLDER: prints the bill of materials of what the folder holds.
bill() {
  SYFT_CHECK_FOR_APP_UPDATE=false "$work/venv/bin/syft" scan --quiet --source-name="$1" --source-version="$(version)" \
    --output=cyclonedx-json "dir:$2" | python3 tools/release/reproducible_bill.py
}

make() {
  local part
  mkdir -p "$dist" "$work"
  for part in "$@"; do
    say "Making $part"
    "make_$part" </dev/null
  done
  (cd "$dist" && rm -f SHA256SUMS && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
}

main() {
  local part first check='' chosen=()
  for part in "$@"; do
    case $part in
      -h | --help) usage && exit ;;
      --check) check=1 ;;
      *)
        [[ " ${parts[*]} " == *" $part "* ]] || { usage >&2 && exit 2; }
        chosen+=("$part")
        ;;
    esac
  done
  if ((!${#chosen[@]})); then
    chosen=("${parts[@]}")
    rm -rf "$dist"
  fi
  tools/setup/install.sh release
  use_reproducible_environment
  [[ -z $(git status --porcelain) ]] || echo 'The working tree has changes that no commit has, which get into the parts.' >&2
  make "${chosen[@]}"
  if [[ -n $check ]]; then
    say 'Making all of it once more'
    missing=()
    rm -rf "$work/second"
    first=$dist dist=$work/second
    make "${chosen[@]}"
    (cd "$first" && sha256sum --check --quiet "$dist/SHA256SUMS") || die 'The second run has made other bytes.'
    echo "ok: $(wc -l <"$dist/SHA256SUMS") files are the same"
  fi
  cat "$dist/SHA256SUMS"
  ((!${#missing[@]})) || { printf 'MISSING %s\n' "${missing[@]}" >&2 && exit 1; }
}

main "$@"
