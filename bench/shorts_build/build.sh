#!/usr/bin/env bash
set -euo pipefail

shorts build "$1" ${PARAMETERS:+--parameter-overrides "$PARAMETERS"}
mkdir -p out
ln -f ".aws-sam/build/$1.zip" "out/$1.zip"
