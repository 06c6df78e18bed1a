#!/usr/bin/env bash
set -euo pipefail

sam build --cached --beta-features --template "$1.yaml"
