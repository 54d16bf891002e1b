"""What BenchServer serves, on Flask with Flask-Threads; gunicorn runs it."""

import uuid

import jwt
from flask import Flask, abort, current_app, g, jsonify, request
from flaskthreads import ThreadPoolWithAppContextExecutor

LARGE = b"x" * (1 << 20)


def make(steps=False, routes=0, secret="", folder=""):
    app = Flask(__name__, static_folder=folder or None, static_url_path="/files")

    if steps:
        @app.before_request
        def prepare():
            g.request_id = request.headers.get("x-request-id") or uuid.uuid4().hex
            g.user_id = request.headers.get("user-id", "nobody")
            g.theme = request.cookies.get("theme", "light")
            credentials = request.headers.get("authorization", "")
            if credentials:
                try:
                    g.user = jwt.decode(credentials.removeprefix("Bearer "), secret, algorithms=["HS256"])
                except jwt.InvalidTokenError:
                    abort(401)

        @app.after_request
        def finish(response):
            response.headers["x-request-id"] = g.request_id
            return response

    @app.get("/hello")
    def hello():
        return "Hello, World!", {"Content-Type": "text/plain"}

    @app.get("/json")
    def json():
        return jsonify(name="orders", items=[
            {"id": i, "name": f"item number {i}", "price": i * 1.25, "isAvailable": i % 3 != 0} for i in range(1, 15)
        ])

    @app.post("/json")
    def decode():
        return str(len(request.get_json()))

    # As its README does: a pool for the request, whose jobs have the request's app context.
    @app.get("/job")
    def job():
        with ThreadPoolWithAppContextExecutor(max_workers=1) as pool:
            return pool.submit(lambda: f"Hello, World! {current_app.name}").result()[:13]

    @app.get("/jobs")
    def jobs():
        with ThreadPoolWithAppContextExecutor(max_workers=2) as pool:
            return str(sum(future.result() for future in [pool.submit(int, number) for number in range(1, 9)]))

    @app.post("/upload")
    def upload():
        count = 0
        while chunk := request.stream.read(64 * 1024):
            count += len(chunk)
        return str(count)

    @app.get("/download")
    def download():
        return LARGE, {"Content-Type": "application/octet-stream"}

    for number in range(routes):
        app.add_url_rule(f"/r{number}/<id>", f"r{number}", lambda id: id)
    return app
