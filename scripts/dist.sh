#!/bin/sh
# Builds dist/baton: one file with Swift's own libraries and brotli in it, without symbols. Of a bare Debian it needs libevent
# (apt-get install libevent-core-2.1-7) and nothing else that is not there already.
set -eu
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
scratch=.build-dist
# The linker takes the first file of a name that it finds: here there are only archives.
archives=$PWD/$scratch/archives
mkdir -p "$archives" dist
folder=$(pkg-config --variable=libdir libbrotlienc)
for name in libbrotlienc.a libbrotlicommon.a; do
    if [ ! -f "$folder/$name" ]; then
        echo "dist: $folder/$name is missing; the file will need libbrotli1 where it runs" >&2
        continue
    fi
    ln -sf "$folder/$name" "$archives/$name"
done

"$swift" build -c release --product baton --static-swift-stdlib --scratch-path "$scratch" \
    -Xlinker "-L$archives" -Xlinker -lbrotlienc -Xlinker -lbrotlicommon
built=$("$swift" build -c release --static-swift-stdlib --scratch-path "$scratch" --show-bin-path)
strip -o dist/baton "$built/baton"

# It must start where nothing tells it of a toolchain.
env -i ./dist/baton check --config config.yml >/dev/null
echo "dist/baton: $(($(stat -c %s dist/baton) / 1024)) KiB; it needs"
LC_ALL=C ldd dist/baton | awk '{ print "  " $1 }'
