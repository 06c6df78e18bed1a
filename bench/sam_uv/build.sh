#!/usr/bin/env bash
set -euo pipefail

sam build "$1" --cached --beta-features
