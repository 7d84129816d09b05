#!/usr/bin/env bash
# The browser that the tests drive: Debian's Chromium, installed when it is absent.
set -euo pipefail
command -v chromium >/dev/null && exit 0
apt-get update -qq
apt-get install --yes --no-install-recommends -qq chromium fonts-noto-core
