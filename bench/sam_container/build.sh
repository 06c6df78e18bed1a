#!/usr/bin/env bash
set -euo pipefail

sam build --cached --use-container --skip-pull-image --template "$1.yaml" \
  ${PIP_INDEX_URL:+--container-env-var "PIP_INDEX_URL=$PIP_INDEX_URL"}
