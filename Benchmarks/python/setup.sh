#!/bin/sh
# Installs Flask-Threads, with the Flask of our day, into the folder that is named: setup.sh FOLDER
set -eu

python3 -m venv "$1"
"$1/bin/pip" install --quiet --disable-pip-version-check --timeout 20 --retries 1 'flask==3.1.*' 'flask-threads==0.2.0'
