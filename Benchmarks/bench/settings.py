"""The configuration files of the servers."""

from pathlib import Path

# The chains of config.yml at the root of the repository, whole, and without its log.
CHAINS = {
    "empty": "[]",
    "default": "[request-id, access-log, auth, g]",
    "quiet": "[request-id, auth, g]",
}

SECRET = "a-secret-of-the-benchmarks-of-some-length"

BATON = """\
server:
  host: 127.0.0.1
  port: {port}
  loops: 1
  limits: {{ connectionsPerAddress: 0 }}
pool: {{ workers: {workers} }}
chain: {chain}
middleware:
{middleware}
"""

MIDDLEWARE = {
    "auth": f"  auth: {{ required: false, secret: {SECRET} }}",
    "g": "  g: { values: { userID: { header: user-id, default: nobody }, theme: { cookie: theme, default: light } } }",
}

NGINX = """\
worker_processes 1;
daemon off;
pid {folder}/nginx-{port}.pid;
error_log {folder}/nginx-{port}.error;
worker_rlimit_nofile 20000;
events {{ worker_connections 16000; }}
http {{
    keepalive_requests 1000000000;
    sendfile on;
    types {{ text/plain txt; }}
    # As much as a line of Baton's access log tells.
    log_format line '$time_iso8601 $request_method $uri $status $body_bytes_sent $request_time $remote_addr $request_id';
    access_log {log};
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port} reuseport backlog=1024;
        default_type text/plain;
        location = /hello {{ return 200 "Hello, World!"; }}
{locations}
    }}
}}
"""


def baton(port, chain, workers=2, more=""):
    """The file of Baton: `chain` is one of CHAINS or a list in YAML; `more` are lines below `middleware`."""
    steps = CHAINS.get(chain, chain)
    options = [text for name, text in MIDDLEWARE.items() if name in steps] + ([more] if more else [])
    return BATON.format(port=port, chain=steps, workers=workers, middleware="\n".join(options) or "  {}")


def nginx(port, folder, log, locations=""):
    logs = {
        "off": "off",
        "on": f"{folder}/nginx-{port}.access line",
        # Baton collects its lines, too.
        "buffered": f"{folder}/nginx-{port}.access line buffer=64k flush=5ms",
    }
    return NGINX.format(port=port, folder=folder, log=logs[log], locations=locations)


def written(folder, name, text):
    file = Path(folder) / name
    file.write_text(text)
    return file
