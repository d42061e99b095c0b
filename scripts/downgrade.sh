#!/bin/sh
# Takes the running node back to an older version: a thin wrapper over `erlmcpctl downgrade`.
verb=downgrade
usage='usage: downgrade.sh <version> [--force] [--timeout=N] [--linger=N] [--why=TEXT] [--home=DIR] [--json]'

check_option() {
  case $1 in
    --force | --timeout=?* | --linger=?* | --why=?* | --home=?* | --json) ;;
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
