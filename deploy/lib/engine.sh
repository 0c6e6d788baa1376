# shellcheck shell=bash
# A container engine, in which the tests have a PostgreSQL that is not the installed one. Sourced after
# prerequisites.sh, not run.
#
#   need_engine           uses the Docker engine that runs. As root, where none does, installs Debian's,
#                         starts it until this shell ends, and makes the base of our images with
#                         debootstrap, so that no registry of images need be reachable. Otherwise says
#                         what to do and exits 2. Call it last: it sets the trap on EXIT.
#   need_compose          the same for compose: the engine's own, or Debian's docker-compose.

readonly ENGINE_BASE=debian:trixie-slim
readonly ENGINE_BASE_LABEL=io.github.pgqfleet.base=debootstrap
ENGINE_PID=
ENGINE_LOG=

engine_runs() {
  command -v docker >/dev/null && docker info >/dev/null 2>&1
}

install_engine() {
  local install=apt_install
  # Where nothing starts services, nothing stops them either: that is for us to do.
  if [ ! -d /run/systemd/system ]; then install=apt_install_stopped; fi
  say "Installing docker.io and debootstrap"
  if ! apt_has docker.io || ! "$install" docker.io debootstrap; then
    apt-get update >&2 || say "apt-get update failed; going on with the lists there are"
    "$install" docker.io debootstrap || say "The installation failed"
  fi
}

start_engine() {
  local tries
  ENGINE_LOG=$(mktemp)
  # In a session of its own: Ctrl-C must not end it before the tests have removed their containers.
  setsid dockerd >"$ENGINE_LOG" 2>&1 </dev/null &
  ENGINE_PID=$!
  trap stop_engine EXIT
  for ((tries = 0; tries < 60; tries++)); do
    if engine_runs; then return 0; fi
    if ! kill -0 "$ENGINE_PID" 2>/dev/null; then break; fi
    sleep 1
  done
  say "dockerd did not start:"
  tail -n 20 "$ENGINE_LOG" >&2
  return 1
}

stop_engine() {
  if [ -n "$ENGINE_PID" ]; then
    kill "$ENGINE_PID" 2>/dev/null || true
    wait "$ENGINE_PID" 2>/dev/null || true
    rm -f "$ENGINE_LOG"
    ENGINE_PID=
  fi
}

make_engine_base() {
  local directory status=0
  if docker image inspect "$ENGINE_BASE" >/dev/null 2>&1; then return 0; fi
  say "Making $ENGINE_BASE with debootstrap"
  directory=$(mktemp -d)
  { debootstrap --variant=minbase "${ENGINE_BASE:7:6}" "$directory" >&2 &&
    tar --directory "$directory" --create . | docker import --change "LABEL $ENGINE_BASE_LABEL" - "$ENGINE_BASE" >&2; } || status=1
  rm -rf "$directory"
  return "$status"
}

need_engine() {
  if ! engine_runs && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    if ! command -v dockerd >/dev/null || ! command -v debootstrap >/dev/null; then
      install_engine
    fi
    if engine_runs || { command -v dockerd >/dev/null && start_engine; }; then
      make_engine_base || say "$ENGINE_BASE could not be made; the engine will try to pull it"
    fi
  fi
  if ! engine_runs; then
    say "Missing:"
    say "  - a container engine, for the tests on another PostgreSQL than the installed one (docker info
    fails). Debian, Ubuntu: docker.io; its service must run, and this user may use it"
    if [ "$(id -u)" -ne 0 ]; then say "Install it, or run this as root to have it installed."; fi
    exit 2
  fi
  if [ -n "$(docker image ls --quiet --filter "label=$ENGINE_BASE_LABEL" "$ENGINE_BASE")" ]; then
    # Where we made the base, no registry is counted on, from which Testcontainers' helpers would come.
    export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_CHECKS_DISABLE=true
    export TESTCONTAINERS_TINYIMAGE_CONTAINER_IMAGE=$ENGINE_BASE
  fi
  if [ -n "$ENGINE_PID" ]; then
    # On this host, even where this host looks like a container to Testcontainers.
    export TESTCONTAINERS_HOST_OVERRIDE=localhost
  fi
  say "Using container engine $(docker version --format '{{.Server.Version}}')"
}

find_compose() {
  docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null
}

need_compose() {
  if ! find_compose && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    say "Installing docker-compose"
    if ! apt_has docker-compose || ! apt_install docker-compose; then
      apt-get update >&2 || say "apt-get update failed; going on with the lists there are"
      apt_install docker-compose || say "The installation failed"
    fi
  fi
  if ! find_compose; then
    say "Missing:"
    say "  - docker compose (looked for the engine's plugin, and for docker-compose on PATH)"
    if [ "$(id -u)" -ne 0 ]; then say "Install it, or run this as root to have it installed."; fi
    exit 2
  fi
}
