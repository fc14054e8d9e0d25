#!/usr/bin/env bash
# Makes the root folder of an image: deploy/root.sh PROGRAM FOLDER. It has the program, its libraries, certificate
# authorities and a user without privileges, and for scanners and lawyers Debian's record and licence of each package.
set -euo pipefail

program=$1 root=$2

# A container engine mounts file systems here, because the root is read-only.
mkdir -p "$root"/{dev,proc,sys}

install -D --mode=755 --strip "$program" "$root/usr/bin/${program##*/}"

# Each library goes to the path at which the loader looks for it, without links.
mapfile -t libraries < <(ldd "$program" | grep -o '/[^ ]*' | sort -u)
for library in "${libraries[@]}"; do
  install -D --mode=755 "$(realpath "$library")" "$root$library"
done

# OpenSSL looks for the authorities in its own folder, and gRPC in /etc.
install -D --mode=644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$root/usr/lib/ssl"
ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"

echo 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin' >"$root/etc/passwd"
echo 'nonroot:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
install -D --mode=644 /etc/os-release "$root/etc/os-release"

# dpkg knows some libraries by a path below the link /lib, and others by the target of the link.
owners() {
  for library in "${libraries[@]}"; do
    library=$(realpath "$library")
    dpkg-query --search "$library" 2>/dev/null || dpkg-query --search "${library#/usr}"
  done | cut -d: -f1
  echo ca-certificates
}

mkdir -p "$root/var/lib/dpkg/status.d"
for package in $(owners | sort -u); do
  dpkg-query --status "$package" >"$root/var/lib/dpkg/status.d/$package"
  install -D --mode=644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done
