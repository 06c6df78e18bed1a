#!/usr/bin/env bash
set -euo pipefail

sam build "$1" --cached --use-container --skip-pull-image \
  ${PIP_INDEX_URL:+--container-env-var "PIP_INDEX_URL=$PIP_INDEX_URL"}
