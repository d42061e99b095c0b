#!/bin/sh
# Upgrades the running node: a thin wrapper over `erlmcpctl upgrade`.
verb=upgrade
usage='usage: upgrade.sh <version> [--dry-run] [--plan=ID] [--force] [--allow-breaking] [--timeout=N] [--linger=N] [--why=TEXT] [--drain] [--verify-only] [--wait-watch] [--home=DIR] [--json]'

check_option() {
  case $1 in
    --dry-run | --plan=?* | --force | --allow-breaking | --timeout=?* | --linger=?* | --why=?* | --drain | --verify-only | --wait-watch | --home=?* | --json) ;;
    *) return 1 ;;
  esac
}

wrong_usage() {
  echo "$verb.sh: $1" >&2
  echo "$usage" >&2
  exit 64
}

versions=0
for argument; do
  case $argument in
    -h | --help)
      echo "$usage"
      exit 0
      ;;
    -*) check_option "$argument" || wrong_usage "unknown option '$argument'" ;;
    *) versions=$((versions + 1)) ;;
  esac
done
[ "$versions" -eq 1 ] || wrong_usage "exactly one version is needed, $versions given"

self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self") || wrong_usage "can not read the link $self"
  case $target in
    /*) self=$target ;;
    *) self=$(dirname -- "$self")/$target ;;
  esac
done
exec "$(dirname -- "$self")/../bin/erlmcpctl" "$verb" "$@"
