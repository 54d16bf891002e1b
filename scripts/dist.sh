#!/bin/sh
# Builds dist/baton: one file with Swift's own libraries and brotli in it, without symbols. Of a bare Debian it needs libevent
# (apt-get install libevent-core-2.1-7) and nothing else that is not there already.
set -eu
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
scratch=.build-dist
# The linker takes the first file of a name that it finds, so brotli's archives stand in a folder of their own, and the
# descriptions of all libraries name that one instead of the system's, where the shared ones stand, too.
archives=$PWD/$scratch/archives
mkdir -p "$archives" dist
for module in libevent_core libcrypt zlib libbrotlienc libzstd; do
    file=$(pkg-config --variable=pcfiledir "$module")/$module.pc
    sed "s|^libdir=.*|libdir=$archives|" "$file" > "$archives/$module.pc"
done
folder=$(pkg-config --variable=libdir libbrotlienc)
for name in libbrotlienc.a libbrotlicommon.a; do ln -sf "$folder/$name" "$archives/$name"; done
export PKG_CONFIG_PATH="$archives"

"$swift" build -c release --product baton --static-swift-stdlib --scratch-path "$scratch" \
    -Xlinker -lbrotlienc -Xlinker -lbrotlicommon
built=$("$swift" build -c release --static-swift-stdlib --scratch-path "$scratch" --show-bin-path)
strip -o dist/baton "$built/baton"

# It must start where nothing tells it of a toolchain.
env -i ./dist/baton check --config config.yml >/dev/null
echo "dist/baton: $(($(stat -c %s dist/baton) / 1024)) KiB; it needs"
LC_ALL=C ldd dist/baton | awk '{ print "  " $1 }'
