#!/usr/bin/env bash
# What the tests drive and watch with: Debian's Chromium and strace, installed when they are absent.
set -euo pipefail
command -v chromium >/dev/null && command -v strace >/dev/null && exit 0
apt-get update -qq
apt-get install --yes --no-install-recommends -qq chromium fonts-noto-core strace
