#!/usr/bin/env bash
set -euo pipefail

sam build --beta-features --template "$1.yaml"
