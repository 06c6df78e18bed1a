#!/usr/bin/env bash
set -euo pipefail

sam build --cached --template "$1.yaml"
