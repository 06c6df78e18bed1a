#!/usr/bin/env bash
set -euo pipefail
image=public.ecr.aws/sam/build-python3.13:latest-x86_64
cache=${PIP_CACHE_DIR:-$HOME/.cache/pip}
case $1 in EchoFunction) code=echo ;; PlotFunction) code=plot ;; esac

rm -rf out package
mkdir -p out "$cache"
# Plot's list has all that Echo requires: it is the one that both share.
docker run --rm --user "$(id -u):$(id -g)" --env PIP_INDEX_URL --env PIP_CACHE_DIR=/cache \
  --volume "$cache:/cache" --volume "$PWD:/work" --workdir /work "$image" \
  pip install --quiet --no-compile --target package -r plot/requirements.txt
cp -r "$code/." package
cd package
zip -qr "../out/$1.zip" .
