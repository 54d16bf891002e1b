#!/usr/bin/env bash
# Builds and tests Examples/LoadablePlugin, and loads it: into the baton that its package builds, which must serve it with the
# context that jobs see; and into Examples/HelloWorld, a program that exports nothing, which must refuse it. To be run behind
# the builds of these examples.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}

# The folder of an example that has the same modules of Baton: they need not be built once more.
build=(--package-path Examples/LoadablePlugin --scratch-path Examples/CustomMiddleware/.build)
"$swift" build "${build[@]}"
"$swift" test "${build[@]}"
products=$("$swift" build "${build[@]}" --show-bin-path)

folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir "$folder/plugins"
cp "$products/libTenantID.so" "$folder/plugins/"
cat > "$folder/config.yml" <<'YAML'
plugins: [plugins/libTenantID.so]
chain: [request-id, tenant-id, g]
middleware:
  tenant-id: { header: x-tenant, required: true }
  g: { values: { userID: { constant: alice } } }
YAML

expect() {
    grep -qF -- "$2" <<< "$1" || { printf 'expected "%s" in:\n%s\n' "$2" "$1" >&2; exit 1; }
}

expect "$("$products/baton" chain -c "$folder/config.yml")" "tenant-id from $folder/plugins/libTenantID.so"

"$products/baton" serve -c "$folder/config.yml" --port 0 > "$folder/output" 2> "$folder/log" &
server=$!
for _ in $(seq 100); do
    grep -q '^Try:' "$folder/output" && break
    kill -0 "$server" || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
done
address=$(grep -oE 'http://[0-9.:]+' "$folder/output" | head -1)
expect "$(curl -sS "$address/user/executor")" "The header field x-tenant is missing."
expect "$(curl -sS -H 'x-tenant: shop' "$address/user/executor")" "alice"

# No code of it has run then, and no second Baton is in the process.
closed=$(cd "$folder" && "$OLDPWD/Examples/HelloWorld/.build/debug/HelloWorld" 2>&1) && {
    echo "a program that exports nothing has loaded a plug-in" >&2
    exit 1
}
expect "$closed" "this program shares none of its code with plug-ins"
echo "the plug-in was loaded, and refused where it must be"
