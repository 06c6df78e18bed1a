#!/usr/bin/env bash
set -euo pipefail

shorts build "$1" ${PARAMETERS:+--parameter-overrides "$PARAMETERS"}
