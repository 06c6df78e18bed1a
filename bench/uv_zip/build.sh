#!/usr/bin/env bash
set -euo pipefail
case $1 in EchoFunction) code=echo ;; PlotFunction) code=plot ;; esac

rm -rf out
mkdir out
uv pip install --quiet --target package --python 3.13 --python-platform x86_64-manylinux_2_34 \
  --no-installer-metadata --no-compile-bytecode -r "$code/requirements.txt"
(cd package && zip -qr "../out/$1.zip" .)
cd "$code"
zip -qr "../out/$1.zip" .
