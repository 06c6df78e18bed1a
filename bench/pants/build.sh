#!/usr/bin/env bash
set -euo pipefail
case $1 in EchoFunction) code=echo ;; PlotFunction) code=plot ;; esac

pants package "$code:$1"
