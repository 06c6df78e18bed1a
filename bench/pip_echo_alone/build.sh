#!/usr/bin/env bash
set -euo pipefail
image=public.ecr.aws/sam/build-python3.13:latest-x86_64
cache=${PIP_CACHE_DIR:-$HOME/.cache/pip}

rm -rf out package
mkdir -p out "$cache"
docker run --rm --user "$(id -u):$(id -g)" --env PIP_INDEX_URL --env PIP_CACHE_DIR=/cache \
  --volume "$cache:/cache" --volume "$PWD:/work" --workdir /work "$image" \
  pip install --quiet --no-compile --target package -r echo/requirements.txt
cp -r echo/. package
cd package
zip -qr "../out/$1.zip" .
