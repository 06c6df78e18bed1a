#!/usr/bin/env bash
set -euo pipefail
case $1 in EchoFunction) code=echo ;; PlotFunction) code=plot ;; esac

rm -rf out "$1.pex"
pex --layout packed --complete-platform platform.json --lock "$code.lock" \
  --sources-directory "$code" --output-file "$1.pex"
pex3 venv create --layout flat-zipped --complete-platform platform.json \
  --pex-repository "$1.pex" --dest-dir "out/$1"
